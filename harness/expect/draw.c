/* The ladder diagram, second half: how it looks.
 *
 * A row is composed on a canvas of one byte a column.  Lines, arrow heads and
 * the mark of a loss are control codes there, which no decoder's text can hold;
 * only when the canvas is printed do they become ASCII or box drawing. */
#include "expect/draw.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

enum {
    PREFIX_COLUMNS = 20, /* "* 12345   12345.6  " */
    MAX_COLUMNS = 200,
    SHAFT = 3, /* of an arrow, at the least, before its text */
};

enum glyph { LANE = 1, LINE, RIGHT, LEFT, GONE, GLYPHS };

static const char *const ascii[GLYPHS] = {
    [LANE] = "|", [LINE] = "-", [RIGHT] = ">", [LEFT] = "<", [GONE] = "x",
};
static const char *const box[GLYPHS] = {
    [LANE] = "│", [LINE] = "─", [RIGHT] = "→", [LEFT] = "←", [GONE] = "✗",
};

struct drawing {
    FILE *out;
    const json_t *hosts;
    struct draw_style style;
    int lanes;
    int width;          /* of the canvas */
    const char *ending; /* of a row: takes its colour back */
    char canvas[MAX_COLUMNS];
};

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

/* Column of a lane on the canvas. */
static int lane_column(const struct drawing *d, int lane)
{
    return d->lanes < 2 ? 0 : lane * (d->width - 1) / (d->lanes - 1);
}

static int find_lane(const struct drawing *d, const char *name)
{
    for (int i = 0; i < d->lanes; i++) {
        const json_t *host = json_array_get(d->hosts, (size_t)i);
        if (strcmp(json_string_value(host), name) == 0)
            return i;
    }
    return -1;
}

static void clear_canvas(struct drawing *d, bool lanes)
{
    memset(d->canvas, ' ', (size_t)d->width);
    for (int i = 0; lanes && i < d->lanes; i++)
        d->canvas[lane_column(d, i)] = LANE;
}

/* Puts text on the canvas, cut at column `end`. */
static void put(struct drawing *d, int column, int end, const char *text)
{
    for (; *text && column < end; text++, column++) {
        if (column >= 0)
            d->canvas[column] = *text;
    }
}

static void print_canvas(const struct drawing *d)
{
    int width = d->width;
    while (width > 0 && d->canvas[width - 1] == ' ')
        width--;
    for (int i = 0; i < width; i++) {
        unsigned char c = (unsigned char)d->canvas[i];
        if (c < GLYPHS)
            fputs(d->style.utf8 ? box[c] : ascii[c], d->out);
        else
            fputc(c, d->out);
    }
    fprintf(d->out, "%s\n", d->ending);
}

static void draw_names(struct drawing *d)
{
    int room = d->lanes < 2 ? d->width : d->width / (d->lanes - 1) - 1;
    clear_canvas(d, false);
    for (int i = 0; i < d->lanes; i++) {
        const char *name =
            json_string_value(json_array_get(d->hosts, (size_t)i));
        int length = (int)strlen(name);
        length = length < room ? length : room;
        int at = lane_column(d, i) - length / 2;
        if (at + length > d->width)
            at = d->width - length;
        if (at < 0)
            at = 0;
        put(d, at, at + length, name);
    }
    fprintf(d->out, "%*s%*s%s", 7, "#", PREFIX_COLUMNS - 9, "ms",
            d->lanes ? "  " : "");
    print_canvas(d);
}

/* An arrow that arrives: "--- DATA 12 (corrupt) ------>", text in the middle.
 * `low` and `high` are the columns between the two lanes. */
static void draw_arrow(struct drawing *d, int low, int high, bool rightward,
                       const char *text)
{
    int room = high - low + 1, length = (int)strlen(text);
    memset(d->canvas + low, LINE, (size_t)room);
    if (rightward)
        d->canvas[high] = RIGHT;
    else
        d->canvas[low] = LEFT;
    if (room < 6)
        return; /* lanes too narrow to say anything */
    if (length > room - 4)
        length = room - 4;
    int at = low + (room - length) / 2;
    d->canvas[at - 1] = d->canvas[at + length] = ' ';
    put(d, at, at + length, text);
}

/* One that does not arrive: "--- DATA 12 --x lost: loss 5%", or the mirror of
 * it.  Where there is little room the mark is cut, not what it is about. */
static void draw_loss(struct drawing *d, int low, int high, bool rightward,
                      const char *text, const char *mark, enum glyph head)
{
    int room = high - low + 1;
    int mark_room = room - (int)strlen(text) - 9; /* "--- text --x mark" */
    int shown = (int)strlen(mark);
    if (shown > mark_room)
        shown = mark_room > 0 ? mark_room : 0;
    char *said = rightward
                     ? str_format("%c%c%c %s %c%c%c %.*s", LINE, LINE, LINE,
                                  text, LINE, LINE, head, shown, mark)
                     : str_format("%.*s %c%c%c %s %c%c%c", shown, mark, head,
                                  LINE, LINE, text, LINE, LINE, LINE);
    int length = (int)strlen(said);
    put(d, rightward || length > room ? low : high + 1 - length, high + 1,
        said);
    free(said);
}

static const char *row_colour(const struct drawing *d, const json_t *row)
{
    if (!d->style.colour)
        return "";
    if (strcmp(text_of(row, "fate"), "lost") == 0)
        return "\033[31m";
    return json_is_true(json_object_get(row, "focus")) ? "\033[1m" : "";
}

static void draw_prefix(const struct drawing *d, const json_t *row)
{
    bool focus = json_is_true(json_object_get(row, "focus"));
    fprintf(d->out, "%c %5lld %10.1f  ", focus ? '*' : ' ',
            (long long)json_integer_value(json_object_get(row, "number")),
            json_number_value(json_object_get(row, "t_ms")));
}

/* A broadcast goes to whoever stands farthest away. */
static int lane_of_receiver(const struct drawing *d, const json_t *row,
                            int from)
{
    if (json_object_get(row, "to"))
        return find_lane(d, text_of(row, "to"));
    return from * 2 >= d->lanes ? 0 : d->lanes - 1;
}

static void draw_between(struct drawing *d, const json_t *row, int from, int to)
{
    const char *text = text_of(row, "text"), *mark = text_of(row, "mark");
    bool rightward = from < to;
    int low = lane_column(d, rightward ? from : to) + 1;
    int high = lane_column(d, rightward ? to : from) - 1;
    const char *all = json_object_get(row, "to") ? "" : " to all";
    const char *fate = text_of(row, "fate");
    bool lost = strcmp(fate, "lost") == 0;
    char *said = *mark ? str_format("%s%s (%s)", text, all, mark)
                       : str_format("%s%s", text, all);
    clear_canvas(d, true);
    if (strcmp(fate, "delivered") == 0)
        draw_arrow(d, low, high, rightward, said);
    else
        draw_loss(d, low, high, rightward, text, mark,
                  lost ? GONE : (rightward ? RIGHT : LEFT));
    print_canvas(d);
    free(said);
}

/* When there are too many hosts for lanes. */
static void draw_sentence(struct drawing *d, const json_t *row)
{
    const char *to = text_of(row, "to"), *mark = text_of(row, "mark");
    char *said = str_format("%s > %s: %s%s%s%s", text_of(row, "from"),
                            *to ? to : "all", text_of(row, "text"),
                            *mark ? " (" : "", mark, *mark ? ")" : "");
    clear_canvas(d, false);
    put(d, 0, d->width, said);
    print_canvas(d);
    free(said);
}

static void draw_packet(struct drawing *d, const json_t *row)
{
    const char *colour = row_colour(d, row);
    int from = find_lane(d, text_of(row, "from"));
    int to = lane_of_receiver(d, row, from);
    fputs(colour, d->out);
    d->ending = *colour ? "\033[0m" : "";
    draw_prefix(d, row);
    if (from < 0 || to < 0 || from == to)
        draw_sentence(d, row);
    else
        draw_between(d, row, from, to);
    d->ending = "";
}

static void draw_more(struct drawing *d, const json_t *row)
{
    const char *text = text_of(row, "text");
    bool gap = strstr(text, "packets") != NULL;
    long long more = json_integer_value(json_object_get(row, "more"));
    char *said = str_format("... %lld %s%s", more, gap ? "" : "more ", text);
    clear_canvas(d, true);
    put(d, d->lanes > 1 ? 3 : 0, d->width, said);
    fprintf(d->out, "%*s", PREFIX_COLUMNS, "");
    print_canvas(d);
    free(said);
}

void ladder_draw(FILE *out, const json_t *ladder,
                 const struct draw_style *style)
{
    const json_t *hosts = json_object_get(ladder, "hosts");
    const json_t *rows = json_object_get(ladder, "rows");
    int columns = style->columns ? style->columns : DRAW_COLUMNS;
    struct drawing d = {
        .out = out, .hosts = hosts, .style = *style, .ending = ""};
    if (columns > MAX_COLUMNS)
        columns = MAX_COLUMNS;
    d.width = columns - PREFIX_COLUMNS;
    if (d.width < 20)
        d.width = 20;
    size_t lanes = json_array_size(hosts);
    d.lanes = lanes >= 2 && lanes <= DRAW_MAX_LANES ? (int)lanes : 0;
    if (json_array_size(rows) == 0)
        return;
    draw_names(&d);
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        if (json_object_get(row, "more"))
            draw_more(&d, row);
        else
            draw_packet(&d, row);
    }
}

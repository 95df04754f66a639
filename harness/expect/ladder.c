/* The ladder diagram, first half: which packets are in it.
 *
 * A transfer has thousands of packets and a screen has a few rows, so two
 * things are done.  First, packets that say the same over and over are folded:
 * when a pattern of up to four rows ("DATA >, ACK <") repeats, its first and
 * its last turn stay and a count stands for those between.  A packet to which
 * something happened on the way, or which the test looks at, is never folded.
 * Then rows are chosen: those the test looks at and their neighbours, nearest
 * first; the last ones when it looks at nothing in particular. */
#include "expect/ladder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "topo/topo.h"

enum {
    MAX_PERIOD = 4,
    LEAST_TURNS = 3, /* of a pattern, to fold it */
    LOOK_AHEAD = 256,
    KIND_BYTES = 24,
    MARK_BYTES = 96,
    LOST = FATE_LOST | FATE_CUT | FATE_OVERFLOW | FATE_INTERNAL,
};

struct row {
    const struct packet *packet; /* NULL: a fold */
    bool focus, shown;
    bool plain;  /* may be folded */
    size_t more; /* of a fold: how many packets */
    char text[DECODE_TEXT_BYTES];
    char mark[MARK_BYTES];
};

struct rows {
    struct row *rows;
    size_t count;
};

/* ---- What is said of one packet ----------------------------------------- */

/* The link's note without what only a machine needs:
 * "lost: loss 5% seed 7 data 12" says "lost: loss 5%". */
static void add_loss(const struct packet *packet, struct strbuf *mark)
{
    const char *note = packet->note ? packet->note : "lost";
    const char *end = strstr(note, " seed ");
    size_t n = end ? (size_t)(end - note) : strcspn(note, ";");
    strbuf_add(mark, note, n);
}

static void add_mark(struct strbuf *mark, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add_mark(struct strbuf *mark, const char *format, ...)
{
    va_list args;
    if (mark->length > 0)
        strbuf_printf(mark, ", ");
    va_start(args, format);
    strbuf_vprintf(mark, format, args);
    va_end(args);
}

/* Whether a packet sent later on the same way was delivered before. */
static bool was_overtaken(const struct ladder_input *input, size_t index)
{
    const struct packet *packet = &input->packets[index];
    size_t end = index + LOOK_AHEAD;
    for (size_t i = index + 1; i < input->count && i < end; i++) {
        const struct packet *later = &input->packets[i];
        if (later->link == packet->link && later->from == packet->from &&
            later->delivered_ns > 0 &&
            later->delivered_ns < packet->delivered_ns)
            return true;
    }
    return false;
}

static void mark_packet(const struct ladder_input *input, size_t index,
                        char text[MARK_BYTES])
{
    const struct packet *packet = &input->packets[index];
    struct strbuf mark = {0};
    if (packet->fate & LOST)
        add_loss(packet, &mark);
    if (packet->fate & FATE_IN_FLIGHT)
        add_mark(&mark, "in flight");
    if (packet->fate & FATE_DUPLICATE)
        add_mark(&mark, "copy of #%u", packet->copy_of);
    if (packet->fate & FATE_CORRUPT)
        add_mark(&mark, "corrupt");
    if (packet->fate & FATE_MARKED)
        add_mark(&mark, "CE");
    if (packet->fate & FATE_REORDERED)
        add_mark(&mark, "sent ahead");
    if (packet->delivered_ns > 0 &&
        (packet->fate & FATE_HELD || was_overtaken(input, index)))
        add_mark(&mark, "%sarrives %.1f",
                 packet->fate & FATE_HELD ? "held, " : "",
                 (double)(packet->delivered_ns + input->clock_ns) / 1e6);
    snprintf(text, MARK_BYTES, "%s", strbuf_text(&mark));
    strbuf_fini(&mark);
}

static struct row packet_row(const struct ladder_input *input, size_t index)
{
    struct row row = {
        .packet = &input->packets[index],
        .focus = input->focus && input->focus[index],
    };
    decoder_text(input->decoder, row.packet, row.text);
    mark_packet(input, index, row.mark);
    row.plain = !row.focus && row.mark[0] == '\0';
    return row;
}

/* ---- Folding ------------------------------------------------------------ */

static size_t kind_length(const char *text)
{
    return strcspn(text, " ");
}

static bool alike(const struct row *a, const struct row *b)
{
    size_t n = kind_length(a->text);
    return a->plain && b->plain && a->packet->from == b->packet->from &&
           a->packet->to == b->packet->to && n == kind_length(b->text) &&
           memcmp(a->text, b->text, n) == 0;
}

/* How many turns of `period` rows, each like the one before, begin at `at`. */
static size_t turns(const struct row *rows, size_t count, size_t at,
                    size_t period)
{
    size_t i = at + period;
    while (i < count && alike(&rows[i], &rows[i - period]))
        i++;
    return (i - at) / period;
}

/* Appends the fold of `more` packets with the kinds of one turn. */
static void append_fold(struct rows *out, const struct row *turn, size_t period,
                        size_t more)
{
    struct row *fold = &out->rows[out->count++];
    *fold = (struct row){.more = more};
    size_t used = 0;
    for (size_t i = 0; i < period && used < sizeof(fold->text); i++) {
        int n = (int)kind_length(turn[i].text);
        used += (size_t)snprintf(fold->text + used, sizeof(fold->text) - used,
                                 "%s%.*s", i ? ", " : "", n, turn[i].text);
    }
}

static void append(struct rows *out, const struct row *rows, size_t n)
{
    memcpy(out->rows + out->count, rows, n * sizeof(*rows));
    out->count += n;
}

static struct rows fold(const struct row *rows, size_t count)
{
    struct rows out = {.rows = mem_zalloc((count + 1) * sizeof(*rows))};
    for (size_t at = 0; at < count;) {
        size_t period = 1, best = 1, hidden = 0;
        for (; period <= MAX_PERIOD; period++) {
            size_t n = turns(rows, count, at, period);
            size_t gain = n >= LEAST_TURNS ? (n - 2) * period : 0;
            if (gain > 1 && gain > hidden) { /* a fold takes a row itself */
                hidden = gain;
                best = period;
            }
        }
        append(&out, rows + at, best);
        at += best;
        if (hidden > 0) {
            append_fold(&out, rows + at, best, hidden);
            append(&out, rows + at + hidden, best);
            at += hidden + best;
        }
    }
    return out;
}

/* ---- Choosing ----------------------------------------------------------- */

static size_t show(struct row *row)
{
    if (row->shown)
        return 0;
    row->shown = true;
    return 1;
}

/* Of many, the first and the last few. */
static size_t show_focus(struct rows *rows)
{
    size_t total = 0, seen = 0, shown = 0;
    for (size_t i = 0; i < rows->count; i++)
        total += rows->rows[i].focus;
    for (size_t i = 0; i < rows->count; i++) {
        if (!rows->rows[i].focus)
            continue;
        bool early = seen < LADDER_MAX_FOCUS / 2;
        bool late = seen + LADDER_MAX_FOCUS / 2 >= total;
        seen++;
        if (early || late)
            shown += show(&rows->rows[i]);
    }
    return shown;
}

/* Shows the neighbours of what is shown, one on each side. */
static size_t grow(struct rows *rows, size_t room)
{
    size_t grown = 0;
    bool *wanted = mem_zalloc(rows->count * sizeof(*wanted));
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->rows[i].shown && i > 0)
            wanted[i - 1] = true;
        if (rows->rows[i].shown && i + 1 < rows->count)
            wanted[i + 1] = true;
    }
    for (size_t i = 0; i < rows->count && grown < room; i++) {
        if (wanted[i])
            grown += show(&rows->rows[i]);
    }
    free(wanted);
    return grown;
}

static void choose(struct rows *rows)
{
    size_t shown = show_focus(rows);
    if (shown == 0 && rows->count > 0)
        shown = show(&rows->rows[rows->count - 1]);
    while (shown < LADDER_ROWS) {
        size_t grown = grow(rows, LADDER_ROWS - shown);
        if (grown == 0)
            return;
        shown += grown;
    }
}

/* ---- JSON --------------------------------------------------------------- */

static const char *fate_name(unsigned fate)
{
    if (fate & LOST)
        return "lost";
    return fate & FATE_IN_FLIGHT ? "in flight" : "delivered";
}

static json_t *row_json(const struct row *row, int64_t clock_ns)
{
    const struct packet *p = row->packet;
    json_t *json =
        json_pack("{s:I, s:f, s:s, s:s, s:s}", "number", (json_int_t)p->number,
                  "t_ms", (double)(p->sent_ns + clock_ns) / 1e6, "from",
                  p->from ? p->from->name : "?", "text", row->text, "fate",
                  fate_name(p->fate));
    if (p->to)
        json_object_set_new(json, "to", json_string(p->to->name));
    if (row->mark[0])
        json_object_set_new(json, "mark", json_string(row->mark));
    if (row->focus)
        json_object_set_new(json, "focus", json_true());
    return json;
}

static void add_more(json_t *rows, size_t more, const char *what)
{
    if (more > 0)
        json_array_append_new(rows, json_pack("{s:I, s:s}", "more",
                                              (json_int_t)more, "text", what));
}

static bool has_host(const json_t *hosts, const char *name)
{
    size_t i;
    json_t *known;
    json_array_foreach(hosts, i, known)
    {
        if (strcmp(json_string_value(known), name) == 0)
            return true;
    }
    return false;
}

static void add_host(json_t *hosts, const struct host *host)
{
    if (host && !has_host(hosts, host->name))
        json_array_append_new(hosts, json_string(host->name));
}

static void add_hosts(json_t *hosts, const struct packet *packets, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        add_host(hosts, packets[i].from);
        add_host(hosts, packets[i].to);
    }
}

/* The hosts of the rows, in the order in which the first packets met them: who
 * began stands on the left, and a way across routers goes in one direction. */
static json_t *order_hosts(const json_t *shown,
                           const struct ladder_input *input)
{
    json_t *all = json_array(), *hosts = json_array();
    add_hosts(all, input->first, input->first_count);
    add_hosts(all, input->packets, input->count);
    size_t i;
    json_t *host;
    json_array_foreach(all, i, host)
    {
        if (has_host(shown, json_string_value(host)))
            json_array_append(hosts, host);
    }
    json_decref(all);
    return hosts;
}

static json_t *rows_json(const struct rows *chosen,
                         const struct ladder_input *input)
{
    json_t *shown = json_array(), *rows = json_array();
    size_t hidden = input->count > 0 ? input->packets[0].number - 1 : 0;
    const char *what = "earlier packets";
    for (size_t i = 0; i < chosen->count; i++) {
        const struct row *row = &chosen->rows[i];
        if (!row->shown) {
            hidden += row->packet ? 1 : row->more;
            continue;
        }
        add_more(rows, hidden, what);
        hidden = 0;
        what = "packets";
        if (row->packet == NULL) {
            add_more(rows, row->more, row->text);
            continue;
        }
        json_array_append_new(rows, row_json(row, input->clock_ns));
        add_hosts(shown, row->packet, 1);
    }
    add_more(rows, hidden + input->later, "later packets");
    json_t *hosts = order_hosts(shown, input);
    json_decref(shown);
    return json_pack("{s:o, s:o}", "hosts", hosts, "rows", rows);
}

json_t *ladder_json(const struct ladder_input *input)
{
    struct row *all = mem_zalloc(input->count * sizeof(*all));
    for (size_t i = 0; i < input->count; i++)
        all[i] = packet_row(input, i);
    struct rows folded = fold(all, input->count);
    choose(&folded);
    json_t *json = rows_json(&folded, input);
    free(folded.rows);
    free(all);
    return json;
}

/* Writing tables; see csv.h.
 *
 * A cell is quoted if it has to be (RFC 4180, section 2: commas, quotes, line
 * breaks) and also for a semicolon or a TAB, at which some spreadsheets cut,
 * and for blanks at its ends, which some drop. */
#include "grade/csv.h"

#include <assert.h>
#include <string.h>

static void begin_cell(struct csv_table *table)
{
    if (table->inside)
        strbuf_add(&table->text, ",", 1);
    table->inside = true;
}

static bool is_formula(const char *text)
{
    return *text && strchr("=+-@\t\r", *text);
}

static bool wants_quotes(const char *text)
{
    size_t n = strlen(text);
    return text[strcspn(text, ",\"\r\n;\t")] ||
           (n > 0 && (text[0] == ' ' || text[n - 1] == ' '));
}

void csv_add(struct csv_table *table, const char *text)
{
    struct strbuf *out = &table->text;
    const char *mark = is_formula(text) ? "'" : "";
    begin_cell(table);
    if (!wants_quotes(text)) {
        strbuf_printf(out, "%s%s", mark, text);
        return;
    }
    strbuf_printf(out, "\"%s", mark);
    for (; *text; text++)
        strbuf_add(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    strbuf_add(out, "\"", 1);
}

void csv_add_figure(struct csv_table *table, const char *figure)
{
    assert(figure[strspn(figure, "-.0123456789")] == '\0');
    begin_cell(table);
    strbuf_printf(&table->text, "%s", figure);
}

void csv_end_row(struct csv_table *table)
{
    strbuf_add(&table->text, "\r\n", 2);
    table->inside = false;
}

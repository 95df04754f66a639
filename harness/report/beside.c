/* The figures of real tools beside the program's. */
#include "report/beside.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

enum { WHAT_COLUMNS = 24, FIGURE_COLUMNS = 18 };

static void print_figure(const struct page *page, double value,
                         const char *unit)
{
    char *text = str_format("%.3f %s", value, unit);
    fprintf(page->out, "%*s", FIGURE_COLUMNS, text);
    free(text);
}

static void print_row(const struct page *page, const json_t *row)
{
    const char *unit = member_text(row, "unit");
    fprintf(page->out, "    %-*.*s", WHAT_COLUMNS, WHAT_COLUMNS,
            member_text(row, "what"));
    print_figure(page, member_number(row, "yours"), unit);
    print_figure(page, member_number(row, "theirs"), unit);
    fputc('\n', page->out);
}

/* A line above the first row, and above each at which the tool changes. */
static void print_peer(const struct page *page, const char *peer)
{
    fprintf(page->out, "    %-*s%*s%*.*s\n", WHAT_COLUMNS, "", FIGURE_COLUMNS,
            "yours", FIGURE_COLUMNS, FIGURE_COLUMNS - 1, peer);
}

void print_beside(const struct page *page, const json_t *test)
{
    const json_t *rows = json_object_get(test, "comparisons");
    const char *peer = "";
    size_t i;
    json_t *row;
    if (json_array_size(rows) == 0)
        return;
    char *heading =
        str_format("Beside real tools (%s)", member_text(test, "id"));
    page_heading(page, heading);
    free(heading);
    json_array_foreach(rows, i, row)
    {
        if (strcmp(peer, member_text(row, "peer")) != 0)
            print_peer(page, member_text(row, "peer"));
        peer = member_text(row, "peer");
        print_row(page, row);
    }
}

/* Tables as spreadsheets write them: RFC 4180, and what is not in it.
 *
 * The separator is a comma, semicolon or tab, whichever the first line has most
 * of outside quotes; lines end with LF or CRLF; a UTF-8 byte order mark is
 * skipped.  Empty lines are no rows. */
#ifndef GRADE_CSV_H
#define GRADE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

enum { CSV_ERROR_BYTES = 512 };

struct csv_row {
    char **cells; /* blanks around a cell are cut off */
    size_t count;
    size_t line; /* in which it begins, from 1 */
};

struct csv {
    struct csv_row *rows;
    size_t count;
    char *text; /* cells point into it */
};

/* Parses a text, which is copied.  Returns 0, or -EBADMSG with one line in
 * `error`: not UTF-8, a NUL byte, a quote that is not closed. */
int csv_parse(struct csv *csv, const char *text, size_t bytes, char *error);
/* Reads a file; errors begin with its name.  Returns also -errno. */
int csv_load(struct csv *csv, const char *path, char *error);
void csv_fini(struct csv *csv);

/* ---- Writing, always with commas and CRLF -------------------------------- */
/* A table that grows; zero-initialised is empty.  Its text is table.text, to be
 * freed by strbuf_fini(). */
struct csv_table {
    struct strbuf text;
    bool inside; /* of a row */
};

/* Adds a cell of anybody's text.  One that a spreadsheet would take for a
 * formula (it begins with = + - @ TAB or CR) gets an apostrophe before it, by
 * which spreadsheets know texts. */
void csv_add(struct csv_table *table, const char *text);
/* Adds a cell with a figure of ours: "-2.50" stays what it is. */
void csv_add_figure(struct csv_table *table, const char *figure);
void csv_end_row(struct csv_table *table);

#endif

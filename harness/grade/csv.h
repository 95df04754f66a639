/* Tables as spreadsheets write them: RFC 4180, and what is not in it.
 *
 * The separator is a comma, semicolon or tab, whichever the first line has most
 * of outside quotes; lines end with LF or CRLF; a UTF-8 byte order mark is
 * skipped.  Empty lines are no rows. */
#ifndef GRADE_CSV_H
#define GRADE_CSV_H

#include <stddef.h>

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
 * `error`: UTF-16, a NUL byte, a quote that is not closed. */
int csv_parse(struct csv *csv, const char *text, size_t bytes, char *error);
/* Reads a file; errors begin with its name.  Returns also -errno. */
int csv_load(struct csv *csv, const char *path, char *error);
void csv_fini(struct csv *csv);

#endif

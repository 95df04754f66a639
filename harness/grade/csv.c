/* Tables as spreadsheets write them; see csv.h.  Cells are cut out of one copy
 * of the text, in place: quotes only ever make a cell shorter. */
#include "grade/csv.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "run/output.h"

struct reader {
    struct csv *csv;
    char *at;
    char separator;
    size_t line;
};

static char find_separator(const char *text)
{
    static const char candidates[] = ",;\t";
    size_t counts[3] = {0};
    bool quoted = false;
    for (; *text && (quoted || *text != '\n'); text++) {
        const char *found = strchr(candidates, *text);
        if (*text == '"')
            quoted = !quoted;
        else if (found && !quoted)
            counts[found - candidates]++;
    }
    size_t best = counts[1] > counts[0] ? 1 : 0;
    return candidates[counts[2] > counts[best] ? 2 : best];
}

static struct csv_row *add_row(struct csv *csv, size_t line)
{
    csv->rows = mem_realloc(csv->rows, (csv->count + 1) * sizeof(*csv->rows));
    struct csv_row *row = &csv->rows[csv->count++];
    *row = (struct csv_row){.line = line};
    return row;
}

static void add_cell(struct csv_row *row, char *cell)
{
    cell += strspn(cell, " ");
    size_t n = strlen(cell);
    while (n > 0 && cell[n - 1] == ' ')
        cell[--n] = '\0';
    row->cells =
        mem_realloc(row->cells, (row->count + 1) * sizeof(*row->cells));
    row->cells[row->count++] = cell;
}

/* Moves a quoted text to `to`, without its quotes; at its end `reader->at` is
 * behind the closing one.  Returns the end of what was written, or NULL. */
static char *unquote(struct reader *reader, char *to)
{
    for (reader->at++; *reader->at; reader->at++) {
        if (*reader->at == '"' && *++reader->at != '"')
            return to;
        if (*reader->at == '\n')
            reader->line++;
        *to++ = *reader->at;
    }
    return NULL;
}

/* Reads one cell; `*last` tells whether the row ends with it. */
static char *read_cell(struct reader *reader, bool *last)
{
    char *begin = reader->at, *to = begin;
    while (*reader->at && *reader->at != '\n' &&
           *reader->at != reader->separator) {
        if (*reader->at == '"' && to == begin) {
            to = unquote(reader, to);
            if (to == NULL)
                return NULL;
        } else {
            *to++ = *reader->at++;
        }
    }
    char end = *reader->at;
    *last = end != reader->separator;
    if (end)
        reader->at++;
    if (end == '\n')
        reader->line++;
    if (*last && to > begin && to[-1] == '\r')
        to--;
    *to = '\0';
    return begin;
}

static bool is_empty(const struct csv_row *row)
{
    return row->count == 1 && row->cells[0][0] == '\0';
}

static int read_row(struct reader *reader, char *error)
{
    size_t line = reader->line;
    struct csv_row *row = add_row(reader->csv, line);
    bool last = false;
    while (!last) {
        char *cell = read_cell(reader, &last);
        if (cell == NULL) {
            (void)snprintf(error, CSV_ERROR_BYTES,
                           "line %zu: a quote is opened and never closed",
                           line);
            return -EBADMSG;
        }
        add_cell(row, cell);
    }
    if (is_empty(row)) {
        free(row->cells);
        reader->csv->count--;
    }
    return 0;
}

/* A name in another character set would be nobody's name. */
static int check_utf8(const char *text, size_t bytes, char *error)
{
    size_t good = output_utf8_bytes(text, bytes), line = 1;
    if (good == bytes)
        return 0;
    for (size_t i = 0; i < good; i++)
        line += text[i] == '\n';
    (void)snprintf(error, CSV_ERROR_BYTES,
                   "line %zu is not UTF-8: save it as CSV in UTF-8", line);
    return -EBADMSG;
}

/* Refuses what is no such text at all. */
static int check_text(const char *text, size_t bytes, char *error)
{
    if (bytes >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 ||
                       memcmp(text, "\xfe\xff", 2) == 0)) {
        (void)snprintf(error, CSV_ERROR_BYTES,
                       "is UTF-16: save it as CSV in UTF-8");
        return -EBADMSG;
    }
    if (memchr(text, '\0', bytes)) {
        (void)snprintf(error, CSV_ERROR_BYTES,
                       "has a NUL byte: it is no CSV file");
        return -EBADMSG;
    }
    return check_utf8(text, bytes, error);
}

int csv_parse(struct csv *csv, const char *text, size_t bytes, char *error)
{
    *csv = (struct csv){0};
    int result = check_text(text, bytes, error);
    if (result < 0)
        return result;
    if (bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        bytes -= 3;
    }
    csv->text = mem_zalloc(bytes + 1);
    memcpy(csv->text, text, bytes);
    struct reader reader = {.csv = csv,
                            .at = csv->text,
                            .separator = find_separator(csv->text),
                            .line = 1};
    while (result == 0 && *reader.at)
        result = read_row(&reader, error);
    if (result < 0)
        csv_fini(csv);
    return result;
}

int csv_load(struct csv *csv, const char *path, char *error)
{
    char what[CSV_ERROR_BYTES];
    size_t bytes;
    *csv = (struct csv){0};
    char *text = file_load(path, &bytes);
    if (text == NULL) {
        int result = -errno;
        (void)snprintf(error, CSV_ERROR_BYTES, "%.200s: %s", path,
                       strerror(-result));
        return result;
    }
    int result = csv_parse(csv, text, bytes, what);
    if (result < 0)
        (void)snprintf(error, CSV_ERROR_BYTES, "%.200s: %.200s", path, what);
    free(text);
    return result;
}

void csv_fini(struct csv *csv)
{
    for (size_t i = 0; i < csv->count; i++)
        free(csv->rows[i].cells);
    free(csv->rows);
    free(csv->text);
    *csv = (struct csv){0};
}

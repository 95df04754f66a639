/* A page of text: wrapped, indented, coloured when asked. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <jansson.h>
#include <stdio.h>

#include "report/text.h"

enum { PAGE_COLUMNS = 80 };

enum tint { TINT_PLAIN, TINT_GOOD, TINT_BAD, TINT_WARN, TINT_HEAD, TINT_DIM };

struct page {
    FILE *out;
    struct report_style style;
    int columns;
};

struct page page_on(FILE *out, const struct report_style *style);

/* Begins and ends a colour; nothing if colours are off. */
void page_tint(const struct page *page, enum tint tint);

/* Prints a paragraph: the first line begins with `lead`, the others with as
 * many blanks as that is wide.  Words are never broken; a line break in the
 * text is kept. */
void page_paragraph(const struct page *page, const char *lead,
                    const char *text);
/* Says so if a program of the test span in virtual time, and in which call. */
void page_polls(const struct page *page, const json_t *test, const char *lead);
/* An empty line and a heading. */
void page_heading(const struct page *page, const char *text);

/* Columns that UTF-8 text takes, one a character. */
int text_columns(const char *text);
/* Prints text in exactly so many columns, cut short with "...". */
void print_cell(FILE *out, const char *text, int columns);
/* A member's text, "" if it is absent or none. */
const char *member_text(const json_t *object, const char *key);
double member_number(const json_t *object, const char *key);

/* "0.8 s", "12 ms": a duration from milliseconds. */
void print_ms(FILE *out, double ms);

#endif

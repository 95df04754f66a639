/* The tokens of somebody's C, one a line, for a tool that compares programs.
 *
 * What is laid out in another way, or commented in another way, comes out the
 * same; and since a line is a token, what the tool says about lines is exact.
 * Any bytes may be given: what is no C is passed over, so nothing odd is left
 * for the tool to read. */
#ifndef GRADE_CTEXT_H
#define GRADE_CTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

enum { CTEXT_MAX_TOKENS = 50000 };

struct ctext_file {
    char *name, *text;
};

struct ctoken {
    uint32_t file, line; /* from 0, from 1 */
    uint32_t at, bytes;  /* in `lines` */
    bool given;          /* it is nobody's own: the skeleton's */
};

/* Zero-initialised is empty. */
struct ctext {
    struct ctext_file *files;
    size_t file_count;
    struct ctoken *tokens;
    size_t count;
    struct strbuf lines;
    bool overflowed; /* there were more than CTEXT_MAX_TOKENS */
};

/* Adds a file, `text` being NUL-terminated and `bytes` long; it is copied. */
void ctext_add(struct ctext *text, const char *name, const char *data,
               size_t bytes);
void ctext_fini(struct ctext *text);

/* Marks tokens, both included, counted from 0, as given. */
void ctext_give(struct ctext *text, size_t from, size_t to);
/* Counts those that are not. */
size_t ctext_own(const struct ctext *text);
/* What the tool reads: as many lines as there are tokens, empty where these are
 * given; malloc'd. */
char *ctext_lines(const struct ctext *text);

#endif

/* A page of submissions that are alike, side by side: one file, as sheet.h
 * describes. */
#ifndef REPORT_SIMILARPAGE_H
#define REPORT_SIMILARPAGE_H

#include <jansson.h>

#include "grade/similar.h"

/* Code of pairs far down the list is left out of a page that is larger. */
enum { SIMILARPAGE_MAX_BYTES = 3000000 };

struct similarpage {
    const char *lab, *title;
    int threshold; /* percent */
    const struct ctext *texts;
    const char *const *labels; /* whose they are */
    size_t compared;
    const struct similar_pair *pairs;
    size_t pair_count;
    const json_t *left_out; /* [{"id", "why"}] */
};

/* Writes it, atomically.  Returns 0 or -errno. */
int similarpage_write(const struct similarpage *page, const char *path);

#endif

/* Text built piece by piece in a buffer of fixed size, as snprintf would: what
 * does not fit is left out, yet counted. */
#ifndef LINK_TEXT_H
#define LINK_TEXT_H

#include <stddef.h>

struct text {
    char *start;
    size_t size;
    size_t length; /* that it would have, were there room for all */
};

/* Begins an empty text; `size` may be 0. */
struct text text_in(char *buffer, size_t size);
void text_put(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

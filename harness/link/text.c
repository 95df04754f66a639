/* Text built piece by piece in a buffer of fixed size. */
#include "link/text.h"

#include <stdarg.h>
#include <stdio.h>

struct text text_in(char *buffer, size_t size)
{
    if (size > 0)
        buffer[0] = '\0';
    return (struct text){.start = buffer, .size = size};
}

void text_put(struct text *text, const char *format, ...)
{
    size_t used = text->length < text->size ? text->length : text->size;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text->size ? text->start + used : NULL, text->size - used,
                      format, args);
    va_end(args);
    if (n > 0)
        text->length += (size_t)n;
}

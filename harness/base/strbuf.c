/* A string that grows. */
#include "base/strbuf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_abort(void *memory)
{
    if (memory == NULL) {
        fputs("wirelab: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *mem_zalloc(size_t bytes)
{
    return or_abort(calloc(1, bytes ? bytes : 1));
}

void *mem_realloc(void *old, size_t bytes)
{
    return or_abort(realloc(old, bytes ? bytes : 1));
}

char *mem_strdup(const char *text)
{
    return or_abort(strdup(text));
}

static void reserve(struct strbuf *buf, size_t more)
{
    size_t need = buf->length + more + 1;
    if (need <= buf->capacity)
        return;
    size_t capacity = buf->capacity ? buf->capacity : 64;
    while (capacity < need)
        capacity *= 2;
    buf->text = mem_realloc(buf->text, capacity);
    buf->capacity = capacity;
}

void strbuf_add(struct strbuf *buf, const void *data, size_t bytes)
{
    reserve(buf, bytes);
    if (bytes > 0)
        memcpy(buf->text + buf->length, data, bytes);
    buf->length += bytes;
    buf->text[buf->length] = '\0';
}

void strbuf_vprintf(struct strbuf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    if (n > 0) {
        reserve(buf, (size_t)n);
        vsnprintf(buf->text + buf->length, (size_t)n + 1, format, again);
        buf->length += (size_t)n;
    }
    va_end(again);
}

void strbuf_printf(struct strbuf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    strbuf_vprintf(buf, format, args);
    va_end(args);
}

const char *strbuf_text(const struct strbuf *buf)
{
    return buf->text ? buf->text : "";
}

void strbuf_fini(struct strbuf *buf)
{
    free(buf->text);
    *buf = (struct strbuf){0};
}

char *str_format(const char *format, ...)
{
    struct strbuf buf = {0};
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&buf, format, args);
    va_end(args);
    return buf.text ? buf.text : mem_strdup("");
}

/* A string that grows.  Zero-initialised is empty; allocation failure aborts,
 * since no caller could go on. */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdarg.h>
#include <stddef.h>

struct strbuf {
    char *text; /* NUL-terminated once anything was added; else NULL */
    size_t length, capacity;
};

void strbuf_add(struct strbuf *buf, const void *data, size_t bytes);
void strbuf_printf(struct strbuf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void strbuf_vprintf(struct strbuf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* Returns the text, "" if nothing was added; owned by the buffer. */
const char *strbuf_text(const struct strbuf *buf);
void strbuf_fini(struct strbuf *buf);

/* A formatted string from malloc. */
char *str_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* malloc that never returns NULL: it aborts.  Memory is zeroed. */
void *mem_zalloc(size_t bytes);
void *mem_realloc(void *old, size_t bytes);
char *mem_strdup(const char *text);

#endif

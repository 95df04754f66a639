/* Foreign bytes, made fit for a message. */
#include "expect/quote.h"

#include <stdint.h>

#include "base/strbuf.h"

enum { HEX_BEFORE = 4, HEX_AFTER = 12 };

static void put_char(struct strbuf *out, unsigned char c)
{
    switch (c) {
    case '\n':
        strbuf_printf(out, "\\n");
        break;
    case '\r':
        strbuf_printf(out, "\\r");
        break;
    case '\t':
        strbuf_printf(out, "\\t");
        break;
    case '"':
    case '\\':
        strbuf_printf(out, "\\%c", c);
        break;
    default:
        strbuf_printf(out, c < ' ' || c > '~' ? "\\x%02x" : "%c", c);
    }
}

char *quote(const char *text, size_t bytes)
{
    struct strbuf out = {0};
    size_t shown = bytes < QUOTE_MAX_BYTES ? bytes : QUOTE_MAX_BYTES;
    strbuf_add(&out, "\"", 1);
    for (size_t i = 0; i < shown; i++)
        put_char(&out, (unsigned char)text[i]);
    strbuf_add(&out, "\"", 1);
    if (shown < bytes)
        strbuf_printf(&out, "... (%zu bytes)", bytes);
    return out.text;
}

char *hex_around(const void *data, size_t bytes, size_t at)
{
    const uint8_t *p = data;
    struct strbuf out = {0};
    size_t first = at > HEX_BEFORE ? at - HEX_BEFORE : 0;
    size_t end = at + HEX_AFTER < bytes ? at + HEX_AFTER : bytes;
    if (first > 0)
        strbuf_printf(&out, "... ");
    for (size_t i = first; i < end; i++)
        strbuf_printf(&out, i == at ? "%s[%02x]" : "%s%02x",
                      i > first ? " " : "", p[i]);
    if (at >= bytes)
        strbuf_printf(&out, "%s[end]", end > first ? " " : "");
    else if (end < bytes)
        strbuf_printf(&out, " ...");
    return out.text ? out.text : mem_strdup("");
}

/* A stream's head and tail; see output.h. */
#include "run/output.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"

void output_init(struct output *output, size_t limit_bytes, int file_fd)
{
    *output = (struct output){.limit_bytes = limit_bytes, .file_fd = file_fd};
    output->head = mem_zalloc(limit_bytes + 1);
    output->tail = mem_zalloc(limit_bytes + 1);
}

void output_fini(struct output *output)
{
    if (output->file_fd >= 0)
        close(output->file_fd);
    free(output->head);
    free(output->tail);
    free(output->text);
    *output = (struct output){.file_fd = -1};
}

static void copy_to_file(const struct output *output, const char *data,
                         size_t bytes)
{
    /* A full disk loses this copy, never the run: the text is in memory. */
    if (output->file_fd >= 0)
        (void)!write(output->file_fd, data, bytes);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

void output_add(struct output *output, const char *data, size_t bytes)
{
    size_t limit = output->limit_bytes;
    size_t n = smaller(bytes, limit - output->head_bytes);
    memcpy(output->head + output->head_bytes, data, n);
    copy_to_file(output, data, n);
    output->head_bytes += n;
    output->total_bytes += bytes;
    data += n;
    bytes -= n;
    if (bytes > limit) { /* only the last of it can stay */
        data += bytes - limit;
        bytes = limit;
    }
    if (bytes == 0)
        return;
    /* Byte k of what follows the head stands at k modulo the ring's size. */
    size_t at = (output->total_bytes - output->head_bytes - bytes) % limit;
    n = smaller(bytes, limit - at);
    memcpy(output->tail + at, data, n);
    memcpy(output->tail, data + n, bytes - n);
}

/* Appends what is kept beyond the head. */
static void add_rest(const struct output *output, struct strbuf *text)
{
    size_t limit = output->limit_bytes;
    uint64_t rest = output->total_bytes - output->head_bytes;
    if (rest <= limit) {
        strbuf_add(text, output->tail, rest);
        return;
    }
    strbuf_printf(text, "\n[... %llu bytes are left out here ...]\n",
                  (unsigned long long)(rest - limit));
    size_t at = rest % limit;
    strbuf_add(text, output->tail + at, limit - at);
    strbuf_add(text, output->tail, at);
}

void output_finish(struct output *output)
{
    struct strbuf text = {0};
    if (output->file_fd < 0)
        return;
    add_rest(output, &text);
    copy_to_file(output, strbuf_text(&text), text.length);
    strbuf_fini(&text);
    close(output->file_fd);
    output->file_fd = -1;
}

const char *output_text(struct output *output, size_t *bytes)
{
    struct strbuf text = {0};
    strbuf_add(&text, output->head, output->head_bytes);
    add_rest(output, &text);
    free(output->text);
    if (bytes)
        *bytes = text.length;
    output->text = text.text ? text.text : mem_strdup("");
    return output->text;
}

/* Length of the well-formed UTF-8 character at `s`, 0 if there is none. */
static size_t utf8_length(const unsigned char *s, size_t bytes)
{
    size_t n = s[0] < 0x80             ? 1
               : (s[0] & 0xe0) == 0xc0 ? 2
               : (s[0] & 0xf0) == 0xe0 ? 3
               : (s[0] & 0xf8) == 0xf0 ? 4
                                       : 0;
    if (n == 0 || n > bytes || s[0] == 0xc0 || s[0] == 0xc1)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    /* Overlong forms, surrogates, beyond U+10FFFF. */
    bool bad = (n == 3 && s[0] == 0xe0 && s[1] < 0xa0) ||
               (n == 3 && s[0] == 0xed && s[1] > 0x9f) ||
               (n == 4 && s[0] == 0xf0 && s[1] < 0x90) ||
               (n == 4 && (s[0] > 0xf4 || (s[0] == 0xf4 && s[1] > 0x8f)));
    return bad ? 0 : n;
}

/* A terminal obeys control characters: they become pictures of themselves,
 * U+2400 to U+2421; the second set of them, U+0080 to U+009F, is seldom meant.
 */
static void add_character(struct strbuf *text, const char *data, size_t bytes)
{
    unsigned char c = (unsigned char)data[0];
    bool second_set = bytes == 2 && c == 0xc2 && (data[1] & 0xe0) == 0x80;
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
        const char picture[] = {'\xe2', '\x90',
                                (char)(0x80 + (c == 0x7f ? 0x21 : c))};
        strbuf_add(text, picture, sizeof(picture));
    } else if (bytes == 0 || second_set) {
        strbuf_add(text, "\xef\xbf\xbd", 3); /* U+FFFD */
    } else {
        strbuf_add(text, data, bytes);
    }
}

char *output_as_utf8(const char *data, size_t bytes)
{
    struct strbuf text = {0};
    while (bytes > 0) {
        size_t n = utf8_length((const unsigned char *)data, bytes);
        add_character(&text, data, n);
        data += n ? n : 1;
        bytes -= n ? n : 1;
    }
    return text.text ? text.text : mem_strdup("");
}

char *output_line(const char *text)
{
    return output_as_utf8(text, strcspn(text, "\n"));
}

size_t output_utf8_bytes(const char *data, size_t bytes)
{
    size_t at = 0, n = 1;
    while (at < bytes && n > 0) {
        n = utf8_length((const unsigned char *)data + at, bytes - at);
        at += n;
    }
    return at;
}

char *output_tail(struct output *output, size_t max_bytes)
{
    size_t bytes;
    const char *text = output_text(output, &bytes);
    if (bytes > max_bytes) {
        text += bytes - max_bytes;
        bytes = max_bytes;
        const char *line = memchr(text, '\n', bytes);
        if (line && line + 1 < text + bytes) {
            bytes -= (size_t)(line + 1 - text);
            text = line + 1;
        }
    }
    return output_as_utf8(text, bytes);
}

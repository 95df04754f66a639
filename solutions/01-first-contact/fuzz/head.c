/* Fuzzes http_head_parse(): any bytes, any length.
 *
 * What must hold: a head that is accepted ends with its first empty line; its
 * figures are in their ranges; and each of its prefixes was "not yet". */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Parses a copy of exactly so many bytes, so that a read beyond is caught. */
static ssize_t parse(const uint8_t *data, size_t size, struct http_head *head)
{
    char *copy = malloc(size ? size : 1);
    assert(copy);
    memcpy(copy, data, size);
    ssize_t used = http_head_parse(copy, size, head);
    free(copy);
    return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_head head, other;
    ssize_t used = parse(data, size, &head);
    assert(used == -EAGAIN || used == -EBADMSG ||
           (used > 0 && (size_t)used <= size && used <= HTTP_HEAD_BYTES));
    if (used <= 0)
        return 0;
    assert(memmem(data, size, "\r\n\r\n", 4) == data + used - 4);
    assert(head.status >= 100 && head.status <= 599);
    assert(head.content_bytes >= -1);
    assert(!head.chunked || head.content_bytes == -1);
    for (size_t prefix = 0; prefix < (size_t)used; prefix++)
        assert(parse(data, prefix, &other) == -EAGAIN);
    return 0;
}

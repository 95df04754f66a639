/* Fuzzes the body's parser: any bytes, cut anywhere.
 *
 * The first byte chooses how the body ends, the second where it is cut.  What
 * must hold: cut or not, the outcome is the same, and so is the count; no
 * content is counted that did not come. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Hands over a copy of exactly so many bytes. */
static int take(struct http_body *body, const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1);
    assert(copy);
    memcpy(copy, data, size);
    int error = http_body_take(body, copy, size);
    free(copy);
    return error;
}

static int take_in_two(struct http_body *body, const uint8_t *data, size_t size,
                       size_t cut)
{
    int error = take(body, data, cut);
    return error < 0 ? error : take(body, data + cut, size - cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct http_head head = {.status = 200, .content_bytes = -1};
    head.chunked = data[0] % 2 == 0;
    if (data[0] % 4 == 1)
        head.content_bytes = data[0];
    size_t cut = data[1] % (size - 1);
    data += 2;
    size -= 2;
    cut = cut > size ? size : cut;
    struct http_body whole, parts;
    http_body_begin(&whole, &head);
    http_body_begin(&parts, &head);
    int error = take(&whole, data, size);
    int other = take_in_two(&parts, data, size, cut);
    assert(error == 0 || error == -EBADMSG);
    assert(error == other && whole.bytes == parts.bytes);
    assert(whole.bytes >= 0 && (uint64_t)whole.bytes <= size);
    assert(http_body_complete(&whole) == http_body_complete(&parts));
    error = http_body_close(&whole);
    assert((error == 0) == http_body_complete(&whole));
    return 0;
}

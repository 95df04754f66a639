/* Fuzzes request_parse(): any bytes, any length.
 *
 * What must hold: a line that is accepted ends at its first LF, its spans lie
 * within it, each of its prefixes was "not yet", and written again it is the
 * same line. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of exactly so many bytes, so that a read beyond them is caught. */
static ssize_t parse_copy(const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1);
    assert(copy);
    memcpy(copy, data, size);
    struct request request;
    ssize_t used = request_parse(copy, size, &request);
    free(copy);
    return used;
}

static void check_accepted(const char *line, size_t bytes,
                           const struct request *request)
{
    const char *name = request->name;
    assert(bytes <= PROTO_LINE_BYTES);
    assert(memchr(line, '\n', bytes) == line + bytes - 1);
    assert(name > line && request->name_bytes > 0);
    assert(name + request->name_bytes < line + bytes);
    assert(memchr(name, ' ', request->name_bytes) == NULL);
    assert(request->size_bytes >= 0);
    if (memchr(name, '\0', request->name_bytes) != NULL)
        return; /* a forbidden name; we never send it */
    char again[PROTO_LINE_BYTES + 1];
    int written = request_format(again, sizeof(again), request);
    assert(written == (int)bytes && memcmp(again, line, bytes) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request;
    ssize_t used = parse_copy(data, size);
    assert(used == -EAGAIN || used == -EBADMSG ||
           (used > 0 && (size_t)used <= size));
    if (used <= 0)
        return 0;
    (void)request_parse((const char *)data, size, &request);
    check_accepted((const char *)data, (size_t)used, &request);
    for (size_t prefix = 0; prefix < (size_t)used; prefix++)
        assert(parse_copy(data, prefix) == -EAGAIN);
    return 0;
}

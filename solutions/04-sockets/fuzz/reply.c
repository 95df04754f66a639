/* Fuzzes reply_parse(): any bytes, any length.
 *
 * What must hold: a line that is accepted ends at its first LF, its text lies
 * within it, each of its prefixes was "not yet", and an OK written again is the
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
    struct reply reply;
    ssize_t used = reply_parse(copy, size, &reply);
    free(copy);
    return used;
}

static void check_accepted(const char *line, size_t bytes,
                           const struct reply *reply)
{
    assert(memchr(line, '\n', bytes) == line + bytes - 1);
    assert(reply->size_bytes >= 0);
    if (reply->code != REPLY_OK) {
        assert(reply->code >= 400 && reply->code <= 599);
        assert(reply->text > line);
        assert(reply->text + reply->text_bytes == line + bytes - 1);
        return;
    }
    char again[PROTO_LINE_BYTES + 1];
    int written = reply_format(again, sizeof(again), reply);
    assert(written == (int)bytes && memcmp(again, line, bytes) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reply reply;
    ssize_t used = parse_copy(data, size);
    assert(used == -EAGAIN || used == -EBADMSG ||
           (used > 0 && (size_t)used <= size && used <= PROTO_LINE_BYTES));
    if (used <= 0)
        return 0;
    (void)reply_parse((const char *)data, size, &reply);
    check_accepted((const char *)data, (size_t)used, &reply);
    for (size_t prefix = 0; prefix < (size_t)used; prefix++)
        assert(parse_copy(data, prefix) == -EAGAIN);
    return 0;
}

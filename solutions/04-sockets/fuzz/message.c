/* Fuzzes message_parse() and the book behind it: any datagram, any length.
 *
 * What must hold: a datagram that is accepted is, byte for byte, what
 * message_format() writes; and whatever comes, the book's sums stay right. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ssize_t parse_copy(const uint8_t *data, size_t size, struct message *m)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert(copy);
    memcpy(copy, data, size);
    ssize_t used = message_parse(copy, size, m);
    free(copy);
    return used;
}

/* The first request is out; an answer may or may not be to it. */
static void book(const struct message *answer)
{
    struct calls calls;
    struct message sent;
    assert(calls_init(&calls, 2, answer->run_id) == 0);
    bool any = calls_next(&calls, 0, &sent);
    assert(any && sent.request_id == 0);
    calls_answer(&calls, answer);
    calls_answer(&calls, answer);
    assert(calls.answered <= 1);
    assert(calls.answered + calls.duplicates + calls.ignored == 2);
    assert(!calls_done(&calls));
    calls_fini(&calls);
}

static void check(const uint8_t *data, size_t size)
{
    struct message m;
    ssize_t used = parse_copy(data, size, &m);
    assert(used == -EBADMSG || used == MESSAGE_BYTES);
    if (used < 0)
        return;
    uint8_t again[MESSAGE_BYTES];
    message_format(again, &m);
    assert(size == MESSAGE_BYTES && memcmp(again, data, size) == 0);
    book(&m);
}

/* A right datagram with fields from `data`, one of its bytes changed: by chance
 * alone a fuzzer does not hit upon a payload that fits its id. */
static void check_nearly_right(const uint8_t data[6])
{
    struct message m = {.run_id = (uint32_t)data[0] << 24 | data[1],
                        .request_id = data[2],
                        .attempt = data[3]};
    uint8_t datagram[MESSAGE_BYTES];
    message_format(datagram, &m);
    datagram[data[4] % MESSAGE_BYTES] ^= data[5];
    check(datagram, sizeof(datagram));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size);
    if (size >= 6)
        check_nearly_right(data);
    return 0;
}

/* fanout's datagrams.  A reply is its request, sent back unchanged.
 *
 *       0                   1                   2                   3
 *       0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *      +---------------+---------------+---------------+---------------+
 *   0  |      'F'      |      'A'      |      'N'      |  version = 1  |
 *      +---------------+---------------+---------------+---------------+
 *   4  |                            run id                             |
 *      +---------------------------------------------------------------+
 *   8  |                          request id                           |
 *      +-------------------------------+-------------------------------+
 *  12  |        attempt (from 1)       |        payload length         |
 *      +-------------------------------+-------------------------------+
 *  16  |  payload: byte i is (request id + i) mod 256                  |
 *      +---------------------------------------------------------------+
 *
 * All numbers are in network byte order. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    MESSAGE_HEADER_BYTES = 16,
    MESSAGE_PAYLOAD_BYTES = 64, /* what fanout sends */
    MESSAGE_BYTES = MESSAGE_HEADER_BYTES + MESSAGE_PAYLOAD_BYTES,
};

struct message {
    uint32_t run_id;
    uint32_t request_id;
    uint16_t attempt;
};

/* Writes a datagram of MESSAGE_BYTES. */
void message_format(uint8_t datagram[MESSAGE_BYTES], const struct message *m);

/* Reads one.  Nothing in a datagram is to come later: it is right or it is
 * wrong.  Returns MESSAGE_BYTES, or -EBADMSG. */
ssize_t message_parse(const uint8_t *datagram, size_t bytes, struct message *m);

#endif

/* fanout's datagrams; see message.h for their layout.
 *
 * Bytes are put together by shifts: no struct is laid over the buffer, so
 * neither padding, nor alignment, nor this machine's byte order matters. */
#include "message.h"

#include <errno.h>
#include <string.h>

//> #include "cli.h"
//>
static const uint8_t magic_and_version[4] = {'F', 'A', 'N', 1};

static void put_be16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put_be32(uint8_t *at, uint32_t value)
{
    put_be16(at, (uint16_t)(value >> 16));
    put_be16(at + 2, (uint16_t)value);
}

void message_format(uint8_t datagram[MESSAGE_BYTES], const struct message *m)
{
    memcpy(datagram, magic_and_version, sizeof(magic_and_version));
    put_be32(datagram + 4, m->run_id);
    put_be32(datagram + 8, m->request_id);
    put_be16(datagram + 12, m->attempt);
    put_be16(datagram + 14, MESSAGE_PAYLOAD_BYTES);
    for (uint32_t i = 0; i < MESSAGE_PAYLOAD_BYTES; i++)
        datagram[MESSAGE_HEADER_BYTES + i] = (uint8_t)(m->request_id + i);
}

/* BEGIN SOLUTION 3 */
static uint16_t get_be16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get_be32(const uint8_t *at)
{
    return (uint32_t)get_be16(at) << 16 | get_be16(at + 2);
}

/* END SOLUTION */
/* DOC: message-parse
 * The length is looked at first, the fields after: no field of a datagram is
 * there before the count says so. */
ssize_t message_parse(const uint8_t *datagram, size_t bytes, struct message *m)
{
    /* BEGIN SOLUTION 3 */
    if (bytes != MESSAGE_BYTES ||
        memcmp(datagram, magic_and_version, sizeof(magic_and_version)) != 0 ||
        get_be16(datagram + 14) != MESSAGE_PAYLOAD_BYTES)
        return -EBADMSG;
    m->run_id = get_be32(datagram + 4);
    m->request_id = get_be32(datagram + 8);
    m->attempt = get_be16(datagram + 12);
    for (uint32_t i = 0; i < MESSAGE_PAYLOAD_BYTES; i++) {
        if (datagram[MESSAGE_HEADER_BYTES + i] != (uint8_t)(m->request_id + i))
            return -EBADMSG;
    }
    return MESSAGE_BYTES;
    /* END SOLUTION */
    //> (void)datagram, (void)bytes, (void)m;
    //> not_done(3, "message_parse() in message.c");
}

/* Fuzzes pings_packet(): any packet that a raw socket could hand over.
 *
 * What must hold: the book's sums. Each packet is booked once, and no more
 * requests are answered than were sent. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SENT = 4 };

/* A right reply to request `sequence`, as the last resort of a fuzzer that
 * cannot compute checksums: 10.0.0.1 answers. */
static size_t make_reply(struct pings *pings, uint8_t *packet, uint8_t sequence)
{
    static const uint8_t header[20] = {
        0x45, 0, 0, 20 + PING_BYTES, [8] = 64, 1, [12] = 10, 0, 0, 1};
    struct pings fresh = {.id = pings->id, .sent = sequence};
    int64_t sent_ns[256];
    fresh.sent_ns = sent_ns;
    memcpy(packet, header, sizeof(header));
    pings_next(&fresh, packet + 20, 0);
    packet[20] = 0; /* an echo reply; its checksum is greater by 0x0800 */
    unsigned sum = (unsigned)(packet[22] << 8 | packet[23]) + 0x0800;
    sum = (sum & 0xffff) + (sum >> 16);
    packet[22] = (uint8_t)(sum >> 8);
    packet[23] = (uint8_t)sum;
    return sizeof(header) + PING_BYTES;
}

static void check(const struct pings *pings, uint32_t packets)
{
    assert(pings->received + pings->duplicates + pings->ignored == packets);
    assert(pings->received <= pings->sent);
    assert(pings->reordered < SENT && pings->next_expected <= pings->sent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t peer[4] = {10, 0, 0, 1};
    struct pings pings;
    uint8_t message[PING_BYTES], packet[20 + PING_BYTES];
    if (pings_init(&pings, SENT, 0x1234, peer) != 0)
        return 0;
    for (int i = 0; i < SENT; i++)
        pings_next(&pings, message, i);
    uint8_t *copy = malloc(size ? size : 1);
    assert(copy);
    memcpy(copy, data, size);
    (void)pings_packet(&pings, copy, size, 1000);
    free(copy);
    check(&pings, 1);
    /* Then whole replies, in the order of the input's bytes, a few changed. */
    uint32_t packets = 1;
    for (size_t i = 0; i + 2 <= size && i < 64; i += 2, packets++) {
        size_t bytes = make_reply(&pings, packet, data[i] % (2 * SENT));
        packet[data[i + 1] % sizeof(packet)] ^= data[i] >> 5;
        (void)pings_packet(&pings, packet, bytes, 1000);
        check(&pings, packets + 1);
    }
    pings_fini(&pings);
    return 0;
}

/* pinger's book; see pings.h.
 *
 * A raw socket for ICMP is given a copy of every ICMP packet that comes to the
 * host: the replies of all other pings, the errors of all other programs, and
 * those that were damaged on the way, for the kernel does not verify ICMP's
 * checksum before it copies (raw(7)).  So the book trusts nothing but what it
 * has verified, and an id and a sequence number are the only thing which ties a
 * reply to its request. */
#include "pings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "checksum.h"
#include "headers.h"
//> #include "lab.h"

enum { ECHO_REPLY = 0, ECHO_REQUEST = 8, ANSWERED = -1 };

int pings_init(struct pings *pings, uint32_t count, uint16_t id,
               const uint8_t peer[4])
{
    *pings = (struct pings){.id = id, .count = count, .rtt_min_ns = INT64_MAX};
    memcpy(pings->peer, peer, sizeof(pings->peer));
    pings->sent_ns = calloc(count, sizeof(*pings->sent_ns));
    return pings->sent_ns == NULL ? -ENOMEM : 0;
}

void pings_fini(struct pings *pings)
{
    free(pings->sent_ns);
    pings->sent_ns = NULL;
}

/* DOC: pings-next */
void pings_next(struct pings *pings, uint8_t message[PING_BYTES],
                int64_t now_ns)
{
    /* BEGIN SOLUTION 7 */
    memset(message, 0, ICMP_HEADER_BYTES);
    message[0] = ECHO_REQUEST;
    put_be16(message + 4, pings->id);
    put_be16(message + 6, (uint16_t)pings->sent);
    for (int i = 0; i < PING_DATA_BYTES; i++)
        message[ICMP_HEADER_BYTES + i] = (uint8_t)i;
    struct checksum sum = {0};
    checksum_add(&sum, message, PING_BYTES);
    put_be16(message + 2, checksum_result(&sum));
    pings->sent_ns[pings->sent++] = now_ns;
    /* END SOLUTION */
    //> (void)pings, (void)message, (void)now_ns;
    //> to_do(7, "pings_next() in pings.c");
}

/* BEGIN SOLUTION 7 */
/* DOC: find-message
 * The ICMP message in a packet, if it is whole, undamaged, and our peer's. */
static bool find_message(const struct pings *pings, const uint8_t *packet,
                         size_t bytes, struct view *message)
{
    struct view view = {packet, bytes, VIEW_NO_PROMISE};
    struct ipv4 ip;
    int header = ipv4_parse(&view, &ip);
    if (header < 0 || view_limit(&view, ip.total_length) != 0 ||
        view.here < view.promised || ip.protocol != NEXT_ICMP ||
        memcmp(ip.src, pings->peer, sizeof(pings->peer)) != 0)
        return false;
    *message = view_after(&view, (size_t)header);
    struct checksum sum = {0};
    checksum_add(&sum, message->at, message->here);
    return checksum_result(&sum) == 0;
}

/* Whether it answers one of our requests, and which. */
static bool is_reply(const struct pings *pings, const struct view *message,
                     uint32_t *sequence)
{
    struct icmp icmp;
    if (message->here != PING_BYTES || icmp_parse(message, &icmp) < 0)
        return false;
    *sequence = icmp.rest & 0xffff;
    return icmp.type == ECHO_REPLY && icmp.code == 0 &&
           icmp.rest >> 16 == pings->id && *sequence < pings->sent;
}

static void book_rtt(struct pings *pings, int64_t rtt_ns)
{
    pings->rtt_sum_ns += rtt_ns;
    if (rtt_ns < pings->rtt_min_ns)
        pings->rtt_min_ns = rtt_ns;
    if (rtt_ns > pings->rtt_max_ns)
        pings->rtt_max_ns = rtt_ns;
}

/* END SOLUTION */
/* DOC: pings-packet */
enum ping_verdict pings_packet(struct pings *pings, const uint8_t *packet,
                               size_t bytes, int64_t now_ns)
{
    /* BEGIN SOLUTION 7 */
    struct view message;
    uint32_t sequence;
    if (!find_message(pings, packet, bytes, &message) ||
        !is_reply(pings, &message, &sequence)) {
        pings->ignored++;
        return PING_FOREIGN;
    }
    if (pings->sent_ns[sequence] == ANSWERED) {
        pings->duplicates++;
        return PING_DUPLICATE;
    }
    book_rtt(pings, now_ns - pings->sent_ns[sequence]);
    pings->sent_ns[sequence] = ANSWERED;
    pings->received++;
    if (sequence < pings->next_expected) {
        pings->reordered++;
        return PING_LATE;
    }
    pings->next_expected = sequence + 1;
    return PING_FIRST;
    /* END SOLUTION */
    //> (void)pings, (void)packet, (void)bytes, (void)now_ns;
    //> to_do(7, "pings_packet() in pings.c");
}

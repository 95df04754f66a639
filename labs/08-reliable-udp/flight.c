/* When is a segment lost?
 *
 * Counting duplicate ACKs (three, in RFC 5681) works while the network keeps
 * order.  Where a quarter of the packets overtake, three later ones have always
 * arrived, and everything would be sent twice.  So time decides (RFC 8985):
 *
 *   A segment is lost when something that was *sent later* has arrived, and the
 *   segment itself has had its time: patience_us since its last transmission.
 *
 * "Sent later" needs no clock: every transmission gets a number, its order.  A
 * retransmission gets a new one, so the loss of a retransmission is noticed
 * just as the loss of an original.
 *
 * Invariants:
 *   first <= next, and next - first <= mask + 1: one slot per segment
 *   a slot outside [first, next) means nothing
 *   under_way + lost + taken == next - first */
#include "flight.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int flight_init(struct flight *flight, unsigned window)
{
    uint64_t slots = 1;

    while (slots < window)
        slots *= 2; /* a power of two: a mask instead of a division */
    *flight = (struct flight){.mask = slots - 1};
    flight->slots = calloc(slots, sizeof(flight->slots[0]));
    return flight->slots ? 0 : -ENOMEM;
}

void flight_fini(struct flight *flight)
{
    free(flight->slots);
    flight->slots = NULL;
}

static struct segment *segment_at(const struct flight *flight, uint64_t index)
{
    return &flight->slots[index & flight->mask];
}

void flight_sent(struct flight *flight, uint64_t index, int64_t now_us)
{
    struct segment *segment = segment_at(flight, index);

    if (index == flight->next) {
        assert(flight->next - flight->first <= flight->mask);
        *segment = (struct segment){.state = SEGMENT_SENT};
        flight->next++;
    } else {
        assert(segment->state == SEGMENT_LOST);
        segment->state = SEGMENT_SENT;
        flight->lost--;
    }
    flight->under_way++;
    segment->sent_us = now_us;
    segment->order = ++flight->order;
    segment->sends++;
}


static void take(struct flight *flight, struct segment *segment, uint32_t echo,
                 struct flight_news *news)
{
    if (segment->state == SEGMENT_TAKEN)
        return;
    if (segment->sends == 1 && segment->order < news->newest_before)
        news->overtaken++;
    (void)echo; /* Checkpoint 6: newest_order; 5: what was spurious. */
    if (segment->state == SEGMENT_LOST)
        flight->lost--;
    else
        flight->under_way--;
    segment->state = SEGMENT_TAKEN;
    flight->taken++;
    news->delivered++;
}

static bool never_sent(const struct flight *flight, uint64_t first,
                       const struct flight_range *ranges, size_t count)
{
    if (first > flight->next)
        return true;
    for (size_t i = 0; i < count; i++)
        if (ranges[i].end > flight->next || ranges[i].first > ranges[i].end)
            return true;
    return false;
}

/* DOC: flight_acked */
int flight_acked(struct flight *flight, uint64_t first,
                 const struct flight_range *ranges, size_t count, uint32_t echo,
                 struct flight_news *news)
{
    *news = (struct flight_news){.newest_before = flight->newest_order};
    if (never_sent(flight, first, ranges, count))
        return -EINVAL;
    /* Checkpoint 6: the ranges. */
    news->advanced = flight->first < first;
    for (; flight->first < first; flight->first++) {
        take(flight, segment_at(flight, flight->first), echo, news);
        flight->taken--; /* it leaves the scoreboard */
    }
    return 0;
}

static void declare_lost(struct flight *flight, struct segment *segment)
{
    segment->state = SEGMENT_LOST;
    flight->under_way--;
    flight->lost++;
}

/* DOC: flight_detect */
unsigned flight_detect(struct flight *flight, int64_t now_us,
                       int64_t patience_us, int64_t *recheck_us)
{
    unsigned declared = 0;

    *recheck_us = INT64_MAX;
    /* Checkpoint 6: until this is written, the timer finds every loss. */
    (void)flight, (void)now_us, (void)patience_us;
    return declared;
}

void flight_expire(struct flight *flight)
{
    for (uint64_t i = flight->first; i < flight->next; i++) {
        struct segment *segment = segment_at(flight, i);
        if (segment->state == SEGMENT_LOST)
            return; /* one is waiting to be sent already */
        if (segment->state == SEGMENT_SENT) {
            declare_lost(flight, segment);
            return;
        }
    }
}

bool flight_first_lost(const struct flight *flight, uint64_t *index)
{
    if (!flight->lost)
        return false;
    *index = flight->first;
    while (segment_at(flight, *index)->state != SEGMENT_LOST)
        ++*index;
    return true;
}

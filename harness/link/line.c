/* The queue of one direction.
 *
 * netem keeps one queue, sorted by the time at which packets are to be sent; a
 * packet with a short delay overtakes one with a long delay.  A rate changes
 * this: transmission is one after the other, so each packet begins when it has
 * come through its delay and the one before is out,
 *
 *      due[n] = max(now + delay[n], due[n-1]) + size[n] / rate
 *
 * and the order is kept.  (So it is in netem: the delay counts from the end of
 * the packet before, less what was waited already.)  A reordered packet pays
 * neither delay nor rate.
 *
 * Slots: packets that are ready before the next slot opens wait for it and
 * leave together, as many as a slot takes; what is ready after the newest slot
 * opened asks for another, one slot time later. */
#include "link/line.h"

#include <errno.h>

#include "base/hash.h"

static const uint64_t slot_salt = 0x534c4f54; /* "SLOT" */

void line_init(struct line *line, uint64_t seed, uint32_t link,
               uint32_t direction)
{
    *line = (struct line){.seed = seed, .link = link, .direction = direction};
}

/* Bytes on the wire.  A packet fills whole cells, each with its own header. */
static uint64_t wire_bytes(const struct profile *profile, size_t bytes)
{
    int64_t total = (int64_t)bytes + profile->overhead_bytes;
    if (total < 0)
        total = 0;
    if (profile->cell_bytes > 0) {
        int64_t cell = profile->cell_bytes;
        int64_t cells = (total + cell - 1) / cell;
        if (cells == 0) /* an empty packet still takes a cell */
            cells = 1;
        total = cells * (cell + profile->cell_overhead_bytes);
    }
    return total > 0 ? (uint64_t)total : 0;
}

int64_t line_serialise_ns(const struct profile *profile, size_t bytes)
{
    if (profile->rate_bps == 0)
        return 0;
    uint64_t bits = wire_bytes(profile, bytes) * 8;
    uint64_t whole = bits / profile->rate_bps, rest = bits % profile->rate_bps;
    /* The rest is below the rate, and a rate of 2^33 and more has so little
     * weight in a nanosecond that a double is exact enough. */
    return (int64_t)(whole * 1000000000 +
                     (uint64_t)((double)rest * 1e9 / (double)profile->rate_bps +
                                0.5));
}

/* The seed of a profile goes before the net's here too. */
static int64_t slot_length_ns(const struct line *line,
                              const struct profile *profile)
{
    const struct slots *slots = &profile->slots;
    uint64_t seed = profile->seeded ? profile->seed : line->seed;
    uint32_t chance =
        (uint32_t)(hash_words((uint64_t[]){seed, line->link, line->direction,
                                           line->slot_number, slot_salt},
                              5) >>
                   32);
    int64_t ns;
    if (slots->distributed)
        ns = dist_ns(slots->shape, slots->delay_ns, slots->jitter_ns, chance);
    else
        ns = dist_ns(DIST_UNIFORM, (slots->min_ns + slots->max_ns) / 2,
                     (slots->max_ns - slots->min_ns) / 2, chance);
    return ns > 0 ? ns : 0;
}

static void open_slot(struct line *line, const struct profile *profile,
                      int64_t after_ns)
{
    line->slot_ns = after_ns + slot_length_ns(line, profile);
    line->slot_number++;
    line->slot_pkts = 0;
    line->slot_bytes = 0;
}

/* The time of the slot in which a packet leaves that is ready at `ready_ns`. */
static int64_t wait_for_slot(struct line *line, const struct profile *profile,
                             int64_t ready_ns, size_t bytes)
{
    const struct slots *slots = &profile->slots;
    if (line->slot_number == 0 || line->slot_ns < ready_ns)
        open_slot(line, profile, ready_ns);
    int64_t due_ns = line->slot_ns;
    line->slot_pkts++;
    line->slot_bytes += bytes;
    bool full = (slots->max_pkts > 0 && line->slot_pkts >= slots->max_pkts) ||
                (slots->max_bytes > 0 && line->slot_bytes >= slots->max_bytes);
    if (full)
        open_slot(line, profile, due_ns);
    return due_ns;
}

int line_admit(struct line *line, const struct profile *profile, int64_t now_ns,
               size_t bytes, const struct fate *fate, int64_t *due_ns)
{
    if (line->queued_pkts >= profile->limit_pkts)
        return -ENOBUFS;
    int64_t due = now_ns + fate->delay_ns;
    bool overtakes = fate->bits & FATE_REORDERED;
    if (profile->rate_bps > 0 && !overtakes) {
        if (due < line->last_due_ns)
            due = line->last_due_ns;
        due += line_serialise_ns(profile, bytes);
        line->last_due_ns = due;
    }
    if (profile->slots.on)
        due = wait_for_slot(line, profile, due, bytes);
    line->queued_pkts++;
    *due_ns = due;
    return 0;
}

void line_leave(struct line *line)
{
    line->queued_pkts--;
}

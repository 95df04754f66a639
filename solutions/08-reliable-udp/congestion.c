/* A window that follows the path.
 *
 * The frame is Reno's (RFC 5681): slow start doubles the window each round
 * trip, then it grows by one segment a round trip and is cut when segments are
 * lost.  Two things differ, and the handout says what they cost.
 *
 * Decisions fall once a round trip, in congestion_round_end and nowhere else,
 * so that ten losses in one burst are one event.
 *
 * Loss alone does not cut.  Reno believes that every loss is a full queue; at
 * 5 % loss by radio it creeps along with five segments.  A queue that
 * overflows was full, and a full queue is seen in the round-trip time.  So:
 *
 *      RTT of the round           loss in the round       the window
 *      at its lowest: path free   none                    + an eighth
 *      somewhat above             none                    + 1
 *      at or somewhat above       up to a quarter         stays
 *      far above: a queue stands  none                    slow start ends; + 1
 *      far above                  any                     x 0.7
 *      any                        more than a quarter     x 0.7
 *
 * The last line is for queues too short to be seen.
 *
 * The RTT is the median of the round's samples.  The lowest is the smallest
 * sample ever seen, for that one met no queue.  It will not do where packets
 * overtake each other: there it is a shortcut's, and all later rounds would
 * look like a queue.  On such a path it is a slow average of medians instead,
 * over segments which overtook no others.  That one is fooled by a queue which
 * others keep standing, so it is not the rule but the exception. */
#include "congestion.h"

#include <math.h>
#include <stdlib.h>

/* BEGIN SOLUTION 9 */
enum { LEAST_SAMPLES = 8, QUEUE_SLACK_US = 2000 };

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The median of the samples, which are then used up; 0 if they are too few. */
static int64_t use_up(struct congestion_samples *samples)
{
    size_t count = samples->count < CONGESTION_SAMPLES ? samples->count
                                                       : CONGESTION_SAMPLES;

    if (count < LEAST_SAMPLES)
        return 0;
    qsort(samples->us, count, sizeof(samples->us[0]), by_size);
    samples->count = 0;
    return samples->us[count / 2];
}

/* Follows downward faster than upward; the first value is taken as it is. */
static int64_t follow(int64_t base_us, int64_t median_us)
{
    if (!base_us)
        return median_us;
    return base_us + (median_us - base_us) / (median_us < base_us ? 8 : 16);
}

static void judge_samples(struct congestion *cc)
{
    int64_t in_order_us = use_up(&cc->in_order);
    int64_t rtt_us = use_up(&cc->all);

    if (cc->overtaking && in_order_us)
        cc->base_us = follow(cc->base_us, in_order_us);
    if (rtt_us)
        cc->rtt_us = rtt_us;
}

static void add_sample(struct congestion_samples *samples, int64_t rtt_us)
{
    samples->us[samples->count++ % CONGESTION_SAMPLES] = rtt_us;
}

static bool queue_stands(const struct congestion *cc)
{
    return cc->base_us &&
           cc->rtt_us > cc->base_us + cc->base_us / 8 + QUEUE_SLACK_US;
}

static bool path_is_free(const struct congestion *cc)
{
    return cc->rtt_us <= cc->base_us + cc->base_us / 16;
}

static bool loss_is_heavy(const struct congestion_round *round)
{
    return round->lost > 2 && 4 * round->lost > round->delivered + round->lost;
}

static bool in_slow_start(const struct congestion *cc)
{
    return cc->window < cc->threshold;
}
/* END SOLUTION */

void congestion_init(struct congestion *cc)
{
    *cc = (struct congestion){.window = CONGESTION_INITIAL,
                              .threshold = INFINITY};
    /* BEGIN SOLUTION 9 */
    cc->undo_window = cc->window;
    cc->undo_threshold = cc->threshold;
    /* END SOLUTION */
    //> /* Checkpoint 9: until then only -w limits what is under way. */
    //> cc->window = 1e9;
}

void congestion_delivered(struct congestion *cc, unsigned segments,
                          bool limited)
{
    /* BEGIN SOLUTION 9 */
    cc->round.delivered += segments;
    cc->round.limited |= limited;
    if (limited && in_slow_start(cc) && !cc->round.lost)
        cc->window += segments;
    /* END SOLUTION */
    //> (void)cc, (void)segments, (void)limited;
}

void congestion_sample(struct congestion *cc, int64_t rtt_us, bool in_order)
{
    /* BEGIN SOLUTION 9 */
    add_sample(&cc->all, rtt_us);
    if (in_order)
        add_sample(&cc->in_order, rtt_us);
    if (!cc->overtaking && (!cc->base_us || rtt_us < cc->base_us))
        cc->base_us = rtt_us;
    /* END SOLUTION */
    //> (void)cc, (void)rtt_us, (void)in_order;
}

void congestion_overtaken(struct congestion *cc)
{
    /* BEGIN SOLUTION 9 */
    if (!cc->overtaking)
        cc->base_us = 0; /* it may have been a shortcut's */
    cc->overtaking = true;
    /* END SOLUTION */
    //> (void)cc;
}

void congestion_lost(struct congestion *cc, unsigned segments)
{
    cc->round.lost += segments;
}

void congestion_spurious(struct congestion *cc, unsigned segments)
{
    unsigned *lost = &cc->round.lost;

    *lost = *lost > segments ? *lost - segments : 0;
}

/* DOC: congestion_round_end */
void congestion_round_end(struct congestion *cc)
{
    /* BEGIN SOLUTION 9 */
    const struct congestion_round *round = &cc->round;

    judge_samples(cc);
    bool queue = queue_stands(cc);
    if (cc->settling) {
        cc->settling = false;
    } else if (loss_is_heavy(round) || (queue && round->lost)) {
        cc->window = fmax(0.7 * cc->window, CONGESTION_MIN);
        cc->threshold = cc->window;
        cc->settling = true;
    } else if (in_slow_start(cc)) {
        if (queue)
            cc->threshold = cc->window;
    } else if (round->limited && !round->lost) {
        cc->window += path_is_free(cc) ? fmax(1, cc->window / 8) : 1;
    }
    cc->round = (struct congestion_round){0};
    /* END SOLUTION */
    //> (void)cc;
}

void congestion_timeout(struct congestion *cc)
{
    /* BEGIN SOLUTION 9 */
    if (cc->window > 1) { /* of time-outs in a row only the first one knows */
        cc->undo_window = cc->window;
        cc->undo_threshold = cc->threshold;
        cc->threshold = fmax(cc->window / 2, CONGESTION_MIN);
    }
    cc->window = 1;
    cc->round = (struct congestion_round){0};
    /* END SOLUTION */
    //> (void)cc;
}

void congestion_undo(struct congestion *cc)
{
    /* BEGIN SOLUTION 9 */
    cc->window = fmax(cc->window, cc->undo_window);
    cc->threshold = fmax(cc->threshold, cc->undo_threshold);
    /* END SOLUTION */
    //> (void)cc;
}

unsigned congestion_window(const struct congestion *cc)
{
    return (unsigned)cc->window;
}

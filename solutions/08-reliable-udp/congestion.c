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
 *      near the lowest            none                    grows
 *      near the lowest            up to a quarter         stays
 *      above it: a queue stands   none                    slow start ends;
 * grows above it                   any                     x 0.7 any more than
 * a quarter     x 0.7
 *
 * The RTT of a round is the one which three quarters of its samples do not
 * exceed.  The smallest or the mean would not do: where packets overtake each
 * other, they measure how many did.  The last line of the table is for queues
 * too short to be seen. */
#include "congestion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* BEGIN SOLUTION 9 */
enum { ROUND_SAMPLES = 8, QUEUE_SLACK_US = 2000 };

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The sample which three quarters do not exceed; 0 if there is none. */
static int64_t round_rtt_us(const struct congestion_round *round)
{
    int64_t sorted_us[CONGESTION_SAMPLES];
    size_t count = round->samples < CONGESTION_SAMPLES ? round->samples
                                                       : CONGESTION_SAMPLES;

    if (!count)
        return 0;
    memcpy(sorted_us, round->rtt_us, count * sizeof(sorted_us[0]));
    qsort(sorted_us, count, sizeof(sorted_us[0]), by_size);
    return sorted_us[count * 3 / 4];
}

static bool queue_stands(const struct congestion *cc, int64_t rtt_us)
{
    return rtt_us > cc->base_us + cc->base_us / 4 + QUEUE_SLACK_US;
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
                          int64_t rtt_us, bool limited)
{
    /* BEGIN SOLUTION 9 */
    struct congestion_round *round = &cc->round;

    round->delivered += segments;
    round->limited |= limited;
    if (rtt_us >= 0)
        round->rtt_us[round->samples++ % CONGESTION_SAMPLES] = rtt_us;
    if (limited && in_slow_start(cc) && !round->lost)
        cc->window += segments;
    /* END SOLUTION */
    //> (void)cc, (void)segments, (void)rtt_us, (void)limited;
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

bool congestion_round_full(const struct congestion *cc)
{
    /* BEGIN SOLUTION 9 */
    return cc->round.samples >= ROUND_SAMPLES;
    /* END SOLUTION */
    //> (void)cc;
    //> return false;
}

/* DOC: congestion_round_end */
void congestion_round_end(struct congestion *cc)
{
    /* BEGIN SOLUTION 9 */
    const struct congestion_round *round = &cc->round;
    int64_t rtt_us = round_rtt_us(round);

    if (!cc->base_us || rtt_us < cc->base_us)
        cc->base_us = rtt_us;
    bool queue = queue_stands(cc, rtt_us);
    if (loss_is_heavy(round) || (queue && round->lost)) {
        cc->window *= 0.7;
        if (cc->window < CONGESTION_MIN)
            cc->window = CONGESTION_MIN;
        cc->threshold = cc->window;
    } else if (in_slow_start(cc)) {
        if (queue)
            cc->threshold = cc->window;
    } else if (round->limited && !round->lost) {
        cc->window += round->delivered / cc->window; /* one a round trip */
    }
    cc->round = (struct congestion_round){0};
    /* END SOLUTION */
    //> (void)cc;
}
/* DOC: end */

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

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


void congestion_init(struct congestion *cc)
{
    *cc = (struct congestion){.window = CONGESTION_INITIAL,
                              .threshold = INFINITY};
    /* Checkpoint 9: until then only -w limits what is under way. */
    cc->window = 1e9;
}

void congestion_delivered(struct congestion *cc, unsigned segments,
                          bool limited)
{
    (void)cc, (void)segments, (void)limited;
}

void congestion_sample(struct congestion *cc, int64_t rtt_us, bool in_order)
{
    (void)cc, (void)rtt_us, (void)in_order;
}

void congestion_overtaken(struct congestion *cc)
{
    (void)cc;
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
    (void)cc;
}

void congestion_timeout(struct congestion *cc)
{
    (void)cc;
}

void congestion_undo(struct congestion *cc)
{
    (void)cc;
}

unsigned congestion_window(const struct congestion *cc)
{
    return (unsigned)cc->window;
}

/* How many segments may be under way, so that the path is full and its queues
 * are not.  Counts in segments; the caller says when a round trip is over. */
#ifndef CONGESTION_H
#define CONGESTION_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CONGESTION_INITIAL = 10, /* segments, RFC 6928 */
    CONGESTION_MIN = 2,
    CONGESTION_SAMPLES = 64, /* kept of a round */
};

/* What was seen since the round began. */
struct congestion_round {
    unsigned samples; /* the last ones are in rtt_us */
    int64_t rtt_us[CONGESTION_SAMPLES];
    unsigned delivered, lost;
    bool limited; /* the window, not the file or the peer, held us back */
};

struct congestion {
    double window;    /* cwnd */
    double threshold; /* ssthresh: below it, slow start */
    int64_t base_us;  /* lowest RTT of a round, see .c; 0: none yet */
    struct congestion_round round;
    double undo_window, undo_threshold; /* before the last time-out */
};

void congestion_init(struct congestion *cc);
/* Segments were delivered; `rtt_us` is a sample, or -1. */
void congestion_delivered(struct congestion *cc, unsigned segments,
                          int64_t rtt_us, bool limited);
/* Segments were declared lost / had not been lost after all. */
void congestion_lost(struct congestion *cc, unsigned segments);
void congestion_spurious(struct congestion *cc, unsigned segments);
/* Has the round seen enough to be judged, once a round trip is over? */
bool congestion_round_full(const struct congestion *cc);
/* Ends a round: the one place where the window is cut or grown by one. */
void congestion_round_end(struct congestion *cc);
/* The retransmission timer expired / had been wrong. */
void congestion_timeout(struct congestion *cc);
void congestion_undo(struct congestion *cc);
unsigned congestion_window(const struct congestion *cc);

#endif

/* What a link does to packets: tc-netem's option grammar as data.
 *
 *      delay 50ms 10ms 25% distribution normal loss 1% rate 10mbit
 *
 * The whole grammar of tc-netem(8), iproute2 6.1, with its units, abbreviations
 * (`dup 1%`) and older spellings (`latency`, `drop`, a bare `loss 1`), and:
 *   - `seed N`, which later versions of tc have too;
 *   - options may also be parted by commas or lines, and `#` begins a comment,
 *     so that a file can be a profile;
 *   - a time needs its unit.  To tc a bare number is microseconds after `delay`
 *     and nanoseconds after `slot`, and who writes `delay 50` means neither;
 *     only 0 may stand alone. */
#ifndef LINK_PROFILE_H
#define LINK_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/dist.h"
#include "link/scan.h"

enum {
    PROFILE_DEFAULT_LIMIT_PKTS = 1000, /* tc's */
    PROFILE_TEXT_BYTES = 768,          /* holds any formatted profile */
};

enum loss_model {
    LOSS_NONE,
    LOSS_RANDOM,
    LOSS_STATE,   /* the four-state Markov chain */
    LOSS_GEMODEL, /* Gilbert-Elliott */
};

/* An event with a probability, and how far it depends on the event before. */
struct chance {
    double percent, correlation_percent;
};

struct loss {
    enum loss_model model;
    struct chance random;
    struct {
        double p13, p31, p32, p23, p14; /* percent */
    } state;
    struct {
        double p, r;         /* percent: good to bad, bad to good */
        double lost_in_bad;  /* 1-h, percent */
        double lost_in_good; /* 1-k, percent */
    } gemodel;
};

/* Packets are let out in slots only.  Without `distributed`, the time from slot
 * to slot is anything between min and max; with it, a value of the shape. */
struct slots {
    bool on, distributed;
    int64_t min_ns, max_ns;
    enum dist_shape shape; /* never uniform: that is min and max */
    int64_t delay_ns, jitter_ns;
    uint32_t max_pkts, max_bytes; /* of one slot; 0: no bound */
};

struct profile {
    uint32_t limit_pkts;
    int64_t delay_ns, jitter_ns;
    double delay_correlation_percent;
    enum dist_shape shape; /* uniform unless said otherwise, as in netem */
    struct loss loss;
    bool ecn; /* mark instead of dropping what is ECN-capable */
    struct chance corrupt, duplicate, reorder;
    uint32_t gap;      /* with reorder: at least 1 */
    uint64_t rate_bps; /* bit/s; 0: not limited */
    int32_t overhead_bytes;
    uint32_t cell_bytes;
    int32_t cell_overhead_bytes;
    struct slots slots;
    bool seeded;
    uint64_t seed;
};

/* Parses a profile; "" is a perfect link with tc's default limit.
 * Returns 0, or -EINVAL with `*error` filled; `*profile` is then untouched. */
int profile_parse(struct profile *profile, const char *text,
                  struct scan_error *error);

enum profile_style {
    PROFILE_CANONICAL, /* the shortest text that parses to the same profile */
    PROFILE_FOR_TC, /* what tc 6.1 takes: limit always, no seed, delays in whole
                       microseconds */
};

/* Writes a profile as text.  Parsing the canonical text gives an equal profile.
 * Returns the length, as snprintf does; PROFILE_TEXT_BYTES always suffice. */
int profile_format(const struct profile *profile, enum profile_style style,
                   char *out, size_t size);

/* Writes one clause of it: "loss gemodel 1% 10%", "reorder 25% 50% gap 5". */
enum profile_clause {
    CLAUSE_LIMIT,
    CLAUSE_DELAY,
    CLAUSE_LOSS,
    CLAUSE_CORRUPT,
    CLAUSE_DUPLICATE,
    CLAUSE_REORDER,
    CLAUSE_RATE,
    CLAUSE_SLOT,
    CLAUSE_SEED,
};
int profile_format_clause(const struct profile *profile,
                          enum profile_clause clause, char *out, size_t size);

/* Whether packets can be passed on as they come, without any clause acting. */
bool profile_is_perfect(const struct profile *profile);
/* Whether packets of one flow may leave in another order, or each must be timed
 * by itself (rate, jitter, reorder, slots): no super-packets then. */
bool profile_times_each_packet(const struct profile *profile);

#endif

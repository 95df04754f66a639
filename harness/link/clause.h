/* One clause of a profile, as it is read.  Private to profile.c and clause.c.
 */
#ifndef LINK_CLAUSE_H
#define LINK_CLAUSE_H

#include <stdbool.h>

#include "link/profile.h"

enum keyword {
    KEY_LIMIT,
    KEY_DELAY,
    KEY_LOSS,
    KEY_ECN,
    KEY_REORDER,
    KEY_CORRUPT,
    KEY_GAP,
    KEY_DUPLICATE,
    KEY_DISTRIBUTION,
    KEY_RATE,
    KEY_SLOT,
    KEY_SEED,
    KEY_COUNT,
};

struct parser {
    struct scan scan;
    struct profile profile;
    struct scan_error *error;
    bool seen[KEY_COUNT];
    struct scan_word where[KEY_COUNT]; /* the keyword, for errors found late */
    struct scan_word jitter_word;
};

/* Each reads the values behind its keyword.  Returns 0, or -EINVAL with the
 * parser's error filled. */
int parse_limit(struct parser *p);
int parse_delay(struct parser *p);
int parse_loss(struct parser *p);
int parse_ecn(struct parser *p);
int parse_reorder(struct parser *p);
int parse_corrupt(struct parser *p);
int parse_gap(struct parser *p);
int parse_duplicate(struct parser *p);
int parse_distribution(struct parser *p);
int parse_rate(struct parser *p);
int parse_slot(struct parser *p);
int parse_seed(struct parser *p);

#endif

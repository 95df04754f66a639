/* netem's impairments that have a memory, as rules of succession.  Private to
 * fate.c. */
#ifndef LINK_RULES_H
#define LINK_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "link/chain.h"
#include "link/profile.h"

/* A percentage as netem keeps it: 2^32 - 1 is certain. */
uint32_t share_of(double percent);
/* Whether an event of this share happens: 0 never, certain always. */
bool happens(uint64_t share, uint32_t chance);

/* netem's correlated number: (1 - rho) * chance + rho * the one before. */
struct chain_rule rule_correlated(double correlation_percent);
uint32_t correlated_value(uint64_t state);

/* The four-state model.  A packet is lost by the state to which it leads. */
struct chain_rule rule_loss_state(const struct loss *loss);
bool loss_state_loses(uint64_t state);

/* Gilbert-Elliott.  A packet suffers the state that it found. */
struct chain_rule rule_gemodel(const struct loss *loss);
bool gemodel_was_bad(uint64_t state);

/* Reordering with a gap and a correlation. */
struct chain_rule rule_reorder(const struct profile *profile);
bool reorder_fires(uint64_t state);

#endif

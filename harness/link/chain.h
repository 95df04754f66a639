/* Sequences with memory that can be asked in any order.  The essay is in
 * chain.c. */
#ifndef LINK_CHAIN_H
#define LINK_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHAIN_SLOTS = 64, CHAIN_BLOCK = 1024 };

/* A rule of succession.  `step` leads from the state before a unit to the one
 * after it, by 32 bits of chance that belong to that unit; `start` draws the
 * state before the first unit.  Both depend on nothing else but the
 * parameters. */
struct chain_rule {
    uint64_t (*step)(const struct chain_rule *rule, uint64_t state,
                     uint32_t chance);
    uint64_t (*start)(const struct chain_rule *rule, uint32_t chance);
    uint32_t parameters[5];
    uint32_t block; /* units; 0: CHAIN_BLOCK.  A period of the rule, if it has
                       one, must divide it */
};

struct chain_slot {
    uint64_t key, anchor, next, state;
    struct chain_rule rule;
    bool used;
};

/* The newest state of some sequences, so that asking in order costs one step.
 * Zero-initialised is empty. */
struct chains {
    struct chain_slot slots[CHAIN_SLOTS];
};

/* Returns the state after unit `index` of the sequence `key` under `rule`. */
uint64_t chain_state(struct chains *chains, uint64_t key,
                     const struct chain_rule *rule, uint64_t index);

#endif

/* Sequences with memory that can be asked in any order.
 *
 * A burst loss, a correlated delay, a reorder gap: each depends on what became
 * of the packets before.  The usual way is to keep a state and step it with
 * each packet; then the fate of packet 1000 depends on whether packet 999 was
 * ever sent, on the order of arrival, and on retransmissions.  Here the state
 * after unit n is a function of n alone:
 *
 *      block      0         1         2         3
 *      units   |---------|---------|---------|---------
 *                        ^ anchor of units in block 2: the start of block 1
 *
 * The sequence is thought to begin afresh at the *anchor*, the start of the
 * block before the one in which n lies, in a state that is drawn for that
 * anchor; each unit between brings its own chance, a hash.  So at least one
 * whole block (1024 units) is walked before an answer counts, by when any
 * process of practical interest has forgotten how it began: a Gilbert-Elliott
 * chain with p + r = 1 % keeps e^-10 of it.  The first two blocks begin at unit
 * 0 itself.
 *
 * Asked in order, an answer costs two steps on average: one on, and once a
 * block the walk from the next anchor.  The cache only saves work.  Its entries
 * are compared with the whole question, so no entry is ever taken for another.
 */
#include "link/chain.h"

#include <string.h>

#include "base/hash.h"

/* Chance of the start lies apart from that of any unit. */
static const uint64_t start_salt = 0x5354415254; /* "START" */

static uint32_t chance_of(uint64_t key, uint64_t index)
{
    return (uint32_t)(hash_words((uint64_t[]){key, index}, 2) >> 32);
}

static uint32_t chance_of_start(uint64_t key, uint64_t anchor)
{
    return (uint32_t)(hash_words((uint64_t[]){key, anchor, start_salt}, 3) >>
                      32);
}

static uint64_t anchor_of(const struct chain_rule *rule, uint64_t index)
{
    uint64_t block = rule->block ? rule->block : CHAIN_BLOCK;
    uint64_t number = index / block;
    return number > 0 ? (number - 1) * block : 0;
}

static bool same_rule(const struct chain_rule *a, const struct chain_rule *b)
{
    return a->step == b->step && a->start == b->start && a->block == b->block &&
           memcmp(a->parameters, b->parameters, sizeof(a->parameters)) == 0;
}

uint64_t chain_state(struct chains *chains, uint64_t key,
                     const struct chain_rule *rule, uint64_t index)
{
    struct chain_slot *slot = &chains->slots[key % CHAIN_SLOTS];
    uint64_t anchor = anchor_of(rule, index);
    bool usable = slot->used && slot->key == key && slot->anchor == anchor &&
                  slot->next <= index + 1 && same_rule(&slot->rule, rule);
    if (!usable)
        *slot = (struct chain_slot){
            .used = true,
            .key = key,
            .anchor = anchor,
            .next = anchor,
            .rule = *rule,
            .state = rule->start(rule, chance_of_start(key, anchor))};
    while (slot->next <= index) {
        slot->state = rule->step(rule, slot->state, chance_of(key, slot->next));
        slot->next++;
    }
    return slot->state;
}

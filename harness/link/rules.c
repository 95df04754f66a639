/* netem's impairments that have a memory, as rules of succession.
 *
 * Correlation.  x[n] = (1 - rho) u[n] + rho x[n-1] with uniform u.  Neighbours
 * correlate by rho, as asked; but x is no longer uniform, it crowds around 1/2
 * with (1 - rho) / (1 + rho) of a uniform's variance.  So `loss 1% 50%` loses
 * far less than 1 %, and a correlated delay varies less than its jitter.  This
 * is how netem behaves ("now deprecated due to the noticed bad behavior" says
 * its manual of correlated loss), and both engines should.  For bursts of a
 * known rate there is gemodel.
 *
 * The four-state model (Salsano et al., "Definition of a general and intuitive
 * loss model"):
 *
 *             p13             p32
 *       ----------------> 3 --------> 2      1 received, in a gap
 *      1 <-------------- lost <------        2 received, within a burst
 *      | \      p31           p23            3 lost, within a burst
 *      |  \ p14                              4 lost, alone
 *      |   ---> 4 lost
 *      |        | always
 *      '--------'
 *
 * Gilbert-Elliott: good and bad, left with probability p and r; in the bad
 * state a packet is lost with 1-h, in the good one with 1-k.  As in netem the
 * packet suffers the state in which it finds the link; then the link moves on.
 *
 * Reordering (netem's rule): gap - 1 packets at least are delayed between two
 * that overtake; each after those overtakes with the probability, by a number
 * which is drawn, and so correlated, for such packets only. */
#include "link/rules.h"

#include <math.h>

uint32_t share_of(double percent)
{
    return (uint32_t)llrint(percent / 100 * UINT32_MAX);
}

bool happens(uint64_t share, uint32_t chance)
{
    return share > 0 && chance <= share;
}

static uint64_t start_with_chance(const struct chain_rule *rule,
                                  uint32_t chance)
{
    (void)rule;
    return chance;
}

static uint64_t start_with_zero(const struct chain_rule *rule, uint32_t chance)
{
    (void)rule, (void)chance;
    return 0;
}

/* ---- Correlation --------------------------------------------------------- */

static uint32_t mix_with_last(uint32_t rho, uint32_t last, uint32_t chance)
{
    if (rho == 0)
        return chance;
    uint64_t weight = (uint64_t)rho + 1;
    return (
        uint32_t)((chance * ((UINT64_C(1) << 32) - weight) + last * weight) >>
                  32);
}

static uint64_t step_correlated(const struct chain_rule *rule, uint64_t state,
                                uint32_t chance)
{
    return mix_with_last(rule->parameters[0], (uint32_t)state, chance);
}

struct chain_rule rule_correlated(double correlation_percent)
{
    return (struct chain_rule){.step = step_correlated,
                               .start = start_with_chance,
                               .parameters = {share_of(correlation_percent)}};
}

uint32_t correlated_value(uint64_t state)
{
    return (uint32_t)state;
}

/* ---- The four-state model ------------------------------------------------ */

enum { GAP_RECEIVED, BURST_RECEIVED, BURST_LOST, GAP_LOST };
enum { P13, P31, P32, P23, P14 };

static uint64_t step_loss_state(const struct chain_rule *rule, uint64_t state,
                                uint32_t chance)
{
    const uint32_t *p = rule->parameters;
    switch (state) {
    case GAP_RECEIVED:
        if (happens(p[P14], chance))
            return GAP_LOST;
        return happens((uint64_t)p[P14] + p[P13], chance) ? BURST_LOST
                                                          : GAP_RECEIVED;
    case BURST_RECEIVED:
        return happens(p[P23], chance) ? BURST_LOST : BURST_RECEIVED;
    case BURST_LOST:
        if (happens(p[P32], chance))
            return BURST_RECEIVED;
        return happens((uint64_t)p[P32] + p[P31], chance) ? GAP_RECEIVED
                                                          : BURST_LOST;
    default: /* GAP_LOST */
        return GAP_RECEIVED;
    }
}

struct chain_rule rule_loss_state(const struct loss *loss)
{
    return (struct chain_rule){
        .step = step_loss_state,
        .start = start_with_zero,
        .parameters = {share_of(loss->state.p13), share_of(loss->state.p31),
                       share_of(loss->state.p32), share_of(loss->state.p23),
                       share_of(loss->state.p14)}};
}

bool loss_state_loses(uint64_t state)
{
    return state == BURST_LOST || state == GAP_LOST;
}

/* ---- Gilbert-Elliott ----------------------------------------------------- */

enum { BAD_NOW = 1 << 0, BAD_BEFORE = 1 << 1 };

static uint64_t step_gemodel(const struct chain_rule *rule, uint64_t state,
                             uint32_t chance)
{
    bool bad = state & BAD_NOW;
    bool leaves = happens(rule->parameters[bad ? 1 : 0], chance);
    return (bad ? BAD_BEFORE : 0) | (bad != leaves ? BAD_NOW : 0);
}

struct chain_rule rule_gemodel(const struct loss *loss)
{
    return (struct chain_rule){
        .step = step_gemodel,
        .start = start_with_zero,
        .parameters = {share_of(loss->gemodel.p), share_of(loss->gemodel.r)}};
}

bool gemodel_was_bad(uint64_t state)
{
    return state & BAD_BEFORE;
}

/* ---- Reordering ---------------------------------------------------------- */

/* A state is the last correlated number, how many packets were delayed since
 * one overtook (as far as the gap counts), and whether this one overtakes. */
enum { DELAYED_SHIFT = 32, FIRES_SHIFT = 63 };
enum { REORDER_SHARE, REORDER_RHO, REORDER_GAP };

static uint64_t step_reorder(const struct chain_rule *rule, uint64_t state,
                             uint32_t chance)
{
    uint32_t last = (uint32_t)state;
    uint64_t delayed = (state >> DELAYED_SHIFT) & INT32_MAX;
    if (delayed + 1 < rule->parameters[REORDER_GAP])
        return (delayed + 1) << DELAYED_SHIFT | last;
    last = mix_with_last(rule->parameters[REORDER_RHO], last, chance);
    if (happens(rule->parameters[REORDER_SHARE], last))
        return UINT64_C(1) << FIRES_SHIFT | last;
    return delayed << DELAYED_SHIFT | last;
}

struct chain_rule rule_reorder(const struct profile *profile)
{
    uint32_t gap = profile->gap;
    return (struct chain_rule){
        .step = step_reorder,
        .start = start_with_chance,
        .parameters = {share_of(profile->reorder.percent),
                       share_of(profile->reorder.correlation_percent), gap},
        /* With 100 % every gap-th packet overtakes: the blocks must not break
         * this period. */
        .block = (CHAIN_BLOCK + gap - 1) / gap * gap};
}

bool reorder_fires(uint64_t state)
{
    return state >> FIRES_SHIFT;
}

/* What happens to a packet.
 *
 * A fate is a set of answers to questions of the form "is unit u of flow f lost
 * on link l, direction d?", and each answer is computed from a hash of the
 * question and the seed:
 *
 *      key = H(seed, link, direction, flow, kind of unit, nth, copy, question)
 *      answer = H(key, index) compared with the probability
 *
 * Since the question is in the hash, the answers to "is it lost?" and "how long
 * is it delayed?" know nothing of each other: adding jitter shifts no loss.
 * Since the probability is not in the hash, raising `loss 1%` to `loss 5%`
 * loses the same packets and more.  Since the index comes last, units of one
 * flow form a row in which impairments with a memory can walk (chain.c,
 * rules.c).
 *
 * Where this differs from netem, whose generators are fed by all packets of a
 * device in turn:
 *   - memory runs along a flow and a kind of unit, not across all flows; a
 *     retransmission (nth > 0) walks a row of its own, in which bursts are as
 *     long and as frequent;
 *   - a packet and its copy have independent fates.  netem drops the original
 *     only when it makes no copy;
 *   - of a packet over several marks any mark decides. */
#include "link/fate.h"

#include <inttypes.h>

#include "base/hash.h"
#include "link/rules.h"
#include "link/text.h"

/* These words are in every recorded run's hashes: never renumber them. */
enum question {
    ASK_LOSS = 1,
    ASK_LOSS_IN_STATE = 2,
    ASK_DUPLICATE = 3,
    ASK_CORRUPT = 4,
    ASK_CORRUPT_BIT = 5,
    ASK_REORDER = 6,
    ASK_DELAY = 7,
};

void fater_init(struct fater *fater, uint64_t seed, uint32_t link,
                uint32_t direction)
{
    *fater = (struct fater){.seed = seed, .link = link, .direction = direction};
}

uint64_t fater_seed(const struct fater *fater, const struct profile *profile)
{
    return profile->seeded ? profile->seed : fater->seed;
}

/* One packet, while it is decided about. */
struct inquiry {
    struct fater *fater;
    const struct profile *profile;
    uint64_t seed;
    unsigned copy;
};

static uint64_t key_for(const struct inquiry *inquiry, const struct unit *unit,
                        enum question question)
{
    /* A segment without a mark is delayed like its cell. */
    enum unit_kind kind = unit->kind == UNIT_BARE ? UNIT_DATA : unit->kind;
    return hash_words((uint64_t[]){inquiry->seed, inquiry->fater->link,
                                   inquiry->fater->direction, unit->flow_label,
                                   kind, unit->nth, inquiry->copy, question},
                      8);
}

static uint64_t answer(const struct inquiry *inquiry, const struct unit *unit,
                       enum question question)
{
    uint64_t key = key_for(inquiry, unit, question);
    return hash_words((uint64_t[]){key, unit->index}, 2);
}

static uint64_t walk(const struct inquiry *inquiry, const struct unit *unit,
                     enum question question, const struct chain_rule *rule)
{
    return chain_state(&inquiry->fater->chains,
                       key_for(inquiry, unit, question), rule, unit->index);
}

/* 32 bits of chance, which lean towards those of the unit before. */
static uint32_t draw(const struct inquiry *inquiry, const struct unit *unit,
                     enum question question, double correlation_percent)
{
    if (correlation_percent <= 0)
        return (uint32_t)(answer(inquiry, unit, question) >> 32);
    struct chain_rule rule = rule_correlated(correlation_percent);
    return correlated_value(walk(inquiry, unit, question, &rule));
}

static bool chance_says(const struct inquiry *inquiry, const struct unit *unit,
                        enum question question, const struct chance *chance)
{
    return chance->percent > 0 &&
           happens(share_of(chance->percent),
                   draw(inquiry, unit, question, chance->correlation_percent));
}

static bool gemodel_loses(const struct inquiry *inquiry,
                          const struct unit *unit, const struct loss *loss)
{
    struct chain_rule rule = rule_gemodel(loss);
    bool bad = gemodel_was_bad(walk(inquiry, unit, ASK_LOSS, &rule));
    struct chance chance = {.percent = bad ? loss->gemodel.lost_in_bad
                                           : loss->gemodel.lost_in_good};
    return chance_says(inquiry, unit, ASK_LOSS_IN_STATE, &chance);
}

static bool is_lost(const struct inquiry *inquiry, const struct unit *unit)
{
    const struct loss *loss = &inquiry->profile->loss;
    switch (loss->model) {
    case LOSS_NONE:
        return false;
    case LOSS_RANDOM:
        return chance_says(inquiry, unit, ASK_LOSS, &loss->random);
    case LOSS_STATE: {
        struct chain_rule rule = rule_loss_state(loss);
        return loss_state_loses(walk(inquiry, unit, ASK_LOSS, &rule));
    }
    case LOSS_GEMODEL:
        return gemodel_loses(inquiry, unit, loss);
    }
    return false;
}

static bool is_reordered(const struct inquiry *inquiry, const struct unit *unit)
{
    if (inquiry->profile->reorder.percent <= 0)
        return false;
    struct chain_rule rule = rule_reorder(inquiry->profile);
    return reorder_fires(walk(inquiry, unit, ASK_REORDER, &rule));
}

static uint8_t decide_unit(const struct inquiry *inquiry,
                           const struct unit *unit)
{
    const struct profile *profile = inquiry->profile;
    uint8_t bits = 0;
    if (unit->kind == UNIT_BARE)
        return 0;
    if (is_lost(inquiry, unit))
        bits |= FATE_UNIT_LOST;
    if (inquiry->copy == 0 &&
        chance_says(inquiry, unit, ASK_DUPLICATE, &profile->duplicate))
        bits |= FATE_UNIT_DUPLICATE;
    if (chance_says(inquiry, unit, ASK_CORRUPT, &profile->corrupt))
        bits |= FATE_UNIT_CORRUPT;
    if (is_reordered(inquiry, unit))
        bits |= FATE_UNIT_REORDERED;
    return bits;
}

static int64_t decide_delay(const struct inquiry *inquiry,
                            const struct unit *unit)
{
    const struct profile *profile = inquiry->profile;
    if (profile->jitter_ns == 0 || unit == NULL)
        return profile->delay_ns;
    uint32_t chance =
        draw(inquiry, unit, ASK_DELAY, profile->delay_correlation_percent);
    int64_t delay_ns =
        dist_ns(profile->shape, profile->delay_ns, profile->jitter_ns, chance);
    return delay_ns > 0 ? delay_ns : 0;
}

/* What the units' answers mean for the packet.  Nothing befalls what is lost,
 * but a copy may have been made before. */
static unsigned sum_up(uint8_t any)
{
    unsigned bits = any & FATE_UNIT_DUPLICATE ? FATE_DUPLICATE : 0;
    if (any & FATE_UNIT_LOST)
        return bits | FATE_LOST;
    if (any & FATE_UNIT_MARKED)
        bits |= FATE_MARKED;
    if (any & FATE_UNIT_CORRUPT)
        bits |= FATE_CORRUPT;
    if (any & FATE_UNIT_REORDERED)
        bits |= FATE_REORDERED;
    return bits;
}

void fate_decide(struct fater *fater, const struct profile *profile,
                 const struct unit *units, size_t count, unsigned copy,
                 bool ecn_capable, struct fate *fate)
{
    struct inquiry inquiry = {.fater = fater,
                              .profile = profile,
                              .seed = fater_seed(fater, profile),
                              .copy = copy};
    uint8_t any = 0;
    fate->seed = inquiry.seed;
    fate->corrupt_draw = 0;
    fate->unit_count = count < FLOW_MAX_UNITS ? count : FLOW_MAX_UNITS;
    for (size_t i = 0; i < fate->unit_count; i++) {
        uint8_t bits = decide_unit(&inquiry, &units[i]);
        if ((bits & FATE_UNIT_LOST) && profile->ecn && ecn_capable)
            bits ^= FATE_UNIT_LOST | FATE_UNIT_MARKED;
        if ((bits & FATE_UNIT_CORRUPT) && !(any & FATE_UNIT_CORRUPT))
            fate->corrupt_draw = answer(&inquiry, &units[i], ASK_CORRUPT_BIT);
        fate->unit_bits[i] = bits;
        any |= bits;
    }
    fate->bits = sum_up(any);
    fate->delay_ns = fate->bits & FATE_REORDERED
                         ? 0
                         : decide_delay(&inquiry, count > 0 ? units : NULL);
}

/* ---- In words ------------------------------------------------------------ */

static const struct wording {
    unsigned bit;
    uint8_t unit_bit;
    enum profile_clause clause;
    const char *happened; /* to the packet */
    const char *decided;  /* about the unit */
} wordings[] = {
    {FATE_LOST, FATE_UNIT_LOST, CLAUSE_LOSS, "lost", "lost"},
    {FATE_MARKED, FATE_UNIT_MARKED, CLAUSE_LOSS, "marked", "marked"},
    {FATE_DUPLICATE, FATE_UNIT_DUPLICATE, CLAUSE_DUPLICATE, "duplicated",
     "duplicate"},
    {FATE_CORRUPT, FATE_UNIT_CORRUPT, CLAUSE_CORRUPT, "corrupted", "corrupt"},
    {FATE_REORDERED, FATE_UNIT_REORDERED, CLAUSE_REORDER, "sent at once",
     "reordered"},
};
enum { WORDINGS = sizeof(wordings) / sizeof(wordings[0]) };

static void put_unit(struct text *text, const struct unit *unit)
{
    char protocol[16];
    protocol_put(unit->protocol, protocol, sizeof(protocol));
    text_put(text, " %s flow %" PRIu32, protocol, unit->flow);
    if (unit->kind == UNIT_PACKET)
        text_put(text, " unit %" PRIu64, unit->index);
    else if (unit->kind == UNIT_DATA)
        text_put(text, " data offset %" PRIu64, unit->offset_bytes);
    else
        text_put(text, " %s %" PRIu64, unit_kind_name(unit->kind), unit->index);
    if (unit->nth > 0)
        text_put(text, " nth %u", unit->nth);
}

static const struct unit *culprit(const struct fate *fate, uint8_t unit_bit,
                                  const struct unit *units)
{
    for (size_t i = 0; i < fate->unit_count; i++) {
        if (fate->unit_bits[i] & unit_bit)
            return &units[i];
    }
    return NULL;
}

int fate_reason(const struct fate *fate, unsigned bit,
                const struct profile *profile, const struct unit *units,
                char *out, size_t size)
{
    struct text text = text_in(out, size);
    for (size_t i = 0; i < WORDINGS; i++) {
        const struct wording *wording = &wordings[i];
        if (wording->bit != bit || !(fate->bits & bit))
            continue;
        char clause[PROFILE_TEXT_BYTES];
        profile_format_clause(profile, wording->clause, clause, sizeof(clause));
        text_put(&text, "%s: %s seed %" PRIu64, wording->happened, clause,
                 fate->seed);
        const struct unit *unit = culprit(fate, wording->unit_bit, units);
        if (unit != NULL)
            put_unit(&text, unit);
    }
    return (int)text.length;
}

int fate_unit_text(uint8_t unit_bits, char *out, size_t size)
{
    struct text text = text_in(out, size);
    for (size_t i = 0; i < WORDINGS; i++) {
        if (unit_bits & wordings[i].unit_bit)
            text_put(&text, "%s%s", text.length > 0 ? "," : "",
                     wordings[i].decided);
    }
    if (text.length == 0)
        text_put(&text, "pass");
    return (int)text.length;
}

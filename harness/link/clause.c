/* The clauses of a profile and their values. */
#include "link/clause.h"

#include <ctype.h>

enum { MAX_GAP = 65535 };

/* ---- Values -------------------------------------------------------------- */

static int bad_value(struct parser *p, struct scan_word word, const char *name,
                     const char *why)
{
    return scan_fail(&p->scan, &word, p->error, NULL, "%s: \"%.*s\" %s", name,
                     (int)word.length, word.start, why);
}

/* Reads the word that must follow; `name` says to a person what it is. */
static int need_word(struct parser *p, const char *name, struct scan_word *word)
{
    if (scan_next(&p->scan, word))
        return 0;
    return scan_fail(&p->scan, NULL, p->error, NULL, "%s is missing", name);
}

/* Whether an optional value follows.  A sign counts too, so that a negative
 * value is refused as such and not as an unknown keyword. */
static bool value_follows(const struct parser *p)
{
    struct scan_word word;
    if (!scan_peek(&p->scan, &word) || word.form != SCAN_BARE)
        return false;
    char first = word.start[0];
    bool sign = (first == '-' || first == '+') && word.length > 1;
    return isdigit((unsigned char)word.start[sign]) || word.start[sign] == '.';
}

static int read_time(struct parser *p, const char *name, int64_t *time_ns)
{
    struct scan_word word;
    const char *why;
    int rc = need_word(p, name, &word);
    if (rc == 0 && scan_time_ns(word, time_ns, &why) < 0)
        rc = bad_value(p, word, name, why);
    return rc;
}

static int read_percent(struct parser *p, const char *name, double *percent)
{
    struct scan_word word;
    const char *why;
    int rc = need_word(p, name, &word);
    if (rc == 0 && scan_percent(word, percent, &why) < 0)
        rc = bad_value(p, word, name, why);
    return rc;
}

/* Reads a percentage if one follows; `*percent` stays as it is otherwise. */
static int read_percent_if_any(struct parser *p, const char *name,
                               double *percent)
{
    return value_follows(p) ? read_percent(p, name, percent) : 0;
}

static int read_integer(struct parser *p, const char *name, int64_t low,
                        int64_t high, int64_t *value)
{
    struct scan_word word;
    const char *why;
    int rc = need_word(p, name, &word);
    if (rc == 0 && scan_integer(word, low, high, value, &why) < 0)
        rc = bad_value(p, word, name, why);
    return rc;
}

static int read_chance(struct parser *p, const char *name,
                       struct chance *chance)
{
    int rc = read_percent(p, name, &chance->percent);
    if (rc == 0)
        rc =
            read_percent_if_any(p, "correlation", &chance->correlation_percent);
    return rc;
}

static int read_shape(struct parser *p, enum dist_shape *shape)
{
    static const char *const names[] = {"uniform", "normal", "pareto",
                                        "paretonormal"};
    struct scan_word word;
    int rc = need_word(p, "name of the distribution", &word);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (scan_is(word, names[i])) {
            *shape = (enum dist_shape)i;
            return 0;
        }
    }
    char hint[96];
    return scan_fail(&p->scan, &word, p->error,
                     scan_suggest(word, names, 4, hint, sizeof(hint)),
                     "unknown distribution \"%.*s\"", (int)word.length,
                     word.start);
}

/* ---- Clauses ------------------------------------------------------------- */

int parse_limit(struct parser *p)
{
    int64_t value = 0;
    int rc = read_integer(p, "limit", 1, INT32_MAX, &value);
    p->profile.limit_pkts = (uint32_t)value;
    return rc;
}

int parse_delay(struct parser *p)
{
    struct profile *profile = &p->profile;
    int rc = read_time(p, "delay", &profile->delay_ns);
    if (rc < 0 || !value_follows(p))
        return rc;
    (void)scan_peek(&p->scan, &p->jitter_word); /* value_follows saw it */
    rc = read_time(p, "jitter", &profile->jitter_ns);
    if (rc == 0)
        rc = read_percent_if_any(p, "correlation",
                                 &profile->delay_correlation_percent);
    return rc;
}

/* Those which are left out make the model a simpler one: tc's defaults. */
static int parse_loss_state(struct parser *p, struct loss *loss)
{
    loss->model = LOSS_STATE;
    int rc = read_percent(p, "p13", &loss->state.p13);
    loss->state.p31 = 100 - loss->state.p13;
    loss->state.p23 = 100;
    if (rc == 0)
        rc = read_percent_if_any(p, "p31", &loss->state.p31);
    if (rc == 0)
        rc = read_percent_if_any(p, "p32", &loss->state.p32);
    if (rc == 0)
        rc = read_percent_if_any(p, "p23", &loss->state.p23);
    if (rc == 0)
        rc = read_percent_if_any(p, "p14", &loss->state.p14);
    return rc;
}

static int parse_loss_gemodel(struct parser *p, struct loss *loss)
{
    loss->model = LOSS_GEMODEL;
    int rc = read_percent(p, "p", &loss->gemodel.p);
    loss->gemodel.r = 100 - loss->gemodel.p;
    loss->gemodel.lost_in_bad = 100;
    if (rc == 0)
        rc = read_percent_if_any(p, "r", &loss->gemodel.r);
    if (rc == 0)
        rc = read_percent_if_any(p, "1-h", &loss->gemodel.lost_in_bad);
    if (rc == 0)
        rc = read_percent_if_any(p, "1-k", &loss->gemodel.lost_in_good);
    return rc;
}

int parse_loss(struct parser *p)
{
    static const char *const models[] = {"random", "state", "gemodel"};
    struct loss *loss = &p->profile.loss;
    struct scan_word word = {0};
    if (!value_follows(p)) {
        int rc = need_word(p, "loss", &word);
        if (rc < 0)
            return rc;
        if (scan_is(word, "state"))
            return parse_loss_state(p, loss);
        if (scan_is(word, "gemodel"))
            return parse_loss_gemodel(p, loss);
    }
    if (word.length == 0 || scan_is(word, "random")) {
        loss->model = LOSS_RANDOM;
        return read_chance(p, "loss", &loss->random);
    }
    char hint[96];
    return scan_fail(&p->scan, &word, p->error,
                     scan_suggest(word, models, 3, hint, sizeof(hint)),
                     "loss: \"%.*s\" is neither a percentage nor a model",
                     (int)word.length, word.start);
}

int parse_ecn(struct parser *p)
{
    p->profile.ecn = true;
    return 0;
}

int parse_reorder(struct parser *p)
{
    return read_chance(p, "reorder", &p->profile.reorder);
}

int parse_corrupt(struct parser *p)
{
    return read_chance(p, "corrupt", &p->profile.corrupt);
}

int parse_duplicate(struct parser *p)
{
    return read_chance(p, "duplicate", &p->profile.duplicate);
}

int parse_gap(struct parser *p)
{
    int64_t value = 0;
    int rc = read_integer(p, "gap", 1, MAX_GAP, &value);
    p->profile.gap = (uint32_t)value;
    return rc;
}

int parse_distribution(struct parser *p)
{
    return read_shape(p, &p->profile.shape);
}

int parse_rate(struct parser *p)
{
    struct profile *profile = &p->profile;
    struct scan_word word;
    const char *why;
    int64_t overhead = 0, cell = 0, cell_overhead = 0;
    int rc = need_word(p, "rate", &word);
    if (rc == 0 && scan_rate_bps(word, &profile->rate_bps, &why) < 0)
        rc = bad_value(p, word, "rate", why);
    if (rc == 0 && value_follows(p))
        rc = read_integer(p, "packet overhead", -65535, 65535, &overhead);
    if (rc == 0 && value_follows(p))
        rc = read_integer(p, "cell size", 0, 65535, &cell);
    if (rc == 0 && value_follows(p))
        rc = read_integer(p, "cell overhead", 1 - cell, 65535, &cell_overhead);
    profile->overhead_bytes = (int32_t)overhead;
    profile->cell_bytes = (uint32_t)cell;
    profile->cell_overhead_bytes = (int32_t)cell_overhead;
    return rc;
}

/* `slot distribution NAME DELAY JITTER`, behind its second word. */
static int parse_slot_distribution(struct parser *p, struct slots *slots)
{
    struct scan_word jitter = {0};
    int rc = read_shape(p, &slots->shape);
    if (rc == 0)
        rc = read_time(p, "slot delay", &slots->delay_ns);
    if (rc == 0 && scan_peek(&p->scan, &jitter))
        rc = read_time(p, "slot jitter", &slots->jitter_ns);
    else if (rc == 0)
        rc = need_word(p, "slot jitter", &jitter);
    if (rc < 0)
        return rc;
    slots->distributed = slots->shape != DIST_UNIFORM;
    if (slots->distributed)
        return 0;
    if (slots->jitter_ns > slots->delay_ns)
        return bad_value(p, jitter, "slot jitter", "is above the slot's delay");
    slots->min_ns = slots->delay_ns - slots->jitter_ns;
    slots->max_ns = slots->delay_ns + slots->jitter_ns;
    slots->delay_ns = slots->jitter_ns = 0;
    return 0;
}

static int parse_slot_bounds(struct parser *p, struct slots *slots)
{
    int rc = read_time(p, "slot", &slots->min_ns);
    slots->max_ns = slots->min_ns;
    struct scan_word max = {0};
    if (rc == 0 && value_follows(p)) {
        (void)scan_peek(&p->scan, &max); /* value_follows saw it */
        rc = read_time(p, "slot", &slots->max_ns);
    }
    if (rc == 0 && slots->max_ns < slots->min_ns)
        rc = bad_value(p, max, "slot", "is below the minimum before it");
    return rc;
}

int parse_slot(struct parser *p)
{
    struct slots *slots = &p->profile.slots;
    struct scan_word word;
    bool named = scan_peek(&p->scan, &word) && scan_is(word, "distribution");
    slots->on = true;
    if (named)
        (void)scan_next(&p->scan, &word); /* peeked at above */
    int rc =
        named ? parse_slot_distribution(p, slots) : parse_slot_bounds(p, slots);
    int64_t pkts = 0;
    const char *why;
    if (rc == 0 && scan_peek(&p->scan, &word) && scan_is(word, "packets")) {
        (void)scan_next(&p->scan, &word);
        rc = read_integer(p, "slot packets", 1, INT32_MAX, &pkts);
        slots->max_pkts = (uint32_t)pkts;
    }
    if (rc == 0 && scan_peek(&p->scan, &word) && scan_is(word, "bytes")) {
        (void)scan_next(&p->scan, &word);
        rc = need_word(p, "slot bytes", &word);
        if (rc == 0 && scan_bytes(word, &slots->max_bytes, &why) < 0)
            rc = bad_value(p, word, "slot bytes", why);
        else if (rc == 0 && slots->max_bytes == 0)
            rc = bad_value(p, word, "slot bytes", "lets nothing pass");
    }
    return rc;
}

int parse_seed(struct parser *p)
{
    struct scan_word word;
    const char *why;
    int rc = need_word(p, "seed", &word);
    if (rc == 0 && scan_seed(word, &p->profile.seed, &why) < 0)
        rc = bad_value(p, word, "seed", why);
    p->profile.seeded = true;
    return rc;
}

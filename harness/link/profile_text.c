/* Writing a profile as tc would take it. */
#include <inttypes.h>
#include <stdio.h>

#include "link/profile.h"
#include "link/text.h"

enum { TIME_BYTES = 40 };

static void put_time(struct text *text, int64_t time_ns)
{
    char time[TIME_BYTES];
    time_format(time_ns, time, sizeof(time));
    text_put(text, " %s", time);
}

/* Never with an exponent, which the grammar does not know. */
static void put_percent(struct text *text, double percent)
{
    char digits[32];
    int n = snprintf(digits, sizeof(digits), "%.12f", percent);
    while (n > 0 && digits[n - 1] == '0')
        n--;
    if (n > 0 && digits[n - 1] == '.')
        n--;
    text_put(text, " %.*s%%", n, digits);
}

static void put_chance(struct text *text, const char *name,
                       const struct chance *chance)
{
    if (chance->percent <= 0)
        return;
    text_put(text, "%s", name);
    put_percent(text, chance->percent);
    if (chance->correlation_percent > 0)
        put_percent(text, chance->correlation_percent);
}

/* tc 6.1 knows no shorter unit than the microsecond here, and drops fractions
 * of one. */
static int64_t for_style(int64_t time_ns, enum profile_style style)
{
    if (style != PROFILE_FOR_TC || time_ns == 0)
        return time_ns;
    return time_ns < 1000 ? 1000 : (time_ns + 500) / 1000 * 1000;
}

static void put_delay(struct text *text, const struct profile *profile,
                      enum profile_style style)
{
    if (profile->delay_ns == 0)
        return;
    text_put(text, "delay");
    put_time(text, for_style(profile->delay_ns, style));
    if (profile->jitter_ns == 0)
        return;
    put_time(text, for_style(profile->jitter_ns, style));
    if (profile->delay_correlation_percent > 0)
        put_percent(text, profile->delay_correlation_percent);
    /* Uniform is the default, and tc 6.1 ships no table of that name. */
    if (profile->shape != DIST_UNIFORM)
        text_put(text, " distribution %s", dist_name(profile->shape));
}

/* Values are positional: all up to the last that differs from its default. */
static void put_values(struct text *text, const double *values,
                       const double *defaults, size_t count)
{
    while (count > 1 && values[count - 1] == defaults[count - 1])
        count--;
    for (size_t i = 0; i < count; i++)
        put_percent(text, values[i]);
}

static void put_loss(struct text *text, const struct profile *profile)
{
    const struct loss *loss = &profile->loss;
    switch (loss->model) {
    case LOSS_NONE:
        return;
    case LOSS_RANDOM:
        text_put(text, "loss");
        put_percent(text, loss->random.percent);
        if (loss->random.correlation_percent > 0)
            put_percent(text, loss->random.correlation_percent);
        break;
    case LOSS_STATE:
        text_put(text, "loss state");
        put_values(text,
                   (double[]){loss->state.p13, loss->state.p31, loss->state.p32,
                              loss->state.p23, loss->state.p14},
                   (double[]){-1, 100 - loss->state.p13, 0, 100, 0}, 5);
        break;
    case LOSS_GEMODEL:
        text_put(text, "loss gemodel");
        put_values(text,
                   (double[]){loss->gemodel.p, loss->gemodel.r,
                              loss->gemodel.lost_in_bad,
                              loss->gemodel.lost_in_good},
                   (double[]){-1, 100 - loss->gemodel.p, 100, 0}, 4);
        break;
    }
    if (profile->ecn)
        text_put(text, " ecn");
}

static void put_reorder(struct text *text, const struct profile *profile)
{
    put_chance(text, "reorder", &profile->reorder);
    if (profile->reorder.percent > 0 && profile->gap > 1)
        text_put(text, " gap %" PRIu32, profile->gap);
}

static void put_rate(struct text *text, const struct profile *profile)
{
    static const struct {
        uint64_t bps;
        const char *name;
    } units[] = {{1000000000, "gbit"}, {1000000, "mbit"}, {1000, "kbit"}};
    uint64_t rate = profile->rate_bps;
    if (rate == 0)
        return;
    const char *unit = "bit";
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (rate % units[i].bps == 0) {
            rate /= units[i].bps;
            unit = units[i].name;
            break;
        }
    }
    text_put(text, "rate %" PRIu64 "%s", rate, unit);
    bool cells = profile->cell_bytes > 0 || profile->cell_overhead_bytes != 0;
    if (cells || profile->overhead_bytes != 0)
        text_put(text, " %" PRId32, profile->overhead_bytes);
    if (cells)
        text_put(text, " %" PRIu32, profile->cell_bytes);
    if (profile->cell_overhead_bytes != 0)
        text_put(text, " %" PRId32, profile->cell_overhead_bytes);
}

static void put_slots(struct text *text, const struct slots *slots)
{
    if (!slots->on)
        return;
    text_put(text, "slot");
    if (slots->distributed) {
        text_put(text, " distribution %s", dist_name(slots->shape));
        put_time(text, slots->delay_ns);
        put_time(text, slots->jitter_ns);
    } else {
        put_time(text, slots->min_ns);
        if (slots->max_ns != slots->min_ns)
            put_time(text, slots->max_ns);
    }
    if (slots->max_pkts > 0)
        text_put(text, " packets %" PRIu32, slots->max_pkts);
    if (slots->max_bytes > 0)
        text_put(text, " bytes %" PRIu32, slots->max_bytes);
}

static void put_clause(struct text *text, const struct profile *profile,
                       enum profile_clause clause, enum profile_style style)
{
    switch (clause) {
    case CLAUSE_LIMIT:
        text_put(text, "limit %" PRIu32, profile->limit_pkts);
        break;
    case CLAUSE_DELAY:
        put_delay(text, profile, style);
        break;
    case CLAUSE_LOSS:
        put_loss(text, profile);
        break;
    case CLAUSE_CORRUPT:
        put_chance(text, "corrupt", &profile->corrupt);
        break;
    case CLAUSE_DUPLICATE:
        put_chance(text, "duplicate", &profile->duplicate);
        break;
    case CLAUSE_REORDER:
        put_reorder(text, profile);
        break;
    case CLAUSE_RATE:
        put_rate(text, profile);
        break;
    case CLAUSE_SLOT:
        put_slots(text, &profile->slots);
        break;
    case CLAUSE_SEED:
        if (profile->seeded)
            text_put(text, "seed %" PRIu64, profile->seed);
        break;
    }
}

int profile_format_clause(const struct profile *profile,
                          enum profile_clause clause, char *out, size_t size)
{
    struct text text = text_in(out, size);
    put_clause(&text, profile, clause, PROFILE_CANONICAL);
    return (int)text.length;
}

static bool is_said(const struct profile *profile, enum profile_clause clause,
                    enum profile_style style)
{
    if (clause == CLAUSE_LIMIT)
        return style == PROFILE_FOR_TC ||
               profile->limit_pkts != PROFILE_DEFAULT_LIMIT_PKTS;
    return clause != CLAUSE_SEED || style != PROFILE_FOR_TC;
}

int profile_format(const struct profile *profile, enum profile_style style,
                   char *out, size_t size)
{
    struct text text = text_in(out, size);
    for (int i = CLAUSE_LIMIT; i <= CLAUSE_SEED; i++) {
        enum profile_clause clause = (enum profile_clause)i;
        char piece[PROFILE_TEXT_BYTES];
        struct text words = text_in(piece, sizeof(piece));
        if (is_said(profile, clause, style))
            put_clause(&words, profile, clause, style);
        if (words.length > 0)
            text_put(&text, "%s%s", text.length > 0 ? " " : "", piece);
    }
    return (int)text.length;
}

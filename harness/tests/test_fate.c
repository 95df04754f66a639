/* Fates against theory.
 *
 * Every seed here is fixed, so these tests cannot flake; the bounds are those
 * that a right implementation exceeds with one seed in 16 000 (4 sigma) or, for
 * chi-square, in 1 000.  Where a process has a memory the bound is widened by
 * its variance, which the test derives. */
#include <check.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "link/fate.h"
#include "link/mangle.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

enum { PACKETS = 100000, SEED = 7 };

/* The test's place in the world: one direction of one link, one flow. */
struct bench {
    struct fater fater;
    struct profile profile;
    struct unit unit;
};

static struct bench *bench_with(const char *profile)
{
    struct scan_error error;
    struct bench *bench = mem_zalloc(sizeof(*bench));
    ck_assert_msg(profile_parse(&bench->profile, profile, &error) == 0, "%s",
                  error.message);
    fater_init(&bench->fater, SEED, 1, 0);
    bench->unit = (struct unit){.kind = UNIT_PACKET,
                                .protocol = IPPROTO_UDP,
                                .flow = 1,
                                .flow_label = 0x1abe1};
    return bench;
}

static struct fate fate_of(struct bench *bench, uint64_t index)
{
    struct fate fate;
    bench->unit.index = index;
    fate_decide(&bench->fater, &bench->profile, &bench->unit, 1, 0, false,
                &fate);
    return fate;
}

static bool has(struct bench *bench, uint64_t index, unsigned bit)
{
    return fate_of(bench, index).bits & bit;
}

/* Which of the first n packets have a bit. */
static bool *events(struct bench *bench, unsigned bit, size_t n)
{
    bool *row = mem_zalloc(n * sizeof(*row));
    for (size_t i = 0; i < n; i++)
        row[i] = has(bench, i, bit);
    return row;
}

static size_t sum(const bool *row, size_t n)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += row[i];
    return total;
}

static size_t count(struct bench *bench, unsigned bit, size_t n)
{
    bool *row = events(bench, bit, n);
    size_t total = sum(row, n);
    free(row);
    return total;
}

/* `got` events among n of probability p, each worth `spread` independent ones'
 * variance. */
static void assert_binomial(size_t got, size_t n, double p, double spread)
{
    double expected = (double)n * p;
    double bound = 4 * sqrt(expected * (1 - p) * spread);
    ck_assert_msg(fabs((double)got - expected) <= bound,
                  "%zu of %zu, expected %.1f +- %.1f", got, n, expected, bound);
}

/* ---- Random loss, duplication, corruption -------------------------------- */

static const double percents[] = {0, 0.1, 1, 5, 30, 50, 99.9, 100};

static void check_share(const char *option, unsigned bit, double percent)
{
    char *text = str_format("%s %g%%", option, percent);
    struct bench *bench = bench_with(text);
    assert_binomial(count(bench, bit, PACKETS), PACKETS, percent / 100, 1);
    free(bench);
    free(text);
}

START_TEST(loss_is_binomial)
{
    check_share("loss", FATE_LOST, percents[_i]);
}
END_TEST

START_TEST(duplication_is_binomial)
{
    check_share("duplicate", FATE_DUPLICATE, percents[_i]);
}
END_TEST

START_TEST(corruption_is_binomial)
{
    check_share("corrupt", FATE_CORRUPT, percents[_i]);
}
END_TEST

START_TEST(reordering_without_gap_is_binomial)
{
    if (percents[_i] > 0)
        check_share("delay 10ms reorder", FATE_REORDERED, percents[_i]);
}
END_TEST

/* Neighbours of an event at distances 1..8 have events as often as any. */
START_TEST(losses_know_nothing_of_each_other)
{
    struct bench *bench = bench_with("loss 10%");
    bool *lost = events(bench, FATE_LOST, PACKETS);
    for (size_t distance = 1; distance <= 8; distance++) {
        size_t both = 0;
        for (size_t i = 0; i + distance < PACKETS; i++)
            both += lost[i] && lost[i + distance];
        assert_binomial(both, PACKETS - distance, 0.01, 1.2);
    }
    free(lost);
    free(bench);
}
END_TEST

/* ---- Correlation --------------------------------------------------------- */

enum { GRID = 4000 };

/* The stationary distribution function of x' = (1 - rho) u + rho x, as the
 * fixed point of F(x) = integral over u of F((x - (1 - rho) u) / rho).  The
 * integral of F over an interval is a difference of its running integral. */
static double stationary_cdf(double rho, double at)
{
    static double f[GRID + 1], integral[GRID + 1];
    for (int i = 0; i <= GRID; i++)
        f[i] = (double)i / GRID;
    for (int round = 0; round < 60; round++) {
        integral[0] = 0;
        for (int i = 1; i <= GRID; i++)
            integral[i] = integral[i - 1] + (f[i] + f[i - 1]) / 2 / GRID;
        for (int i = 0; i <= GRID; i++) {
            double x = (double)i / GRID;
            double high = x / rho, low = (x - (1 - rho)) / rho;
            double area = 0;
            if (high > 1)
                area += high - 1; /* F is 1 there */
            int to = (int)lrint(fmin(high, 1) * GRID);
            int from = (int)lrint(fmax(low, 0) * GRID);
            area += integral[to] - integral[from];
            f[i] = area * rho / (1 - rho);
        }
    }
    return f[(int)lrint(at * GRID)];
}

/* netem's correlated numbers crowd around 1/2, so a share below it is hit less
 * often than it says: exactly as often as the distribution function tells. */
START_TEST(correlated_loss_follows_netems_formula)
{
    static const struct {
        const char *text;
        double p, rho;
    } rows[] = {
        {"loss 30% 25%", 0.3, 0.25},
        {"loss 30% 50%", 0.3, 0.5 },
        {"loss 60% 75%", 0.6, 0.75},
        {"loss 20% 40%", 0.2, 0.4 }
    };
    enum { MANY = 200000 };
    double rho = rows[_i].rho;
    double p = stationary_cdf(rho, rows[_i].p);
    struct bench *bench = bench_with(rows[_i].text);
    ck_assert_msg(fabs(p - rows[_i].p) > 0.01, "no difference to uncorrelated");
    assert_binomial(count(bench, FATE_LOST, MANY), MANY, p,
                    (1 + rho) / (1 - rho));
    free(bench);
}
END_TEST

START_TEST(correlation_makes_losses_cluster)
{
    struct bench *bench = bench_with("loss 30% 75%");
    bool *lost = events(bench, FATE_LOST, PACKETS);
    size_t pairs = 0, losses = sum(lost, PACKETS);
    for (size_t i = 0; i + 1 < PACKETS; i++)
        pairs += lost[i] && lost[i + 1];
    double after_loss = (double)pairs / (double)losses;
    double overall = (double)losses / PACKETS;
    ck_assert_msg(after_loss > 3 * overall, "%.3f after a loss, %.3f overall",
                  after_loss, overall);
    free(lost);
    free(bench);
}
END_TEST

/* ---- Loss models --------------------------------------------------------- */

/* Runs of `value` in a row, as a histogram of their lengths; the last bin takes
 * all that are longer. */
static size_t run_lengths(const bool *row, size_t n, bool value,
                          size_t *histogram, size_t bins)
{
    size_t runs = 0;
    memset(histogram, 0, bins * sizeof(*histogram));
    for (size_t i = 0, length = 0; i < n; i++) {
        length = row[i] == value ? length + 1 : 0;
        bool ends = length > 0 && i + 1 < n && row[i + 1] != value;
        if (!ends)
            continue;
        histogram[(length < bins ? length : bins) - 1]++;
        runs++;
    }
    return runs;
}

/* Chi-square of a histogram against a geometric distribution that stops with
 * probability `stop` after each element. */
static double chi_square_geometric(const size_t *histogram, size_t bins,
                                   size_t runs, double stop)
{
    double chi = 0, left = 1;
    for (size_t i = 0; i < bins; i++) {
        double p = i + 1 < bins ? left * stop : left;
        double expected = p * (double)runs;
        double off = (double)histogram[i] - expected;
        chi += off * off / expected;
        left *= 1 - stop;
    }
    return chi;
}

/* The 99.9 % quantile for k degrees of freedom (Wilson and Hilferty). */
static double chi_square_bound(double k)
{
    double z = 3.09, a = 2 / (9 * k);
    return k * pow(1 - a + z * sqrt(a), 3);
}

START_TEST(gemodel_bursts_are_geometric)
{
    enum { MANY = 400000, BINS = 30 };
    struct bench *bench = bench_with("loss gemodel 1% 10%");
    bool *lost = events(bench, FATE_LOST, MANY);
    size_t histogram[BINS];
    size_t bursts = run_lengths(lost, MANY, true, histogram, BINS);
    double chi = chi_square_geometric(histogram, BINS, bursts, 0.10);
    ck_assert_msg(chi < chi_square_bound(BINS - 1), "bursts: chi^2 %.1f", chi);
    size_t gaps = run_lengths(lost, MANY, false, histogram, BINS);
    chi = chi_square_geometric(histogram, BINS, gaps, 0.01);
    ck_assert_msg(chi < chi_square_bound(BINS - 1), "gaps: chi^2 %.1f", chi);
    /* Losses of a two-state chain vary as (1 + m) / (1 - m) times independent
     * ones, with the chain's memory m = 1 - p - r. */
    assert_binomial(sum(lost, MANY), MANY, 0.01 / 0.11, 1.89 / 0.11);
    free(lost);
    free(bench);
}
END_TEST

START_TEST(gemodel_loses_some_in_each_state)
{
    enum { MANY = 400000 };
    struct bench *bench = bench_with("loss gemodel 2% 20% 70% 1%");
    double bad = 0.02 / 0.22;
    double p = bad * 0.70 + (1 - bad) * 0.01;
    assert_binomial(count(bench, FATE_LOST, MANY), MANY, p, 1.78 / 0.22);
    free(bench);
}
END_TEST

START_TEST(gemodel_with_one_value_is_bernoulli)
{
    enum { BINS = 4 };
    struct bench *bench = bench_with("loss gemodel 10%");
    bool *lost = events(bench, FATE_LOST, PACKETS);
    size_t histogram[BINS];
    size_t bursts = run_lengths(lost, PACKETS, true, histogram, BINS);
    double chi = chi_square_geometric(histogram, BINS, bursts, 0.9);
    ck_assert_msg(chi < chi_square_bound(BINS - 1), "chi^2 %.1f", chi);
    assert_binomial(sum(lost, PACKETS), PACKETS, 0.1, 1);
    free(lost);
    free(bench);
}
END_TEST

/* The stationary distribution of a chain, by the power method. */
static void stationary(double matrix[4][4], double *share)
{
    double now[4] = {1, 0, 0, 0};
    for (int round = 0; round < 10000; round++) {
        double next[4] = {0};
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++)
                next[j] += now[i] * matrix[i][j];
        }
        memcpy(now, next, sizeof(now));
    }
    memcpy(share, now, sizeof(now));
}

START_TEST(state_model_has_its_stationary_rates)
{
    enum { MANY = 400000 };
    double p13 = 0.02, p31 = 0.3, p32 = 0.2, p23 = 0.4, p14 = 0.01, share[4];
    double matrix[4][4] = {
        {1 - p13 - p14, 0,       p13,           p14},
        {0,             1 - p23, p23,           0  },
        {p31,           p32,     1 - p31 - p32, 0  },
        {1,             0,       0,             0  }
    };
    stationary(matrix, share);
    struct bench *bench = bench_with("loss state 2% 30% 20% 40% 1%");
    bool *lost = events(bench, FATE_LOST, MANY);
    assert_binomial(sum(lost, MANY), MANY, share[2] + share[3], 8);
    /* Two losses in a row are two steps in state 3, whatever came before. */
    size_t pairs = 0;
    for (size_t i = 0; i + 1 < MANY; i++)
        pairs += lost[i] && lost[i + 1];
    assert_binomial(pairs, MANY - 1, share[2] * (1 - p31 - p32), 8);
    /* Lost, received, lost: through state 2 (p32 p23), or through state 1. */
    size_t between = 0;
    for (size_t i = 0; i + 2 < MANY; i++)
        between += lost[i] && !lost[i + 1] && lost[i + 2];
    double p =
        share[2] * (p32 * p23 + p31 * (p13 + p14)) + share[3] * (p13 + p14);
    assert_binomial(between, MANY - 2, p, 8);
    free(lost);
    free(bench);
}
END_TEST

START_TEST(state_model_with_p14_alone_loses_single_packets)
{
    struct bench *bench = bench_with("loss state 0% 100% 0% 100% 20%");
    bool *lost = events(bench, FATE_LOST, PACKETS);
    for (size_t i = 0; i + 1 < PACKETS; i++)
        ck_assert(!(lost[i] && lost[i + 1]));
    /* Good packets last 1/0.2 on average, then one is lost. */
    assert_binomial(sum(lost, PACKETS), PACKETS, 1.0 / 6, 1);
    free(lost);
    free(bench);
}
END_TEST

/* ---- Reordering ---------------------------------------------------------- */

START_TEST(certain_reordering_takes_every_gapth)
{
    struct bench *bench = bench_with("delay 10ms reorder 100% gap 5");
    for (uint64_t i = 0; i < 20000; i++)
        ck_assert_msg(has(bench, i, FATE_REORDERED) == (i % 5 == 4), "unit %d",
                      (int)i);
    free(bench);
}
END_TEST

/* Between two that overtake: gap - 1 at least, then a geometric number. */
START_TEST(reordering_keeps_its_gap)
{
    enum { GAP = 5, BINS = 12 };
    struct bench *bench = bench_with("delay 10ms reorder 25% gap 5");
    bool *row = events(bench, FATE_REORDERED, PACKETS);
    size_t histogram[BINS] = {0}, runs = 0, last = PACKETS;
    for (size_t i = 0; i < PACKETS; i++) {
        if (!row[i])
            continue;
        if (last != PACKETS) {
            ck_assert_msg(i - last >= GAP, "%zu after %zu", i, last);
            size_t extra = i - last - GAP;
            histogram[extra < BINS ? extra : BINS - 1]++;
            runs++;
        }
        last = i;
    }
    ck_assert_uint_gt(runs, 10000);
    double chi = chi_square_geometric(histogram, BINS, runs, 0.25);
    ck_assert_msg(chi < chi_square_bound(BINS - 1), "chi^2 %.1f", chi);
    free(row);
    free(bench);
}
END_TEST

START_TEST(correlated_reordering_clusters_behind_its_gap)
{
    struct bench *bench = bench_with("delay 10ms reorder 25% 75% gap 3");
    bool *row = events(bench, FATE_REORDERED, PACKETS);
    size_t at_once = 0, events_seen = 0;
    for (size_t i = 0; i + 3 < PACKETS; i++) {
        ck_assert(!(row[i] && (row[i + 1] || row[i + 2])));
        at_once += row[i] && row[i + 3];
        events_seen += row[i];
    }
    /* The number of the next candidate leans towards that of the packet which
     * overtook before, and that was low: it overtakes at once far more often
     * than a candidate does in general. */
    double again = (double)at_once / (double)events_seen;
    double overall = 3.0 * (double)events_seen / PACKETS;
    ck_assert_msg(again > 5 * overall, "%.3f, overall %.3f", again, overall);
    free(row);
    free(bench);
}
END_TEST

START_TEST(what_overtakes_is_not_delayed)
{
    struct bench *bench = bench_with("delay 10ms 1ms reorder 25%");
    for (uint64_t i = 0; i < 1000; i++) {
        struct fate fate = fate_of(bench, i);
        if (fate.bits & FATE_REORDERED)
            ck_assert_int_eq(fate.delay_ns, 0);
        else
            ck_assert_int_ge(fate.delay_ns, 9000000);
    }
    free(bench);
}
END_TEST

/* ---- Nothing depends on anything else ------------------------------------ */

START_TEST(no_clause_changes_another_clauses_events)
{
    static const char *const more[] = {
        "delay 10ms 5ms 25%", "delay 10ms reorder 25% 50%", "duplicate 5%",
        "corrupt 5% 50%",     "rate 1mbit limit 3",         "slot 1ms"};
    static const char *const models[] = {"loss 5%", "loss 20% 25%",
                                         "loss gemodel 1% 10%",
                                         "loss state 1% 30% 5% 20% 1%"};
    for (int m = 0; m < COUNT(models); m++) {
        struct bench *plain = bench_with(models[m]);
        bool *lost = events(plain, FATE_LOST, 20000);
        for (int i = 0; i < COUNT(more); i++) {
            char *text = str_format("%s %s", models[m], more[i]);
            struct bench *both = bench_with(text);
            bool *now = events(both, FATE_LOST, 20000);
            ck_assert_msg(memcmp(lost, now, 20000 * sizeof(*lost)) == 0,
                          "\"%s\" loses others", text);
            free(now);
            free(both);
            free(text);
        }
        free(lost);
        free(plain);
    }
}
END_TEST

START_TEST(more_loss_loses_the_same_and_more)
{
    struct bench *little = bench_with("loss 1%");
    struct bench *much = bench_with("loss 5%");
    for (uint64_t i = 0; i < 20000; i++)
        ck_assert(!has(little, i, FATE_LOST) || has(much, i, FATE_LOST));
    free(little);
    free(much);
}
END_TEST

/* Of the same unit, too: lost packets are as often late, copied and corrupted
 * as others are. */
START_TEST(the_answers_about_one_unit_are_independent)
{
    enum { ANSWERS = 5 };
    struct bench *bench = bench_with(
        "loss 50% duplicate 50% corrupt 50% delay 10ms 5ms reorder 50%");
    struct bench *jitter = bench_with("delay 10ms 5ms");
    size_t both[ANSWERS][ANSWERS] = {{0}};
    for (uint64_t i = 0; i < PACKETS; i++) {
        uint8_t bits = fate_of(bench, i).unit_bits[0];
        bool answers[ANSWERS] = {
            bits & FATE_UNIT_LOST, bits & FATE_UNIT_DUPLICATE,
            bits & FATE_UNIT_CORRUPT, bits & FATE_UNIT_REORDERED,
            fate_of(jitter, i).delay_ns < 10000000};
        for (int a = 0; a < ANSWERS; a++) {
            for (int b = 0; b < ANSWERS; b++)
                both[a][b] += answers[a] && answers[b];
        }
    }
    for (int a = 0; a < ANSWERS; a++) {
        for (int b = 0; b < ANSWERS; b++)
            assert_binomial(both[a][b], PACKETS, a == b ? 0.5 : 0.25, 1);
    }
    free(bench);
    free(jitter);
}
END_TEST

/* Everything that a question names: a change of it asks another question. */
START_TEST(each_part_of_a_name_matters)
{
    enum { PARTS = 8 };
    struct bench *plain = bench_with("loss 50%");
    size_t same[PARTS] = {0};
    for (uint64_t i = 0; i < 20000; i++) {
        bool lost = has(plain, i, FATE_LOST);
        for (int part = 0; part < PARTS; part++) {
            struct bench other = *plain;
            other.fater.seed += part == 0;
            other.fater.link += part == 1;
            other.fater.direction += part == 2;
            other.unit.flow_label += part == 3;
            other.unit.kind = part == 4 ? UNIT_DATA : UNIT_PACKET;
            other.unit.nth = part == 5;
            other.profile.seeded = part == 6;
            struct fate fate;
            other.unit.index = i;
            fate_decide(&other.fater, &other.profile, &other.unit, 1, part == 7,
                        false, &fate);
            same[part] += lost == ((fate.bits & FATE_LOST) != 0);
        }
    }
    for (int part = 0; part < PARTS; part++)
        assert_binomial(same[part], 20000, 0.5, 1);
    free(plain);
}
END_TEST

START_TEST(a_profiles_seed_goes_before_the_nets)
{
    struct bench *one = bench_with("loss 50% seed 99");
    struct bench *two = bench_with("loss 50% seed 99");
    two->fater.seed = 12345;
    for (uint64_t i = 0; i < 1000; i++)
        ck_assert(has(one, i, FATE_LOST) == has(two, i, FATE_LOST));
    ck_assert_uint_eq(fate_of(one, 0).seed, 99);
    free(one);
    free(two);
}
END_TEST

static const char *const remembering[] = {
    "loss 30% 50%",
    "loss gemodel 1% 10% 70% 0.1%",
    "loss state 2% 30% 20% 40% 1%",
    "duplicate 30% 60%",
    "corrupt 30% 60%",
    "delay 10ms reorder 25% 50% gap 7",
    "delay 10ms 3ms 80%",
    /* These have not forgotten how a block began by its end. */
    "delay 10ms 3ms 99.9%",
    "loss gemodel 0.05% 0.05%",
};

/* Asks in order, then backwards, then here and there: of another fater, whose
 * cache knows nothing, and in between about other flows. */
START_TEST(answers_do_not_depend_on_the_order_of_questions)
{
    enum { UNITS = 6000, FLOWS = 300 };
    struct bench *bench = bench_with(remembering[_i]);
    struct fate *answers = mem_zalloc(UNITS * sizeof(*answers));
    for (uint64_t i = 0; i < UNITS; i++)
        answers[i] = fate_of(bench, i);
    struct bench *again = bench_with(remembering[_i]);
    const uint64_t label = bench->unit.flow_label;
    for (uint64_t i = 0; i < UNITS; i++) {
        uint64_t at = i < UNITS / 4 ? UNITS - 1 - i : hash_words(&i, 1) % UNITS;
        again->unit.flow_label = label + 1 + i % FLOWS;
        (void)fate_of(again, at > 0 ? at - 1 : 0); /* what a cache may mix up */
        again->unit.flow_label = label;
        struct fate fate = fate_of(again, at);
        ck_assert_msg(fate.bits == answers[at].bits &&
                          fate.delay_ns == answers[at].delay_ns &&
                          fate.corrupt_draw == answers[at].corrupt_draw,
                      "%s: unit %d", remembering[_i], (int)at);
    }
    free(answers);
    free(again);
    free(bench);
}
END_TEST

/* Many flows take turns, as on a busy link. */
START_TEST(flows_do_not_get_each_others_states)
{
    enum { FLOWS = 300, UNITS = 40 };
    struct bench *together = bench_with("loss gemodel 20% 20%");
    for (uint64_t i = 0; i < UNITS; i++) {
        for (uint64_t flow = 0; flow < FLOWS; flow++) {
            struct bench *alone = bench_with("loss gemodel 20% 20%");
            alone->unit.flow_label = together->unit.flow_label = flow;
            ck_assert(has(together, i, FATE_LOST) == has(alone, i, FATE_LOST));
            free(alone);
        }
    }
    free(together);
}
END_TEST

/* Another profile's states must not be taken from the cache. */
START_TEST(a_change_of_profile_is_a_fresh_question)
{
    struct bench *changing = bench_with("loss gemodel 1% 10%");
    struct bench *one = bench_with("loss gemodel 1% 10%");
    struct bench *two = bench_with("loss gemodel 20% 30%");
    for (uint64_t i = 0; i < 5000; i++) {
        changing->profile = one->profile;
        ck_assert(has(changing, i, FATE_LOST) == has(one, i, FATE_LOST));
        changing->profile = two->profile;
        ck_assert(has(changing, i, FATE_LOST) == has(two, i, FATE_LOST));
    }
    free(changing);
    free(one);
    free(two);
}
END_TEST

/* ---- Packets of several units, copies, marks ----------------------------- */

START_TEST(any_unit_of_a_packet_decides)
{
    struct bench *bench = bench_with("loss 5%");
    struct unit units[3];
    size_t lost = 0;
    for (uint64_t i = 0; i < PACKETS; i++) {
        bool any = false;
        for (uint64_t k = 0; k < 3; k++) {
            units[k] = bench->unit;
            units[k].index = i * 3 + k;
            any |= has(bench, i * 3 + k, FATE_LOST);
        }
        struct fate fate;
        fate_decide(&bench->fater, &bench->profile, units, 3, 0, false, &fate);
        ck_assert(((fate.bits & FATE_LOST) != 0) == any);
        lost += any;
    }
    assert_binomial(lost, PACKETS, 1 - pow(0.95, 3), 1);
    free(bench);
}
END_TEST

START_TEST(copies_are_not_copied_and_have_fates_of_their_own)
{
    struct bench *bench = bench_with("duplicate 100% loss 10%");
    size_t copies_lost = 0, both_lost = 0;
    for (uint64_t i = 0; i < PACKETS; i++) {
        struct fate original = fate_of(bench, i), copy;
        fate_decide(&bench->fater, &bench->profile, &bench->unit, 1, 1, false,
                    &copy);
        ck_assert(original.bits & FATE_DUPLICATE);
        ck_assert(!(copy.bits & FATE_DUPLICATE));
        copies_lost += (copy.bits & FATE_LOST) != 0;
        both_lost += (copy.bits & original.bits & FATE_LOST) != 0;
    }
    assert_binomial(copies_lost, PACKETS, 0.1, 1);
    assert_binomial(both_lost, PACKETS, 0.01, 1);
    free(bench);
}
END_TEST

START_TEST(marks_take_the_place_of_losses)
{
    struct bench *bench = bench_with("loss 5% ecn");
    for (uint64_t i = 0; i < 20000; i++) {
        struct fate plain = fate_of(bench, i), capable;
        fate_decide(&bench->fater, &bench->profile, &bench->unit, 1, 0, true,
                    &capable);
        ck_assert(!(plain.bits & FATE_MARKED));
        ck_assert(!(capable.bits & FATE_LOST));
        ck_assert(((plain.bits & FATE_LOST) != 0) ==
                  ((capable.bits & FATE_MARKED) != 0));
    }
    free(bench);
}
END_TEST

START_TEST(bare_segments_are_only_delayed)
{
    struct bench *bench =
        bench_with("loss 100% duplicate 100% corrupt 100% delay 5ms 4ms");
    bench->unit.kind = UNIT_BARE;
    struct fate bare = fate_of(bench, 3);
    ck_assert_uint_eq(bare.bits, 0);
    bench->unit.kind = UNIT_DATA; /* of the same cell: delayed alike */
    ck_assert_int_eq(fate_of(bench, 3).delay_ns, bare.delay_ns);
    ck_assert_int_ne(fate_of(bench, 4).delay_ns, bare.delay_ns);
    free(bench);
}
END_TEST

START_TEST(what_has_no_unit_is_delayed_by_the_mean)
{
    struct bench *bench = bench_with("loss 100% delay 5ms 4ms");
    struct fate fate;
    fate_decide(&bench->fater, &bench->profile, NULL, 0, 0, false, &fate);
    ck_assert_uint_eq(fate.bits, 0);
    ck_assert_int_eq(fate.delay_ns, 5000000);
    free(bench);
}
END_TEST

/* ---- Changing packets ---------------------------------------------------- */

/* IPv4, ECT(0), UDP 8 bytes of data; IPv6 with a hop-by-hop header likewise. */
static const uint8_t udp4[] = {0x45, 0x02, 0,    36,   0,    1,    0x40, 0,  64,
                               17,   0x26, 0x34, 10,   77,   1,    1,    10, 77,
                               1,    2,    0x27, 0x0f, 0x23, 0x28, 0,    16, 0,
                               0,    1,    2,    3,    4,    5,    6,    7,  8};
static const uint8_t udp6[] = {
    0x60, 0x10, 0,    0,    0, 24, 0,    64,   0xfd, 0x77, 0, 1, 0, 0, 0, 0,
    0,    0,    0,    0,    0, 0,  0,    1,    0xfd, 0x77, 0, 1, 0, 0, 0, 0,
    0,    0,    0,    0,    0, 0,  0,    2,    17,   0,    5, 2, 0, 0, 1, 0,
    0x27, 0x0f, 0x23, 0x28, 0, 16, 0x12, 0x34, 1,    2,    3, 4, 5, 6, 7, 8};

static int bits_changed(const uint8_t *a, const uint8_t *b, size_t bytes)
{
    int changed = 0;
    for (size_t i = 0; i < bytes; i++)
        changed += __builtin_popcount(a[i] ^ b[i]);
    return changed;
}

static void check_flips(const uint8_t *packet, size_t bytes, size_t header)
{
    enum { FLIPS = 64000 };
    uint8_t copy[128];
    size_t bits = (bytes - header) * 8, hits[1024] = {0};
    for (uint64_t i = 0; i < FLIPS; i++) {
        memcpy(copy, packet, bytes);
        int64_t bit = mangle_flip(copy, bytes, hash_words(&i, 1));
        ck_assert_int_ge(bit, (int64_t)header * 8);
        ck_assert_int_lt(bit, (int64_t)bytes * 8);
        ck_assert_int_eq(bits_changed(copy, packet, bytes), 1);
        ck_assert_int_eq(bits_changed(copy, packet, header), 0);
        ck_assert((copy[bit / 8] ^ packet[bit / 8]) == 0x80 >> bit % 8);
        hits[(size_t)bit - header * 8]++;
    }
    double chi = 0, expected = (double)FLIPS / (double)bits;
    for (size_t i = 0; i < bits; i++)
        chi += pow((double)hits[i] - expected, 2) / expected;
    ck_assert_msg(chi < chi_square_bound((double)bits - 1), "chi^2 %.1f", chi);
}

START_TEST(corruption_flips_exactly_one_bit_behind_the_ip_header)
{
    check_flips(udp4, sizeof(udp4), 20);
    check_flips(udp6, sizeof(udp6), 48);
}
END_TEST

START_TEST(a_bare_ip_header_cannot_be_corrupted)
{
    uint8_t copy[20];
    memcpy(copy, udp4, 20);
    copy[3] = 20;
    uint8_t before[20];
    memcpy(before, copy, 20);
    ck_assert_int_eq(mangle_flip(copy, 20, 5), -ENODATA);
    ck_assert_int_eq(mangle_flip(copy, 0, 5), -ENODATA);
    ck_assert_mem_eq(copy, before, 20);
}
END_TEST

/* Packets that are padded (to Ethernet's minimum) are flipped inside. */
START_TEST(padding_is_not_corrupted)
{
    uint8_t padded[64] = {0}, copy[64];
    memcpy(padded, udp4, sizeof(udp4));
    for (uint64_t i = 0; i < 1000; i++) {
        memcpy(copy, padded, sizeof(copy));
        ck_assert_int_lt(mangle_flip(copy, sizeof(copy), hash_words(&i, 1)),
                         (int64_t)sizeof(udp4) * 8);
    }
}
END_TEST

static uint16_t ones_sum(const uint8_t *p, size_t bytes)
{
    uint32_t total = 0;
    for (size_t i = 0; i < bytes; i += 2)
        total += (uint32_t)(p[i] << 8 | p[i + 1]);
    total = (total & 0xffff) + (total >> 16);
    return (uint16_t)((total & 0xffff) + (total >> 16));
}

START_TEST(a_mark_keeps_the_checksum_right)
{
    for (unsigned id = 0; id < 65536; id += 7) {
        uint8_t packet[sizeof(udp4)];
        memcpy(packet, udp4, sizeof(packet));
        packet[1] = (uint8_t)(0x02 | (id % 63) << 2); /* any DSCP, ECT(0) */
        packet[4] = (uint8_t)(id >> 8);
        packet[5] = (uint8_t)id;
        packet[10] = packet[11] = 0;
        uint16_t sum16 = (uint16_t)~ones_sum(packet, 20);
        packet[10] = (uint8_t)(sum16 >> 8);
        packet[11] = (uint8_t)sum16;
        ck_assert_int_eq(mangle_mark_ce(packet, sizeof(packet)), 0);
        ck_assert_int_eq(packet[1] & 3, 3);
        ck_assert_uint_eq(ones_sum(packet, 20), 0xffff);
    }
}
END_TEST

START_TEST(a_mark_changes_the_ecn_bits_only)
{
    uint8_t packet[sizeof(udp6)];
    memcpy(packet, udp6, sizeof(packet)); /* its traffic class is 1: ECT(1) */
    ck_assert_int_eq(mangle_mark_ce(packet, sizeof(packet)), 0);
    ck_assert_uint_eq(packet[1], 0x30);
    ck_assert_int_eq(bits_changed(packet, udp6, sizeof(packet)), 1);
    packet[1] = 0; /* not ECN-capable */
    ck_assert_int_eq(mangle_mark_ce(packet, sizeof(packet)), -EOPNOTSUPP);
    ck_assert_int_eq(mangle_mark_ce(packet, 0), -EOPNOTSUPP);
}
END_TEST

/* ---- In words ------------------------------------------------------------ */

START_TEST(reasons_name_clause_seed_and_unit)
{
    char text[256];
    struct bench *bench = bench_with("loss 100% duplicate 100%");
    struct fate fate = fate_of(bench, 12);
    fate_reason(&fate, FATE_LOST, &bench->profile, &bench->unit, text,
                sizeof(text));
    ck_assert_str_eq(text, "lost: loss 100% seed 7 udp flow 1 unit 12");
    fate_reason(&fate, FATE_DUPLICATE, &bench->profile, &bench->unit, text,
                sizeof(text));
    ck_assert_str_eq(text,
                     "duplicated: duplicate 100% seed 7 udp flow 1 unit 12");
    ck_assert_int_eq(fate_reason(&fate, FATE_CORRUPT, &bench->profile,
                                 &bench->unit, text, sizeof(text)),
                     0);
    bench->unit = (struct unit){.kind = UNIT_DATA,
                                .protocol = IPPROTO_TCP,
                                .flow = 2,
                                .nth = 1,
                                .index = 10,
                                .offset_bytes = 14480};
    fate = fate_of(bench, 10);
    fate_reason(&fate, FATE_LOST, &bench->profile, &bench->unit, text,
                sizeof(text));
    ck_assert_str_eq(
        text, "lost: loss 100% seed 7 tcp flow 2 data offset 14480 nth 1");
    bench->unit.kind = UNIT_ACK;
    bench->unit.nth = 0;
    fate = fate_of(bench, 4);
    fate_reason(&fate, FATE_LOST, &bench->profile, &bench->unit, text,
                sizeof(text));
    ck_assert_str_eq(text, "lost: loss 100% seed 7 tcp flow 2 ack 4");
    free(bench);
}
END_TEST

START_TEST(the_reason_names_the_unit_that_was_hit)
{
    char text[256];
    struct bench *bench = bench_with("loss 50%");
    struct unit units[2] = {bench->unit, bench->unit};
    for (uint64_t i = 0; i < 1000; i++) {
        if (has(bench, i, FATE_LOST) || !has(bench, i + 1, FATE_LOST))
            continue;
        units[0].index = i;
        units[1].index = i + 1;
        struct fate fate;
        fate_decide(&bench->fater, &bench->profile, units, 2, 0, false, &fate);
        ck_assert_uint_eq(fate.unit_bits[0], 0);
        fate_reason(&fate, FATE_LOST, &bench->profile, units, text,
                    sizeof(text));
        char *end = str_format("unit %d", (int)i + 1);
        ck_assert_ptr_nonnull(strstr(text, end));
        free(end);
    }
    free(bench);
}
END_TEST

START_TEST(decisions_have_words)
{
    char text[64];
    fate_unit_text(0, text, sizeof(text));
    ck_assert_str_eq(text, "pass");
    fate_unit_text(FATE_UNIT_LOST, text, sizeof(text));
    ck_assert_str_eq(text, "lost");
    fate_unit_text(FATE_UNIT_CORRUPT | FATE_UNIT_DUPLICATE, text, sizeof(text));
    ck_assert_str_eq(text, "duplicate,corrupt");
}
END_TEST

/* ---- Pinned -------------------------------------------------------------- */

/* Recorded runs are replayed by their seeds, so these answers must never
 * change. If this test fails, the hash's input did. */
START_TEST(the_losses_of_seed_7_are_for_ever)
{
    static const uint64_t pinned[] = {8, 9, 19, 35, 59, 90, 111, 116, 129, 134};
    struct bench *bench = bench_with("loss 5%");
    size_t found = 0;
    for (uint64_t i = 0; found < COUNT(pinned); i++) {
        if (has(bench, i, FATE_LOST))
            ck_assert_uint_eq(i, pinned[found++]);
    }
    free(bench);
}
END_TEST

static TCase *statistics(void)
{
    TCase *tcase = tcase_create("statistics");
    tcase_add_loop_test(tcase, loss_is_binomial, 0, COUNT(percents));
    tcase_add_loop_test(tcase, duplication_is_binomial, 0, COUNT(percents));
    tcase_add_loop_test(tcase, corruption_is_binomial, 0, COUNT(percents));
    tcase_add_loop_test(tcase, reordering_without_gap_is_binomial, 0,
                        COUNT(percents));
    tcase_add_test(tcase, losses_know_nothing_of_each_other);
    tcase_add_loop_test(tcase, correlated_loss_follows_netems_formula, 0, 4);
    tcase_add_test(tcase, correlation_makes_losses_cluster);
    tcase_add_test(tcase, gemodel_bursts_are_geometric);
    tcase_add_test(tcase, gemodel_loses_some_in_each_state);
    tcase_add_test(tcase, gemodel_with_one_value_is_bernoulli);
    tcase_add_test(tcase, state_model_has_its_stationary_rates);
    tcase_add_test(tcase, state_model_with_p14_alone_loses_single_packets);
    tcase_add_test(tcase, certain_reordering_takes_every_gapth);
    tcase_add_test(tcase, reordering_keeps_its_gap);
    tcase_add_test(tcase, correlated_reordering_clusters_behind_its_gap);
    tcase_set_timeout(tcase, 30);
    return tcase;
}

static TCase *independence(void)
{
    TCase *tcase = tcase_create("independence");
    tcase_add_test(tcase, no_clause_changes_another_clauses_events);
    tcase_add_test(tcase, more_loss_loses_the_same_and_more);
    tcase_add_test(tcase, each_part_of_a_name_matters);
    tcase_add_test(tcase, a_profiles_seed_goes_before_the_nets);
    tcase_add_loop_test(tcase, answers_do_not_depend_on_the_order_of_questions,
                        0, COUNT(remembering));
    tcase_add_test(tcase, flows_do_not_get_each_others_states);
    tcase_add_test(tcase, a_change_of_profile_is_a_fresh_question);
    tcase_add_test(tcase, the_answers_about_one_unit_are_independent);
    tcase_add_test(tcase, the_losses_of_seed_7_are_for_ever);
    tcase_set_timeout(tcase, 30);
    return tcase;
}

static TCase *packets(void)
{
    TCase *tcase = tcase_create("packets");
    tcase_add_test(tcase, what_overtakes_is_not_delayed);
    tcase_add_test(tcase, any_unit_of_a_packet_decides);
    tcase_add_test(tcase, copies_are_not_copied_and_have_fates_of_their_own);
    tcase_add_test(tcase, marks_take_the_place_of_losses);
    tcase_add_test(tcase, bare_segments_are_only_delayed);
    tcase_add_test(tcase, what_has_no_unit_is_delayed_by_the_mean);
    tcase_add_test(tcase,
                   corruption_flips_exactly_one_bit_behind_the_ip_header);
    tcase_add_test(tcase, a_bare_ip_header_cannot_be_corrupted);
    tcase_add_test(tcase, padding_is_not_corrupted);
    tcase_add_test(tcase, a_mark_keeps_the_checksum_right);
    tcase_add_test(tcase, a_mark_changes_the_ecn_bits_only);
    tcase_add_test(tcase, reasons_name_clause_seed_and_unit);
    tcase_add_test(tcase, the_reason_names_the_unit_that_was_hit);
    tcase_add_test(tcase, decisions_have_words);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("fate");
    suite_add_tcase(suite, statistics());
    suite_add_tcase(suite, independence());
    suite_add_tcase(suite, packets());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}

/* Each impairment against theory.  Where a process has a memory the bound is
 * widened by its variance, which the test derives. */
#include <string.h>

#include "fatebench.h"

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
    } rows[] = {{"loss 30% 25%", 0.3, 0.25},
                {"loss 30% 50%", 0.3, 0.5},
                {"loss 60% 75%", 0.6, 0.75},
                {"loss 20% 40%", 0.2, 0.4}};
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
    double matrix[4][4] = {{1 - p13 - p14, 0, p13, p14},
                           {0, 1 - p23, p23, 0},
                           {p31, p32, 1 - p31 - p32, 0},
                           {1, 0, 0, 0}};
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

static TCase *simple(void)
{
    TCase *tcase = tcase_create("simple");
    tcase_add_loop_test(tcase, loss_is_binomial, 0, COUNT(percents));
    tcase_add_loop_test(tcase, duplication_is_binomial, 0, COUNT(percents));
    tcase_add_loop_test(tcase, corruption_is_binomial, 0, COUNT(percents));
    tcase_add_loop_test(tcase, reordering_without_gap_is_binomial, 0,
                        COUNT(percents));
    tcase_add_test(tcase, losses_know_nothing_of_each_other);
    tcase_set_timeout(tcase, 30);
    return tcase;
}

static TCase *remembering(void)
{
    TCase *tcase = tcase_create("remembering");
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

int main(void)
{
    Suite *suite = suite_create("impairments");
    suite_add_tcase(suite, simple());
    suite_add_tcase(suite, remembering());
    return run_suite(suite);
}

/* Delays against theory: shape, spread, correlation, netem's tables. */
#include <check.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "link/fate.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

enum { PACKETS = 50000, SEED = 11 };

/* Delays of the first packets of a flow, in the order of sending, in ms. */
static double *delays(const char *text)
{
    struct scan_error error;
    struct profile profile;
    struct fater *fater = mem_zalloc(sizeof(*fater));
    double *row = mem_zalloc(PACKETS * sizeof(*row));
    ck_assert_msg(profile_parse(&profile, text, &error) == 0, "%s",
                  error.message);
    fater_init(fater, SEED, 1, 0);
    for (uint64_t i = 0; i < PACKETS; i++) {
        struct fate fate;
        struct unit unit = {.kind = UNIT_PACKET,
                            .protocol = IPPROTO_UDP,
                            .flow = 1,
                            .flow_label = 0x1abe1,
                            .index = i};
        fate_decide(fater, &profile, &unit, 1, 0, false, &fate);
        row[i] = (double)fate.delay_ns / 1e6;
    }
    free(fater);
    return row;
}

/* ---- Shapes -------------------------------------------------------------- */

/* Distribution functions in units of sigma, all ending at +-4 (32767/8192) as
 * netem's 16-bit tables do. */
static double uniform_cdf(double x)
{
    return x < -1 ? 0 : x > 1 ? 1 : (x + 1) / 2;
}

static double normal_cdf(double x)
{
    return erfc(-x * M_SQRT1_2) / 2;
}

/* Pareto's law with exponent 3, less 3/2, times 4/3. */
static double pareto_cdf(double x)
{
    double t = x * 0.75 + 1.5;
    return t <= 1 ? 0 : 1 - pow(t, -3);
}

/* The value x with cdf(x) = p. */
static double inverse(double (*cdf)(double), double p)
{
    double low = -50, high = 1e6;
    for (int i = 0; i < 200; i++) {
        double middle = (low + high) / 2;
        *(cdf(middle) < p ? &low : &high) = middle;
    }
    return low;
}

/* Quantiles of paretonormal are a mixture, so its cdf is found by bisection. */
static double paretonormal_quantile(double p)
{
    return 0.25 * inverse(normal_cdf, p) +
           0.75 * fmin(inverse(pareto_cdf, p), 32767.0 / 8192);
}

static double paretonormal_cdf(double x)
{
    double low = 0, high = 1;
    for (int i = 0; i < 40; i++) {
        double middle = (low + high) / 2;
        *(paretonormal_quantile(middle) < x ? &low : &high) = middle;
    }
    return low;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Kolmogorov's distance between a sample, which it sorts, and a law.  Where the
 * table ends all of the rest lies on one value: nothing is compared there. */
static double distance(double *sample, int n, double mean, double sigma,
                       double (*cdf)(double), int stride)
{
    double worst = 0;
    qsort(sample, (size_t)n, sizeof(*sample), ascending);
    for (int i = 0; i < n; i += stride) {
        double x = (sample[i] - mean) / sigma;
        if (x >= 3.999)
            break;
        double theory = cdf(x);
        double below = (double)i / n, above = (double)(i + 1) / n;
        worst = fmax(worst, fmax(theory - above, below - theory));
    }
    return worst;
}

/* How far table lookup may be from the law itself: an entry stands for 1/4096
 * of all chances, and is rounded to half of 1/8192 sigma where the densest law
 * (Pareto at its left end, 9/4 per sigma) has 9/4 * 0.5/8192.  A sample of n
 * adds 1.95 / sqrt(n), which one sample in a thousand exceeds. */
static double ks_bound(int n)
{
    return 1.95 / sqrt(n) + 1.0 / DIST_ENTRIES + 2.25 * 0.5 / DIST_SCALE;
}

static const struct {
    const char *text;
    double (*cdf)(double);
    int stride; /* the slow one is compared at every 50th value */
} shapes[] = {
    {"delay 100ms 10ms", uniform_cdf, 1},
    {"delay 100ms 10ms distribution normal", normal_cdf, 1},
    {"delay 100ms 10ms distribution pareto", pareto_cdf, 1},
    {"delay 100ms 10ms distribution paretonormal", paretonormal_cdf, 50},
};

START_TEST(delays_follow_their_distribution)
{
    double *row = delays(shapes[_i].text);
    double worst =
        distance(row, PACKETS, 100, 10, shapes[_i].cdf, shapes[_i].stride);
    ck_assert_msg(worst < ks_bound(PACKETS), "%s: distance %.5f, bound %.5f",
                  shapes[_i].text, worst, ks_bound(PACKETS));
    free(row);
}
END_TEST

/* The bound is tight enough to tell the shapes apart. */
START_TEST(shapes_differ_by_more_than_the_bound)
{
    double *row = delays(shapes[_i].text);
    for (int other = 0; other < COUNT(shapes); other++) {
        if (other == _i)
            continue;
        double worst = distance(row, PACKETS, 100, 10, shapes[other].cdf,
                                shapes[other].stride);
        ck_assert_double_gt(worst, 3 * ks_bound(PACKETS));
    }
    free(row);
}
END_TEST

START_TEST(tables_are_those_of_tc)
{
    static const enum dist_shape tables[] = {DIST_NORMAL, DIST_PARETO,
                                             DIST_PARETONORMAL};
    enum dist_shape shape = tables[_i];
    char *path =
        str_format("/usr/lib/x86_64-linux-gnu/tc/%s.dist", dist_name(shape));
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "SKIP tables_are_those_of_tc: no %s (iproute2)\n",
                path);
        free(path);
        return;
    }
    free(path);
    ck_assert_int_ge(fscanf(file, "# %*[^\n]"), 0);
    for (unsigned i = 0; i < DIST_ENTRIES; i++) {
        int entry = 0;
        ck_assert_int_eq(fscanf(file, "%d", &entry), 1);
        ck_assert_msg(abs(entry - dist_entry(shape, i)) <= 1,
                      "%s[%u] is %d, ours %d", dist_name(shape), i, entry,
                      dist_entry(shape, i));
    }
    fclose(file);
}
END_TEST

START_TEST(more_chance_is_never_less_delay)
{
    for (int shape = DIST_UNIFORM; shape <= DIST_PARETONORMAL; shape++) {
        int64_t last = INT64_MIN;
        for (uint64_t chance = 0; chance <= UINT32_MAX; chance += 99991) {
            int64_t ns = dist_ns((enum dist_shape)shape, 50000000, 10000000,
                                 (uint32_t)chance);
            ck_assert_int_ge(ns, last);
            last = ns;
        }
    }
}
END_TEST

START_TEST(extremes_stay_in_bounds)
{
    const int64_t day_ns = 86400LL * 1000000000;
    ck_assert_int_eq(dist_ns(DIST_UNIFORM, 100, 10, 0), 90);
    ck_assert_int_eq(dist_ns(DIST_UNIFORM, 100, 10, UINT32_MAX), 109);
    ck_assert_int_eq(dist_ns(DIST_NORMAL, 100, 0, 12345), 100);
    ck_assert_int_eq(dist_ns(DIST_NORMAL, 0, 8192, 0), -32768);
    ck_assert_int_eq(dist_ns(DIST_UNIFORM, day_ns, day_ns, 0), 0);
    ck_assert_int_gt(dist_ns(DIST_PARETO, day_ns, day_ns, UINT32_MAX), day_ns);
}
END_TEST

START_TEST(no_delay_is_negative)
{
    double *row = delays("delay 1ms 10ms");
    int at_once = 0;
    for (int i = 0; i < PACKETS; i++) {
        ck_assert_double_ge(row[i], 0);
        at_once += row[i] == 0;
    }
    /* Uniform on [-9 ms, 11 ms): 45 % would be in the past. */
    double bound = 4 * sqrt(PACKETS * 0.45 * 0.55);
    ck_assert_double_lt(fabs(at_once - PACKETS * 0.45), bound);
    free(row);
}
END_TEST

START_TEST(without_jitter_every_delay_is_the_same)
{
    double *row = delays("delay 20ms");
    for (int i = 0; i < PACKETS; i++)
        ck_assert_double_eq(row[i], 20);
    free(row);
}
END_TEST

/* ---- Correlation --------------------------------------------------------- */

static double mean_of(const double *row)
{
    double total = 0;
    for (int i = 0; i < PACKETS; i++)
        total += row[i];
    return total / PACKETS;
}

static double covariance(const double *row, int lag)
{
    double mean = mean_of(row), total = 0;
    for (int i = 0; i + lag < PACKETS; i++)
        total += (row[i] - mean) * (row[i + lag] - mean);
    return total / (PACKETS - lag);
}

static const double rhos[] = {0, 10, 25, 50, 75, 90};

/* x[n] = (1 - rho) u[n] + rho x[n-1] with uniform u of variance jitter^2 / 3:
 * variance (1 - rho) / (1 + rho) times that, correlation rho^lag, mean as
 * before.  Bartlett: a correlation estimated from n values of such a process
 * has at most the variance (1 + rho^2) / (1 - rho^2) / n. */
START_TEST(correlation_follows_netems_formula)
{
    double rho = rhos[_i] / 100, factor = (1 + rho * rho) / (1 - rho * rho);
    char *text = str_format("delay 100ms 10ms %g%%", rhos[_i]);
    double *row = delays(text);
    double variance = covariance(row, 0);
    double expected = 100.0 / 3 * (1 - rho) / (1 + rho);
    double bound = 5 * sqrt(factor / PACKETS);
    ck_assert_msg(fabs(variance / expected - 1) < 2 * bound,
                  "variance %.3f, expected %.3f", variance, expected);
    ck_assert_double_eq_tol(mean_of(row), 100,
                            4 * sqrt(100.0 / 3 / PACKETS)); /* any rho */
    for (int lag = 1; lag <= 3; lag++) {
        double correlation = covariance(row, lag) / variance;
        ck_assert_msg(fabs(correlation - pow(rho, lag)) < bound,
                      "lag %d: %.4f, expected %.4f +- %.4f", lag, correlation,
                      pow(rho, lag), bound);
    }
    free(row);
    free(text);
}
END_TEST

START_TEST(correlation_works_through_a_table_too)
{
    double *row = delays("delay 100ms 10ms 50% distribution normal");
    double correlation = covariance(row, 1) / covariance(row, 0);
    /* The table is all but linear where the crowded numbers lie. */
    ck_assert_double_eq_tol(correlation, 0.5, 0.03);
    free(row);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("delay");
    TCase *tcase = tcase_create("delay");
    tcase_add_loop_test(tcase, delays_follow_their_distribution, 0,
                        COUNT(shapes));
    tcase_add_loop_test(tcase, shapes_differ_by_more_than_the_bound, 0,
                        COUNT(shapes));
    tcase_add_loop_test(tcase, tables_are_those_of_tc, 0, 3);
    tcase_add_test(tcase, more_chance_is_never_less_delay);
    tcase_add_test(tcase, extremes_stay_in_bounds);
    tcase_add_test(tcase, no_delay_is_negative);
    tcase_add_test(tcase, without_jitter_every_delay_is_the_same);
    tcase_add_loop_test(tcase, correlation_follows_netems_formula, 0,
                        COUNT(rhos));
    tcase_add_test(tcase, correlation_works_through_a_table_too);
    tcase_set_timeout(tcase, 30);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}

/* One flow of numbered packets and their fates, and the statistics to judge
 * them by.
 *
 * Seeds are fixed, so these tests cannot flake; the bounds are those that a
 * right implementation exceeds with one seed in 16 000 (4 sigma) or, for
 * chi-square, in 1 000. */
#ifndef TESTS_FATEBENCH_H
#define TESTS_FATEBENCH_H

#include <check.h>
#include <math.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "link/fate.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

enum { PACKETS = 100000, SEED = 7 };

/* The test's place in the world: one direction of one link, one flow. */
struct bench {
    struct fater fater;
    struct profile profile;
    struct unit unit;
};

static inline struct bench *bench_with(const char *profile)
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

static inline struct fate fate_of(struct bench *bench, uint64_t index)
{
    struct fate fate;
    bench->unit.index = index;
    fate_decide(&bench->fater, &bench->profile, &bench->unit, 1, 0, false,
                &fate);
    return fate;
}

static inline bool has(struct bench *bench, uint64_t index, unsigned bit)
{
    return fate_of(bench, index).bits & bit;
}

/* Which of the first n packets have a bit. */
static inline bool *events(struct bench *bench, unsigned bit, size_t n)
{
    bool *row = mem_zalloc(n * sizeof(*row));
    for (size_t i = 0; i < n; i++)
        row[i] = has(bench, i, bit);
    return row;
}

static inline size_t sum(const bool *row, size_t n)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += row[i];
    return total;
}

static inline size_t count(struct bench *bench, unsigned bit, size_t n)
{
    bool *row = events(bench, bit, n);
    size_t total = sum(row, n);
    free(row);
    return total;
}

/* `got` events among n of probability p, each worth `spread` independent ones'
 * variance. */
static inline void assert_binomial(size_t got, size_t n, double p,
                                   double spread)
{
    double expected = (double)n * p;
    double bound = 4 * sqrt(expected * (1 - p) * spread);
    ck_assert_msg(fabs((double)got - expected) <= bound,
                  "%zu of %zu, expected %.1f +- %.1f", got, n, expected, bound);
}

/* The 99.9 % quantile for k degrees of freedom (Wilson and Hilferty). */
static inline double chi_square_bound(double k)
{
    double z = 3.09, a = 2 / (9 * k);
    return k * pow(1 - a + z * sqrt(a), 3);
}

/* Runs the suite, as main() would.  Returns how many tests failed. */
static inline int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}

#endif

/* Do two links behave alike?  Samples of what two engines did to the same
 * packets, and bounds on how far they may differ by chance alone.
 *
 * Every bound is one that equal links exceed less than once in a million
 * comparisons (ALPHA), whatever their distribution:
 *
 *   shape    Kolmogorov-Smirnov: two empirical distributions of n and m values
 *            differ by more than sqrt(ln(2/ALPHA) / 2) * sqrt(1/n + 1/m)
 * nowhere mean     Z standard errors of the difference (Welch), Z = 4.9 counts
 * of rare events: Z * sqrt(a + b + 1), the deviation of the difference of two
 * Poisson counts, which is above the binomial's
 *
 * All of these want independent values, and packets are not: a packet behind a
 * slow one waits for it.  Where a value depends on those up to k places away,
 * the variance of a mean grows by 2k + 1 at most; for a chain that keeps a part
 * rho of its state, by (1 + rho) / (1 - rho).  This `inflation` divides n.
 *
 * Clocks are no better than the machine: `slack_ns` is what a link without any
 * chance in it was off by, in the same run, in 99 of 100 packets; so two shapes
 * may be shifted by it, and differ in the hundredth that is left on each side.
 */
#ifndef TESTS_PARITY_H
#define TESTS_PARITY_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARITY_ALPHA 1e-6
#define PARITY_Z 4.9
#define PARITY_BEYOND_SLACK 0.02

/* Values of any kind, nanoseconds or counts. */
struct sample {
    double *values;
    size_t count, capacity;
};

static inline void sample_add(struct sample *sample, double value)
{
    if (sample->count == sample->capacity) {
        sample->capacity = sample->capacity ? 2 * sample->capacity : 64;
        sample->values =
            realloc(sample->values, sample->capacity * sizeof(*sample->values));
        if (sample->values == NULL)
            abort();
    }
    sample->values[sample->count++] = value;
}

static inline int sample_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline void sample_sort(struct sample *sample)
{
    if (sample->count > 0)
        qsort(sample->values, sample->count, sizeof(*sample->values),
              sample_order);
}

static inline double sample_mean(const struct sample *sample)
{
    double sum = 0;
    for (size_t i = 0; i < sample->count; i++)
        sum += sample->values[i];
    return sample->count > 0 ? sum / (double)sample->count : 0;
}

static inline double sample_variance(const struct sample *sample)
{
    double mean = sample_mean(sample), sum = 0;
    for (size_t i = 0; i < sample->count; i++)
        sum += (sample->values[i] - mean) * (sample->values[i] - mean);
    return sample->count > 1 ? sum / (double)(sample->count - 1) : 0;
}

/* Of a sorted sample. */
static inline double sample_quantile(const struct sample *sample, double q)
{
    if (sample->count == 0)
        return 0;
    size_t i = (size_t)(q * (double)sample->count);
    return sample->values[i < sample->count ? i : sample->count - 1];
}

/* How much of a sorted sample is at or below x. */
static inline double sample_below(const struct sample *sample, double x)
{
    size_t low = 0, high = sample->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sample->values[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return (double)low / (double)sample->count;
}

/* By how much a's distribution function is above b's, shifted by `slack`. */
static inline double shape_excess(const struct sample *a,
                                  const struct sample *b, double slack)
{
    double most = 0;
    for (size_t i = 0; i < a->count; i++) {
        double above = sample_below(a, a->values[i]) -
                       sample_below(b, a->values[i] + slack);
        most = above > most ? above : most;
    }
    return most;
}

/* Says why in `why` when it is false. */
struct parity_why {
    char text[200];
};

/* Whether two sorted samples may be of one distribution.  Says nothing (true)
 * when they are too small to tell. */
static inline bool same_shape(const struct sample *a, const struct sample *b,
                              double inflation, double slack,
                              struct parity_why *why)
{
    if (a->count == 0 || b->count == 0)
        return true;
    double bound =
        sqrt(log(2 / PARITY_ALPHA) / 2) *
            sqrt(inflation * (1 / (double)a->count + 1 / (double)b->count)) +
        (slack > 0 ? PARITY_BEYOND_SLACK : 0);
    double above = shape_excess(a, b, slack), below = shape_excess(b, a, slack);
    double most = above > below ? above : below;
    (void)snprintf(why->text, sizeof(why->text),
                   "distributions of %zu and %zu values differ by %.3f, by "
                   "chance at most %.3f",
                   a->count, b->count, most, bound);
    return most <= bound;
}

static inline bool same_mean(const struct sample *a, const struct sample *b,
                             double inflation, double slack,
                             struct parity_why *why)
{
    if (a->count < 2 || b->count < 2)
        return true;
    double error = sqrt(inflation * (sample_variance(a) / (double)a->count +
                                     sample_variance(b) / (double)b->count));
    double difference = fabs(sample_mean(a) - sample_mean(b));
    (void)snprintf(why->text, sizeof(why->text),
                   "means %.6g and %.6g differ by %.3g, by chance at most %.3g",
                   sample_mean(a), sample_mean(b), difference,
                   PARITY_Z * error + slack);
    return difference <= PARITY_Z * error + slack;
}

/* Whether two counts of rare events, of equally many packets, may be. */
static inline bool same_count(double a, double b, double inflation,
                              struct parity_why *why)
{
    double bound = PARITY_Z * sqrt(inflation * (a + b + 1));
    (void)snprintf(why->text, sizeof(why->text),
                   "%.0f and %.0f, by chance at most %.1f apart", a, b, bound);
    return fabs(a - b) <= bound;
}

#endif

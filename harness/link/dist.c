/* The shapes of a random delay.
 *
 * netem draws a delay by looking up a table of 4096 quantiles, in units of
 * sigma/8192, which tc loads from a file.  The files were made by three small
 * formulas; computing an entry takes about as long as a cache miss, so there is
 * no table here and no file to find:
 *
 *   normal        the inverse of Gauss's distribution function
 *   pareto        x^(-1/3) of a uniform x: Pareto's law with exponent 3, less
 *                 its mean 3/2, times 4/3
 *   paretonormal  a quarter of the first and three quarters of the second
 *
 * Entries are 16 bits wide, so everything ends at -4 and +4 sigma.
 *
 * One thing differs from netem: it takes the random number *modulo* the table's
 * size, which throws away the high bits in which alone a correlation lives.
 * Here the number is scaled, so that `delay 50ms 10ms 25%` is correlated. */
#include "link/dist.h"

#include <math.h>

enum {
    ENTRY_MAX = INT16_MAX,
    ENTRY_MIN = INT16_MIN,
    NORMAL_STEPS = 4 * DIST_ENTRIES, /* the normal table keeps every fourth */
};

const char *dist_name(enum dist_shape shape)
{
    static const char *const names[] = {"uniform", "normal", "pareto",
                                        "paretonormal"};
    return names[shape];
}

/* Inverse of the normal distribution function for 0 < p <= 1/2: Hastings's
 * rational approximation (error 5e-4), then two Newton steps, each of which
 * squares the error. */
static double lower_normal_quantile(double p)
{
    double t = sqrt(-2 * log(p));
    double x = (2.515517 + t * (0.802853 + t * 0.010328)) /
                   (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) -
               t;
    for (int i = 0; i < 2; i++) {
        double excess = erfc(-x * M_SQRT1_2) / 2 - p;
        double density = exp(-x * x / 2) * (M_2_SQRTPI * M_SQRT1_2 / 2);
        x -= excess / density;
    }
    return x;
}

static double normal_quantile(double p)
{
    return p <= 0.5 ? lower_normal_quantile(p) : -lower_normal_quantile(1 - p);
}

static double normal_entry(unsigned i)
{
    return normal_quantile((4.0 * i + 0.5) / NORMAL_STEPS) * DIST_SCALE;
}

static double pareto_entry(unsigned i)
{
    double x = 1 - (double)i / DIST_ENTRIES;
    double entry = (cbrt(1 / x) - 1.5) * (4.0 / 3.0) * DIST_SCALE;
    return entry < ENTRY_MAX ? entry : ENTRY_MAX;
}

int dist_entry(enum dist_shape shape, unsigned i)
{
    double entry = shape == DIST_NORMAL ? normal_entry(i) : pareto_entry(i);
    if (shape == DIST_PARETONORMAL)
        entry = 0.25 * normal_entry(i) + 0.75 * entry;
    if (entry < ENTRY_MIN)
        return ENTRY_MIN;
    return entry > ENTRY_MAX ? ENTRY_MAX : (int)lrint(entry);
}

/* x * chance / 2^32 without a wider type. */
static int64_t scale_by(int64_t x, uint32_t chance)
{
    uint64_t high = (uint64_t)x >> 32, low = (uint64_t)x & UINT32_MAX;
    return (int64_t)(high * chance + (low * chance >> 32));
}

int64_t dist_ns(enum dist_shape shape, int64_t mean_ns, int64_t spread_ns,
                uint32_t chance)
{
    if (spread_ns == 0)
        return mean_ns;
    if (shape == DIST_UNIFORM)
        return mean_ns - spread_ns + scale_by(2 * spread_ns, chance);
    int64_t entry =
        dist_entry(shape, (unsigned)(((uint64_t)chance * DIST_ENTRIES) >> 32));
    int64_t rounding = entry >= 0 ? DIST_SCALE / 2 : -DIST_SCALE / 2;
    return mean_ns + (spread_ns * entry + rounding) / DIST_SCALE;
}

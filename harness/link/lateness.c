/* A histogram with buckets that grow with their value. */
#include "link/lateness.h"

#include <wirelab/time.h>

enum { STEPS = 16 };

static unsigned bucket_of(uint64_t value)
{
    if (value < STEPS)
        return (unsigned)value;
    unsigned exponent = 63U - (unsigned)__builtin_clzll(value);
    unsigned step = (unsigned)(value >> (exponent - 4)) & (STEPS - 1);
    unsigned bucket = (exponent - 3) * STEPS + step;
    return bucket < LATENESS_BUCKETS ? bucket : LATENESS_BUCKETS - 1;
}

int64_t lateness_bucket_ns(unsigned bucket)
{
    if (bucket < STEPS)
        return bucket;
    unsigned exponent = bucket / STEPS + 3;
    int64_t step = INT64_C(1) << (exponent - 4);
    return (STEPS + bucket % STEPS + 1) * step - 1;
}

int64_t lateness_allowed_ns(int64_t delay_ns)
{
    int64_t tenth = delay_ns / 10;
    return tenth > MSECONDS(2) ? tenth : MSECONDS(2);
}

void lateness_add(struct lateness *lateness, int64_t delay_ns, int64_t late_ns,
                  uint64_t packets)
{
    if (late_ns < 0)
        late_ns = 0;
    lateness->packets += packets;
    lateness->buckets[bucket_of((uint64_t)late_ns)] += packets;
    if (late_ns > lateness->max_ns)
        lateness->max_ns = late_ns;
    if (late_ns > lateness_allowed_ns(delay_ns))
        lateness->too_late += packets;
}

int64_t lateness_quantile_ns(const struct lateness *lateness, double quantile)
{
    double wanted = quantile * (double)lateness->packets;
    uint64_t seen = 0;
    for (unsigned i = 0; i < LATENESS_BUCKETS && lateness->packets > 0; i++) {
        seen += lateness->buckets[i];
        if ((double)seen < wanted || seen == 0)
            continue;
        int64_t top = lateness_bucket_ns(i);
        return top < lateness->max_ns ? top : lateness->max_ns;
    }
    return 0;
}

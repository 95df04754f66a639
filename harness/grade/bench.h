/* A bench from inside: measuring, and telling. */
#ifndef GRADE_BENCH_H
#define GRADE_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <wirelab/bench.h>

enum { BENCH_MAX_REPETITIONS = 1000 };

struct bench_options {
    int repetitions; /* 0: each pair's own */
    const char *only, *programs_dir;
    uint64_t seed;
    bool json;
};

/* One measurement, as it is told to the process that makes it. */
struct bench_job {
    const char *name;
    bench_fn *fn;
    void *context;
    uint64_t seed;
    const char *programs_dir; /* of the lab's reference; "" if none */
    const char *work_dir;
};

/* Measures in a cell of its own.  Returns 0 and a positive rate, or -errno
 * after a line to stderr that says why there is none. */
int bench_measure(const struct bench_job *job, double *rate);

struct bench_series {
    const struct bench_pair *pair;
    int count;
    double *ours, *theirs; /* `count` each; the same index: neighbours */
};

struct bench_spread {
    double median, min, max;
};

/* `values` is not changed. */
struct bench_spread bench_spread_of(const double *values, int count);
struct bench_spread bench_ratio_of(const struct bench_series *series);
bool bench_met(const struct bench_series *series);

/* Writes the table / the JSON of all series. */
void bench_print_table(FILE *out, const struct bench_series *series,
                       size_t count);
void bench_print_json(FILE *out, const struct bench_series *series,
                      size_t count);

#endif

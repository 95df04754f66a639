/* Benches: ours against theirs, in one run, under the same conditions.
 *
 *      static double rrecv_goodput(void *context) { ... return bits_per_s; }
 *      static double tcp_goodput(void *context) { ... return bits_per_s; }
 *
 *      static const struct bench_pair pairs[] = {
 *          {.name = "lossy", .what = "goodput at 5 % loss", .unit = "Mbit/s",
 *           .scale = 1e6, .goal = 1.0, .ours = rrecv_goodput,
 *           .theirs = tcp_goodput},
 *      };
 *      BENCH_MAIN(pairs)
 *
 * A machine's speed drifts while a bench runs, so that absolute figures say
 * little and a comparison of two series is wrong.  Each pair is therefore
 * measured many times in alternation (A B, B A, A B, ...), and the ratio is
 * taken within each pair of neighbours; the median of these ratios is judged.
 *
 * Each measurement runs in a cell of its own: the nets it makes are its own and
 * gone when it returns, and all of <wirelab/net.h>, <wirelab/proc.h> and
 * <wirelab/sock.h> may be used.  program() and reference() give the lab's
 * reference, built for speed.  _seed() differs from repetition to repetition
 * and is the same for both halves of one. */
#ifndef WIRELAB_BENCH_H
#define WIRELAB_BENCH_H

#include <stddef.h>

/* Measures once.  Returns a rate, of which more is better (of a duration return
 * 1/seconds).  What cannot be measured ends by test_infra(), as in a test. */
typedef double bench_fn(void *context);

struct bench_pair {
    const char *name; /* one word, for --only and JSON */
    const char *what; /* what is measured, a few words */
    const char *unit; /* of the absolute figures, divided by `scale` */
    double scale;     /* 0: 1 */
    double goal;      /* least median ratio ours/theirs; NAN: none */
    bench_fn *ours, *theirs;
    void *context;   /* handed to both */
    int repetitions; /* 0: the default of --pairs, 5 */
};

/* Runs the pairs as the options say (--help lists them), progress to stderr,
 * table or JSON to stdout.  Returns an exit status: 0, 1 when a goal is missed,
 * 2 usage, 3 when something could not be measured. */
int bench_main(int argc, char **argv, const struct bench_pair *pairs,
               size_t count);

#define BENCH_MAIN(pairs)                                                      \
    int main(int argc, char **argv)                                            \
    {                                                                          \
        return bench_main(argc, argv, pairs,                                   \
                          sizeof(pairs) / sizeof((pairs)[0]));                 \
    }

#endif

/* What a test says.  Each call first records a step, so that a failure can tell
 * its history, then judges; the first that does not hold ends the test.
 *
 * `format` says in one sentence what was expected of the program and what
 * happened, with numbers: it is the first line the learner reads.  The likely
 * cause comes from the test's registration, or from the nearest because(). */
#ifndef WIRELAB_EXPECT_H
#define WIRELAB_EXPECT_H

#include <wirelab/capture.h>
#include <wirelab/proc.h>

#define WIRELAB_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Records a step without judging: "unplug the cable for 3 s". */
void step(const char *format, ...) WIRELAB_PRINTF(1, 2);
/* Names the likely cause for the expectations that follow, until it is the
 * registered one again. */
void because(const char *format, ...) WIRELAB_PRINTF(1, 2);
void because_registered(void);
/* Centres the ladder diagram of a failure on packets that match. */
void look_at(const char *filter);

void expect_true(bool holds, const char *format, ...) WIRELAB_PRINTF(2, 3);
void expect_equal(int64_t actual, int64_t expected, const char *format, ...)
    WIRELAB_PRINTF(3, 4);
void expect_at_most(int64_t actual, int64_t limit, const char *format, ...)
    WIRELAB_PRINTF(3, 4);
void expect_at_least(int64_t actual, int64_t limit, const char *format, ...)
    WIRELAB_PRINTF(3, 4);
void expect_between(int64_t actual, int64_t low, int64_t high,
                    const char *format, ...) WIRELAB_PRINTF(4, 5);
void expect_ratio_at_least(double actual, double limit, const char *format, ...)
    WIRELAB_PRINTF(3, 4);
void expect_ratio_at_most(double actual, double limit, const char *format, ...)
    WIRELAB_PRINTF(3, 4);
/* Compares bytes; the message shows the first difference in hex. */
void expect_bytes(const void *actual, size_t actual_bytes, const void *expected,
                  size_t expected_bytes, const char *what);
void expect_text(const char *actual, const char *expected, const char *what);
void expect_contains(const char *text, const char *part, const char *what);

/* Programs.  A time-out prints the program's sockets, stack and stderr. */
void expect_exit(struct proc *proc, int code, int64_t timeout_ns);
void expect_exit_nonzero(struct proc *proc, int64_t timeout_ns);
void expect_running(struct proc *proc);
void expect_output(struct proc *proc, const char *part, int64_t timeout_ns);
/* Measures for `duration_ns` while there is nothing to do: the program may use
 * at most 5 % of one CPU. */
void expect_idle(struct proc *proc, int64_t duration_ns);

/* Files, "host:name". */
void expect_same_file(struct net *net, const char *original, const char *copy);
void expect_no_file(struct net *net, const char *file);

/* The wire. */
void expect_packets(struct net *net, const char *filter, int low, int high,
                    const char *what);
/* The first packet matching `first` entered its link before the first one
 * matching `then`; both exist. */
void expect_order(struct net *net, const char *first, const char *then,
                  const char *what);
/* Time from the first packet of `from` to the first later one of `to`, as the
 * links recorded it, is within [low, high] plus the run's own lateness. */
void expect_delay_between(struct net *net, const char *from, const char *to,
                          int64_t low_ns, int64_t high_ns, const char *what);
/* Payload bytes per second from the first to the last packet that matches and
 * was delivered, in bit/s. */
double capture_goodput_bps(struct net *net, const char *filter);
/* Jain's fairness index of n shares: 1 is fair, 1/n is one takes all. */
double jain_index(const double *shares, size_t n);
/* The faults a test needs really happened: at least `count` packets that match
 * had one of `fates`.  If not, the run proves nothing: it is repeated with
 * another seed, then `infra`. */
void need_faults(struct net *net, unsigned fates, const char *filter,
                 int count);

/* Puts a figure of the tested program beside a real tool's, for the report: it
 * judges nothing.  `what` is a few words, `unit` short, the figures are told
 * with 3 decimals: compare("connect", "ms", mine, "curl", curls). */
void compare(const char *what, const char *unit, double yours, const char *peer,
             double theirs);

/* ---- Time on a busy machine ------------------------------------------------
 *
 * A program that has to wait for a CPU answers late, however right it is.  The
 * kernel counts for each program how long it was ready to run and did not
 * (verdict.json: programs[].run_delay_ms), so we need not guess:
 *
 *   - A wait for a program's end counts only time in which the programs did not
 *     have to wait: what the machine took, expect_exit gives back.
 *   - expect_delay_between makes the run void if it would have held but for
 *     that.
 *   - Other expectations about time, or about what follows from it (a count of
 *     retransmissions, goodput, fair shares), stand behind timed(): when one
 *     fails, and a program had to wait for longer than the test can bear, the
 *     run is void: `infra`, to be run again.
 *
 * What holds counts, however busy the machine was, and so does every failure
 * outside timed(): wrong bytes are wrong on a busy machine, too.  Programs that
 * kept half a CPU or more busy themselves have nobody to blame but each other:
 * for them no run is void. */

/* The expectations that follow, until untimed(), are about what happened
 * between two points in time (since net_new, as a packet's; INT64_MAX: now).
 * They bear that a program waits for a CPU for `bearable_ns` in a row.
 *
 * How much that is follows from what is judged: a time-out of 200 ms that must
 * be doubled within 15 % bears 30 ms.  Waits are known to about 25 ms: to bear
 * less makes runs void in which nothing went wrong.  A bound that is wider
 * because machines are busy is no substitute. */
void timed(struct net *net, int64_t from_ns, int64_t to_ns,
           int64_t bearable_ns);
/* Until the next timed(), what follows also bears only so much waiting in sum.
 * For a rate over a long time, which many short waits lower: by how much the
 * time that passed exceeds what the least rate allows. */
void timed_sum(int64_t bearable_ns);
void untimed(void);

/* Ends the test: skipped, with the reason / our own fault. */
void test_skip(const char *format, ...) WIRELAB_PRINTF(1, 2)
    __attribute__((noreturn));
void test_infra(const char *format, ...) WIRELAB_PRINTF(1, 2)
    __attribute__((noreturn));
void test_fail(const char *format, ...) WIRELAB_PRINTF(1, 2)
    __attribute__((noreturn));

#endif

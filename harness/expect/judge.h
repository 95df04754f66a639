/* How an expectation that does not hold ends the test. */
#ifndef EXPECT_JUDGE_H
#define EXPECT_JUDGE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wirelab/proc.h>

#include "base/testrun.h"

/* What is told besides the message; texts are of the caller. */
struct judgement {
    char *expected, *actual;
    bool timed_out;
};

/* Ends the test as failed; `format` is the message. */
void judge_fail(const struct judgement *judgement, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));
void judge_vfail(const struct judgement *judgement, const char *format,
                 va_list args) __attribute__((format(printf, 2, 0), noreturn));

enum { STARVED_TEXT_BYTES = 160 };
/* Whether the programs had to wait for a CPU for so long in all, between two
 * points in time since net_new, that the machine is to blame for what came late
 * by `late_ns`.  Says so in `why`. */
bool starved(struct net *net, int64_t from_ns, int64_t to_ns, int64_t late_ns,
             char why[STARVED_TEXT_BYTES]);
/* Whether one waited, in the period that timed() has named, for longer than it
 * said.  False if nothing is timed. */
bool starved_now(char why[STARVED_TEXT_BYTES]);
/* Waits for the program's end; time in which programs had to wait for a CPU
 * does not count.  Returns false at the deadline. */
bool wait_fairly(struct proc *proc, int64_t timeout_ns, struct proc_end *end);

/* Ends the run as void; `said` is what would have been the failure. */
void make_void(const char *why, const char *said) __attribute__((noreturn));

/* To be called once when a run begins: the ladder and the news of a crash then
 * come with every failure, whoever ends the run. */
void expect_begin(void);

/* The same for compare(): expect_begin() calls it. */
void compare_begin(void);

enum { DURATION_TEXT_BYTES = 32 };

/* "350 ms", "2.5 s"; returns `text`. */
const char *duration_text(int64_t duration_ns, char text[DURATION_TEXT_BYTES]);

#endif

/* How an expectation that does not hold ends the test. */
#ifndef EXPECT_JUDGE_H
#define EXPECT_JUDGE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* To be called once when a run begins: the ladder and the news of a crash then
 * come with every failure, whoever ends the run. */
void expect_begin(void);

/* The same for compare(): expect_begin() calls it. */
void compare_begin(void);

enum { DURATION_TEXT_BYTES = 32 };

/* "350 ms", "2.5 s"; returns `text`. */
const char *duration_text(int64_t duration_ns, char text[DURATION_TEXT_BYTES]);

#endif

/* How an expectation that does not hold ends the test. */
#include "expect/judge.h"

#include <stdio.h>
#include <stdlib.h>

#include <wirelab/expect.h>

#include "base/strbuf.h"

void make_void(const char *why, const char *said)
{
    char *message = str_format("%s; the test said: %s", why, said);
    testrun_end(&(struct ending){
        .verdict = VERDICT_INFRA, .message = message, .excused = said});
}

void judge_vfail(const struct judgement *judgement, const char *format,
                 va_list args)
{
    struct strbuf message = {0};
    char why[STARVED_TEXT_BYTES];
    strbuf_vprintf(&message, format, args);
    journal_mark_failed();
    if (starved_now(why))
        make_void(why, strbuf_text(&message));
    testrun_end(&(struct ending){
        .verdict = VERDICT_FAIL,
        .message = strbuf_text(&message),
        .expected = judgement->expected,
        .actual = judgement->actual,
        .timed_out = judgement->timed_out,
    });
}

void judge_fail(const struct judgement *judgement, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    judge_vfail(judgement, format, args);
}

void test_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    judge_vfail(&(struct judgement){0}, format, args);
}

static void end_as(enum verdict verdict, const char *format, va_list args)
    __attribute__((format(printf, 2, 0), noreturn));
static void end_as(enum verdict verdict, const char *format, va_list args)
{
    struct strbuf message = {0};
    strbuf_vprintf(&message, format, args);
    testrun_end(&(struct ending){
        .verdict = verdict,
        .message = strbuf_text(&message),
    });
}

void test_skip(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    end_as(VERDICT_SKIP, format, args);
}

void test_infra(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    end_as(VERDICT_INFRA, format, args);
}

void step(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    journal_vstep(format, args);
    va_end(args);
}

void because(const char *format, ...)
{
    struct strbuf cause = {0};
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&cause, format, args);
    va_end(args);
    testrun_set_cause(strbuf_text(&cause));
    strbuf_fini(&cause);
}

void because_registered(void)
{
    testrun_set_cause(NULL);
}

const char *duration_text(int64_t duration_ns, char text[DURATION_TEXT_BYTES])
{
    double ms = (double)duration_ns / 1e6;
    if (ms < 1000)
        snprintf(text, DURATION_TEXT_BYTES, "%.3g ms", ms);
    else
        snprintf(text, DURATION_TEXT_BYTES, "%.4g s", ms / 1000);
    return text;
}

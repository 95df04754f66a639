/* One run of one test: what it was asked to do, what happened in it, how it
 * ended.
 *
 * A test's process has exactly one; modules reach it through testrun() instead
 * of passing it through every call, because the public headers promise calls
 * like step() and expect_exit() that carry no context.  It is the only mutable
 * global of the harness.
 *
 * How a run ends.  testrun_end() is called once, by whoever knows first: an
 * expectation that does not hold, infrastructure that is refused, the suite
 * when the test's body has returned.  It asks each registered witness to add
 * what it saw (captures, processes, ladder), writes one JSON object to the
 * verdict descriptor, runs the clean-ups in reverse order and leaves the
 * process. */
#ifndef BASE_TESTRUN_H
#define BASE_TESTRUN_H

#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include <wirelab/suite.h>

enum verdict {
    VERDICT_PASS,
    VERDICT_FAIL,
    VERDICT_SKIP,
    VERDICT_BLOCKED, /* given by the scheduler only */
    VERDICT_FLAKY,   /* given by the scheduler only */
    VERDICT_INFRA,
};

const char *verdict_name(enum verdict verdict);
/* Returns 0, or -EINVAL if `name` is none. */
int verdict_parse(const char *name, enum verdict *verdict);

struct testrun {
    const struct lab_test *test; /* NULL outside a suite */
    const char *lab;             /* "08" */
    const char *variant;         /* "" if the test has none */
    uint64_t seed;
    const char *out_dir;       /* evidence goes here; exists; absolute */
    const char *work_dir;      /* scratch, gone when the run ends; absolute */
    const char *impl_dir;      /* built programs of the tested implementation */
    const char *reference_dir; /* of the reference; may not exist */
    const char *engine;        /* "wire" or "netem" */
    const char *params;        /* "NAME=VALUE,..."; "" if there are none */
    int verdict_fd;            /* -1: print to stdout */
    int64_t started_ns;
    int64_t deadline_ns; /* the test's own time limit, absolute */
};

/* The current run.  Before testrun_begin: a neutral one (seed 1, the current
 * directory, engine wire), so that tools can use the modules too. */
const struct testrun *testrun(void);
void testrun_begin(const struct testrun *run);

/* ---- Journal: the steps of the history ----------------------------------- */
void journal_step(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
void journal_vstep(const char *format, va_list args)
    __attribute__((format(printf, 1, 0)));
/* Marks the newest step as the one that failed. */
void journal_mark_failed(void);
/* The newest step's text, or NULL.  The caller frees it. */
char *journal_last(void);

/* ---- Ending ---------------------------------------------------------------
 */
struct ending {
    enum verdict verdict;
    const char *message;  /* one sentence */
    const char *expected; /* may be NULL */
    const char *actual;   /* may be NULL */
    const char *excused;  /* what the test found, if it is infra for want of
                             CPU time only; or NULL */
    bool timed_out;       /* witnesses then say what the programs were doing */
};

/* A witness adds its members to the verdict object.  It must not fail.  The
 * newest is asked first, so one that is registered when the run begins finds in
 * the object what all the others have said. */
typedef void witness_fn(json_t *verdict, const struct ending *ending,
                        void *context);
void testrun_witness(witness_fn *fn, void *context);

/* Clean-ups run in reverse order of registration, after the verdict is out. */
typedef void cleanup_fn(void *context);
void testrun_cleanup(cleanup_fn *fn, void *context);
/* Takes a clean-up back (its owner was freed early). */
void testrun_forget(void *context);

/* Ends the run and the process: exit status 0.  Any thread may call it; the
 * first is heard, and other threads stop at their next step.  A second call,
 * from within a witness or clean-up, only gives up that witness or clean-up. */
void testrun_end(const struct ending *ending) __attribute__((noreturn));

/* Builds the verdict object which such an ending would have written, without
 * the witnesses' members, and ends nothing.  The caller owns it. */
json_t *testrun_verdict(const struct ending *ending);

/* The cause that because() set, or the registered one. */
void testrun_set_cause(const char *cause);

/* Ends the run as our own fault.  Outside a suite it prints to stderr and exits
 * with status 3. */
void infra(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));

#endif

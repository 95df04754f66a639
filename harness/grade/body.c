/* The body of a test, run by Check.
 *
 * Check forks a process for the body, so that one which crashes is seen to
 * crash.  Around the body stand two fixtures: the first makes that process the
 * owner of the run and starts the watch, the second ends the run as passed,
 * since every other ending leaves the process at once.
 *
 * The watch is a thread.  At the time limit the body may be anywhere, also in
 * the middle of malloc, so a signal handler could not write a verdict; a thread
 * beside it can.  Should the body hold a lock the ending needs, the supervisor
 * ends both after BODY_GRACE_S. */
#include "grade/body.h"

#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "base/strbuf.h"
#include "expect/judge.h"
#include "grade/table.h"

static void sleep_until(int64_t at_ns)
{
    struct timespec at = {
        .tv_sec = at_ns / SECONDS(1),
        .tv_nsec = at_ns % SECONDS(1),
    };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0)
        ;
}

static void *watch(void *unused)
{
    (void)unused;
    sleep_until(testrun()->deadline_ns);
    int limit_s = test_limit_s(testrun()->test);
    char *step = journal_last();
    journal_mark_failed();
    char *message =
        step ? str_format("still running after %d s, at the step \"%s\"",
                          limit_s, step)
             : str_format("still running after %d s, before its first step",
                          limit_s);
    char *expected = str_format("the test ends within %d s", limit_s);
    testrun_end(&(struct ending){
        .verdict = VERDICT_FAIL,
        .message = message,
        .expected = expected,
        .actual = "it did not end",
        .timed_out = true,
    });
}

/* Signals are for the body's thread. */
static void start_watch(void)
{
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&thread, NULL, watch, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0)
        infra("cannot watch the time limit: %s", strerror(rc));
    pthread_detach(thread);
}

static void begin(void)
{
    struct testrun run = *testrun();
    testrun_begin(&run);
    expect_begin();
    start_watch();
}

static void passed(void)
{
    testrun_end(&(struct ending){.verdict = VERDICT_PASS, .message = ""});
}

/* The user's environment may ask Check for other things than we do. */
static void settle_check(void)
{
    static const char *const variables[] = {
        "CK_RUN_SUITE",          "CK_RUN_CASE",        "CK_INCLUDE_TAGS",
        "CK_EXCLUDE_TAGS",       "CK_VERBOSITY",       "CK_LOG_FILE_NAME",
        "CK_XML_LOG_FILE_NAME",  "CK_DEFAULT_TIMEOUT", "CK_TAP_LOG_FILE_NAME",
        "CK_TIMEOUT_MULTIPLIER", "CK_MAX_MSG_SIZE",
    };
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        unsetenv(variables[i]);
}

/* Writes the verdict of a test that left none.  Its own line may have
 * been cut short: begin a new one. */
static void write_death(const struct testrun *run, const char *what)
{
    char *message =
        str_format("the test itself ended without a verdict: %s", what);
    json_t *verdict = testrun_verdict(&(struct ending){
        .verdict = VERDICT_INFRA,
        .message = message,
    });
    char *text = json_dumps(verdict, JSON_COMPACT | JSON_PRESERVE_ORDER);
    char *line = str_format("\n%s\n", text);
    /* If nobody reads, nobody is left to tell. */
    ssize_t ignored = write(run->verdict_fd, line, strlen(line));
    (void)ignored;
    free(line);
    free(text);
    json_decref(verdict);
    free(message);
}

/* Says how the test's process died, in case it left no verdict. */
static void tell_death(const struct testrun *run, SRunner *runner)
{
    TestResult **failures = srunner_failures(runner);
    for (int i = 0; i < srunner_ntests_failed(runner); i++) {
        TestResult *death = failures[i];
        char *what =
            str_format("%s (after %s:%d)", tr_msg(death),
                       tr_lfile(death) ? tr_lfile(death) : "?", tr_lno(death));
        write_death(run, what);
        free(what);
    }
    free(failures);
    /* To Check an exit(0) in the middle of a test is one that passed. */
    write_death(run, "it called exit(0)");
}

void body_run(const struct testrun *run, int variant)
{
    settle_check();
    testrun_begin(run);
    TCase *tcase = tcase_create(run->test->id);
    tcase_set_timeout(tcase, 0); /* the watch and the supervisor see to it */
    tcase_add_checked_fixture(tcase, begin, passed);
    tcase_add_loop_test(tcase, run->test->test, variant, variant + 1);
    Suite *suite = suite_create(run->lab);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_FORK);
    srunner_run_all(runner, CK_SILENT);
    tell_death(run, runner);
    srunner_free(runner);
}

/* For tests that need a network: Check's runner inside a cell, and a run with a
 * work directory for each test.  Functions stand in a header because every test
 * program is one source file. */
#ifndef TESTS_INCELL_H
#define TESTS_INCELL_H

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testrun.h"
#include "topo/topo.h"

static int incell_run_suite(void *runner)
{
    srunner_run_all(runner, CK_ENV);
    return srunner_ntests_failed(runner);
}

/* Runs all tests of the suite in a cell.  Returns main's exit status. */
static inline int incell_main(const char *program, Suite *suite)
{
    char error[CELL_ERROR_BYTES];
    SRunner *runner = srunner_create(suite);
    pid_t pid = cell_start(incell_run_suite, runner, error);
    int status = 0;
    if (pid < 0)
        fprintf(stderr, "SKIP %s: %s\n", program, error);
    else if (waitpid(pid, &status, 0) != pid)
        status = 1;
    srunner_free(runner);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static char incell_work_dir[256];

/* A run that ends by itself, because an expectation of the harness failed, does
 * so with status 0, which Check takes for a pass. */
static inline void incell_ended(json_t *verdict, const struct ending *ending,
                                void *context)
{
    (void)verdict;
    (void)context;
    ck_abort_msg("the run ended itself: %s: %s", verdict_name(ending->verdict),
                 ending->message);
}

/* A checked fixture: the test is a run of its own, in a work directory. */
static inline void incell_setup(void)
{
    ck_assert_int_eq(work_dir_make(incell_work_dir, sizeof(incell_work_dir)),
                     0);
    struct testrun run = *testrun();
    run.work_dir = incell_work_dir;
    testrun_begin(&run);
    testrun_witness(incell_ended, NULL);
}

static inline void incell_teardown(void)
{
    while (net_current())
        net_free(net_current());
    work_dir_remove(incell_work_dir);
}

/* Runs `body` in a child and checks that it ends as infra, saying `message`. */
static inline void expect_infra(void (*body)(void), const char *message)
{
    int pipe_fds[2];
    char said[512];
    ck_assert_int_eq(pipe(pipe_fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(pipe_fds[1], STDERR_FILENO);
        close(pipe_fds[0]);
        body();
        _exit(0);
    }
    close(pipe_fds[1]);
    size_t length = 0;
    for (ssize_t n;
         length < sizeof(said) - 1 &&
         (n = read(pipe_fds[0], said + length, sizeof(said) - 1 - length)) > 0;)
        length += (size_t)n;
    said[length] = '\0';
    close(pipe_fds[0]);
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 3,
                  "ended with status %x, said: %s", status, said);
    ck_assert_msg(strstr(said, message) != NULL, "said \"%s\", not \"%s\"",
                  said, message);
    ck_assert_msg(strchr(said, '\n') == said + length - 1,
                  "more than one line: %s", said);
}

#endif

/* Runs a suite binary and takes what comes out.
 *
 * A test program that includes this is its own subject: called with an option
 * it is the suite of a lab 00 (its main calls suite_main), called without it
 * runs itself so and looks at the verdict.  Whether processes are left is told
 * by a leash, a pipe whose other end every process of the run inherits: it is
 * at its end when they all are. */
#ifndef TESTS_SUITERUN_H
#define TESTS_SUITERUN_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/close_range.h>

#include "base/strbuf.h"
#include "topo/topo.h"

struct suite_run {
    pid_t pid;
    int verdicts, leash, errors; /* read ends */
    char scratch[64];            /* its TMPDIR; evidence goes to out/ in it */
};

struct suite_end {
    int status;
    size_t lines;
    json_t *verdict; /* NULL if what was written is not one JSON object */
    struct strbuf errors;
};

/* The run gets these descriptors and no other: Check's own, say, are not for
 * scribbles() to write to. */
static inline void hand_over(int verdict_fd, int leash_fd, int error_fd)
{
    dup2(error_fd, STDERR_FILENO);
    dup2(error_fd, STDOUT_FILENO);
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    fcntl(verdict_fd, F_SETFD, 0);
    fcntl(leash_fd, F_SETFD, 0);
}

static inline void child_exec(const struct suite_run *run, int verdict_fd,
                              const char *const *args)
{
    char number[16], out[80];
    const char *argv[24] = {"suite"};
    size_t n = 1;
    for (; args[n - 1]; n++)
        argv[n] = args[n - 1];
    snprintf(number, sizeof(number), "%d", verdict_fd);
    snprintf(out, sizeof(out), "%s/out", run->scratch);
    argv[n++] = "--verdict-fd";
    argv[n++] = number;
    argv[n++] = "--out";
    argv[n++] = out;
    argv[n] = NULL;
    setenv("TMPDIR", run->scratch, 1);
    unsetenv("XDG_RUNTIME_DIR");
    execv("/proc/self/exe", (char *const *)argv);
    _exit(127);
}

static inline struct suite_run suite_start(const char *const *args)
{
    struct suite_run run = {.scratch = "/tmp/test_suite.XXXXXX"};
    int verdicts[2], leash[2], errors[2];
    ck_assert_ptr_nonnull(mkdtemp(run.scratch));
    ck_assert_int_eq(pipe2(verdicts, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(errors, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(leash, O_CLOEXEC), 0);
    run.pid = fork();
    ck_assert_int_ge(run.pid, 0);
    if (run.pid == 0) {
        hand_over(verdicts[1], leash[1], errors[1]);
        child_exec(&run, verdicts[1], args);
    }
    close(verdicts[1]);
    close(leash[1]);
    close(errors[1]);
    run.verdicts = verdicts[0];
    run.leash = leash[0];
    run.errors = errors[0];
    return run;
}

static inline void read_all(int fd, struct strbuf *text)
{
    char chunk[4096];
    ssize_t n;
    while ((n = read(fd, chunk, sizeof(chunk))) > 0)
        strbuf_add(text, chunk, (size_t)n);
    close(fd);
}

static inline size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* Only out/ may be left in the scratch directory. */
static inline void remove_scratch(const struct suite_run *run)
{
    char command[256];
    snprintf(command, sizeof(command), "rm -rf %s/out", run->scratch);
    ck_assert_int_eq(system(command), 0);
    ck_assert_msg(rmdir(run->scratch) == 0, "%s is not empty: %s", run->scratch,
                  strerror(errno));
}

static inline void expect_nobody_left(const struct suite_run *run)
{
    struct pollfd fd = {.fd = run->leash, .events = POLLIN};
    char rubbish[4096];
    do
        ck_assert_msg(poll(&fd, 1, 3000) == 1, "a process of the run is left");
    while (read(run->leash, rubbish, sizeof(rubbish)) > 0);
    close(run->leash);
}

static inline struct suite_end suite_wait(const struct suite_run *run)
{
    struct suite_end end = {0};
    struct strbuf verdicts = {0};
    read_all(run->verdicts, &verdicts);
    ck_assert_int_eq(waitpid(run->pid, &end.status, 0), run->pid);
    end.lines = count_lines(strbuf_text(&verdicts));
    end.verdict = json_loads(strbuf_text(&verdicts), 0, NULL);
    strbuf_fini(&verdicts);
    expect_nobody_left(run);
    read_all(run->errors, &end.errors);
    return end;
}

static inline void suite_end_fini(struct suite_end *end)
{
    json_decref(end->verdict);
    strbuf_fini(&end->errors);
}

static inline const char *member(const struct suite_end *end, const char *key)
{
    const char *text = json_string_value(json_object_get(end->verdict, key));
    return text ? text : "";
}

/* Whether runs can be made here; `reason` says why not. */
static inline bool suite_can_run(char reason[256])
{
    struct cell_probe probe;
    cell_probe(&probe);
    snprintf(reason, 256, "%s", probe.reason);
    return probe.pid_ns && (probe.root || probe.user_ns);
}

#endif

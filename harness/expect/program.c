/* Expectations about programs. */
#include <wirelab/expect.h>

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "expect/judge.h"
#include "expect/quote.h"

enum { IDLE_PERCENT = 5 };

/* "exited with status 1", "was killed by signal 11 (Segmentation fault)". */
static char *describe(const struct proc_end *end)
{
    if (end->wall_limit)
        return str_format("was killed when its time limit was over");
    if (end->memory_limit)
        return str_format("was killed at its memory limit");
    if (end->disk_limit)
        return str_format("was killed for writing more than it may");
    if (end->signal)
        return str_format("was killed by signal %d (%s)", end->signal,
                          strsignal(end->signal));
    return str_format("exited with status %d", end->exit_code);
}

/* What it said last: often the whole answer.  "" if it said nothing. */
static char *last_words(struct proc *proc)
{
    size_t bytes;
    const char *text = proc_stderr(proc, &bytes);
    while (bytes > 0 && text[bytes - 1] == '\n')
        bytes--;
    size_t first = bytes;
    while (first > 0 && text[first - 1] != '\n')
        first--;
    if (first == bytes)
        return mem_strdup("");
    char *quoted = quote(text + first, bytes - first);
    char *words = str_format("; its last words: %s", quoted);
    free(quoted);
    return words;
}

/* Waits for the end; running on is a failure that shows what it was doing. */
static struct proc_end await_exit(struct proc *proc, const char *expected,
                                  int64_t timeout_ns)
{
    struct proc_end end;
    char limit[DURATION_TEXT_BYTES];
    duration_text(timeout_ns, limit);
    journal_step("wait for %s on %s to exit with %s, up to %s", proc_name(proc),
                 host_name(proc_host(proc)), expected, limit);
    if (!wait_fairly(proc, timeout_ns, &end))
        judge_fail(
            &(struct judgement){
                .expected = str_format("%s, within %s", expected, limit),
                .actual = mem_strdup("still running"),
                .timed_out = true,
            },
            "%s on %s is still running after %s", proc_name(proc),
            host_name(proc_host(proc)), limit);
    return end;
}

static void judge_exit(struct proc *proc, const struct proc_end *end,
                       bool holds, const char *expected)
{
    if (holds)
        return;
    char *how = describe(end);
    judge_fail(
        &(struct judgement){
            .expected = mem_strdup(expected),
            .actual = how,
        },
        "%s on %s %s instead of with %s%s", proc_name(proc),
        host_name(proc_host(proc)), how, expected, last_words(proc));
}

void expect_exit(struct proc *proc, int code, int64_t timeout_ns)
{
    char *expected = str_format("status %d", code);
    struct proc_end end = await_exit(proc, expected, timeout_ns);
    bool holds = end.signal == 0 && end.exit_code == code;
    judge_exit(proc, &end, holds, expected);
    free(expected);
}

void expect_exit_nonzero(struct proc *proc, int64_t timeout_ns)
{
    static const char expected[] = "a status other than 0";
    struct proc_end end = await_exit(proc, expected, timeout_ns);
    bool holds = end.signal == 0 && end.exit_code != 0;
    judge_exit(proc, &end, holds, expected);
}

void expect_running(struct proc *proc)
{
    struct proc_end end;
    journal_step("check: %s on %s is running", proc_name(proc),
                 host_name(proc_host(proc)));
    if (!proc_wait(proc, 0, &end))
        return;
    char *how = describe(&end);
    judge_fail(
        &(struct judgement){
            .expected = mem_strdup("still running"),
            .actual = how,
        },
        "%s on %s %s, though it was to go on running%s", proc_name(proc),
        host_name(proc_host(proc)), how, last_words(proc));
}

void expect_output(struct proc *proc, const char *part, int64_t timeout_ns)
{
    proc_await_output(proc, part, timeout_ns);
}

void expect_idle(struct proc *proc, int64_t duration_ns)
{
    struct proc_end end;
    char text[DURATION_TEXT_BYTES];
    journal_step("watch %s on %s for %s while there is nothing to do",
                 proc_name(proc), host_name(proc_host(proc)),
                 duration_text(duration_ns, text));
    int64_t cpu_ns = proc_cpu_ns(proc), from_ns = clock_now_ns();
    if (proc_wait(proc, duration_ns, &end))
        judge_exit(proc, &end, false, "nothing: it was to wait");
    cpu_ns = proc_cpu_ns(proc) - cpu_ns;
    int64_t wall_ns = clock_now_ns() - from_ns;
    double percent = 100.0 * (double)cpu_ns / (double)wall_ns;
    if (percent <= IDLE_PERCENT)
        return;
    judge_fail(
        &(struct judgement){
            .expected = str_format("at most %d %% of a CPU", IDLE_PERCENT),
            .actual = str_format("%.0f %% of a CPU", percent),
        },
        "%s on %s used %.0f %% of a CPU for %s while there was nothing to do; "
        "at most %d %% is allowed: it polls instead of waiting",
        proc_name(proc), host_name(proc_host(proc)), percent, text,
        IDLE_PERCENT);
}

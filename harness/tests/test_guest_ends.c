/* How guests end: killed, in panic, hung, not wanted, not to be had, orphaned.
 * Each is told for what it is, and nothing of a guest is left. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <wirelab/time.h>

#include "world_bench.h"

/* The guest's kernel: the process whose command line names our directory. */
static pid_t find_kernel(pid_t warden_of)
{
    char *command = str_format("for p in $(pgrep -P $(pgrep -d, -P %d)); do "
                               "grep -q rootflags= /proc/$p/cmdline && echo $p;"
                               " done",
                               (int)warden_of);
    FILE *pipe = popen(command, "r");
    int pid = 0;
    ck_assert_ptr_nonnull(pipe);
    ck_assert_int_eq(fscanf(pipe, "%d", &pid), 1);
    (void)pclose(pipe);
    free(command);
    return pid;
}

/* Whether a process of the session `pid` led is there. */
static bool session_lives(pid_t pid)
{
    return kill(-pid, 0) == 0 || errno != ESRCH;
}

static void await_end_of_session(pid_t pid)
{
    int64_t deadline = clock_now_ns() + SECONDS(20);
    while (session_lives(pid)) {
        ck_assert_msg(clock_now_ns() < deadline, "a guest is left");
        (void)poll(NULL, 0, 10);
    }
}

START_TEST(a_killed_guest_is_told_and_replaced)
{
    struct bench bench;
    struct told first, second;
    bench_open(&bench, NULL);
    bench_start(&bench, &first, "echo x >&3; sleep 1000");
    bench_await_word(&bench, &first);
    pid_t kernel = find_kernel(getpid());
    ck_assert_int_eq(kill(kernel, SIGKILL), 0);
    bench_await(&bench, &first.over);
    ck_assert_int_eq(first.end, ERRAND_LOST);
    ck_assert_msg(strstr(first.why, "was killed by Killed") &&
                      strstr(first.why, "its console"),
                  "%s", first.why);
    await_end_of_session(kernel);
    bench_start(&bench, &second, "exit 3");
    bench_await(&bench, &second.over);
    ck_assert_int_eq(second.end, ERRAND_EXITED);
    ck_assert_int_eq(WEXITSTATUS(second.errand.wait_status), 3);
    bench_close(&bench);
    told_free(&first);
    told_free(&second);
}
END_TEST

START_TEST(a_panic_shows_the_consoles_tail)
{
    struct bench bench;
    struct told told;
    bench_open(&bench, NULL);
    bench_start(&bench, &told, "echo c >/proc/sysrq-trigger");
    bench_await(&bench, &told.over);
    ck_assert_int_eq(told.end, ERRAND_LOST);
    ck_assert_msg(strstr(told.why, "its console ended with") &&
                      strstr(told.why, "anic"),
                  "%s", told.why);
    bench_close(&bench);
    told_free(&told);
}
END_TEST

START_TEST(a_guest_whose_clock_stands_still_hangs)
{
    struct bench bench;
    struct told told;
    const struct guest_options impatient = {.silence_ms = 2500};
    bench_open(&bench, &impatient);
    bench_start(&bench, &told, "echo x >&3; sleep 1000");
    bench_await_word(&bench, &told);
    pid_t kernel = find_kernel(getpid());
    ck_assert_int_eq(kill(kernel, SIGSTOP), 0);
    bench_await(&bench, &told.over);
    ck_assert_int_eq(told.end, ERRAND_STUCK);
    ck_assert_msg(strstr(told.why, "its clock stood still for 2 s"), "%s",
                  told.why);
    await_end_of_session(kernel);
    bench_close(&bench);
    told_free(&told);
}
END_TEST

START_TEST(an_errand_is_ended_by_a_signal_or_with_its_world)
{
    struct bench bench;
    struct told signalled, early, closed;
    bench_open(&bench, NULL);
    bench_start(&bench, &early, "sleep 1000");
    world_signal(bench.world, &early.errand, SIGTERM); /* nothing has booted */
    bench_start(&bench, &signalled, "echo x >&3; sleep 1000");
    bench_start(&bench, &closed, "sleep 1000");
    bench_await(&bench, &early.over);
    bench_await_word(&bench, &signalled);
    world_signal(bench.world, &signalled.errand, SIGKILL);
    bench_await(&bench, &signalled.over);
    ck_assert_int_eq(signalled.errand.wait_status, SIGKILL);
    ck_assert(!closed.over);
    bench_close(&bench);
    ck_assert(closed.over);
    ck_assert_int_eq(closed.end, ERRAND_UNWANTED);
    told_free(&early);
    told_free(&signalled);
    told_free(&closed);
}
END_TEST

/* wirelab is killed: nobody is left to clean up. */
START_TEST(a_guest_dies_with_its_host)
{
    int ready[2];
    char byte;
    ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
    pid_t host = fork();
    if (host == 0) {
        struct bench bench;
        struct told told;
        bench_open(&bench, NULL);
        bench_start(&bench, &told, "echo x >&3; sleep 1000");
        bench_await_word(&bench, &told);
        (void)!write(ready[1], "x", 1);
        for (;;)
            (void)pause();
    }
    (void)close(ready[1]);
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    pid_t kernel = find_kernel(host);
    ck_assert(session_lives(kernel));
    ck_assert_int_eq(kill(host, SIGKILL), 0);
    ck_assert_int_eq(waitpid(host, NULL, 0), host);
    await_end_of_session(kernel);
    ck_assert_int_ge(cell_sweep(), 2); /* its directory, and the bench's */
}
END_TEST

struct refusal {
    const char *name, *kernel;
    const char *why;
};

static const struct refusal refusals[] = {
    {"it is not there", "/nonexistent/linux", "ended with status 127"},
    {"it is no kernel", "/bin/false", "ended with status 1"},
};

START_TEST(a_kernel_that_does_not_boot_is_told)
{
    const struct refusal *refusal = &refusals[_i];
    const struct guest_options wrong = {.kernel = refusal->kernel};
    struct bench bench;
    struct told told[4];
    bench_open(&bench, &wrong);
    for (int i = 0; i < COUNT(told); i++)
        bench_start(&bench, &told[i], "true");
    for (int i = 0; i < COUNT(told); i++) {
        bench_await(&bench, &told[i].over);
        ck_assert_int_ne(told[i].end, ERRAND_EXITED);
        ck_assert_msg(strstr(told[i].why, refusal->why), "%s: %s",
                      refusal->name, told[i].why);
    }
    bench_close(&bench);
    for (int i = 0; i < COUNT(told); i++)
        told_free(&told[i]);
}
END_TEST

int main(void)
{
    if (!guests_are_had("test_guest_ends"))
        return 0;
    Suite *suite = suite_create("guest_ends");
    TCase *all = tcase_create("all");
    tcase_add_test(all, a_killed_guest_is_told_and_replaced);
    tcase_add_test(all, a_panic_shows_the_consoles_tail);
    tcase_add_test(all, a_guest_whose_clock_stands_still_hangs);
    tcase_add_test(all, an_errand_is_ended_by_a_signal_or_with_its_world);
    tcase_add_test(all, a_guest_dies_with_its_host);
    tcase_add_loop_test(all, a_kernel_that_does_not_boot_is_told, 0,
                        COUNT(refusals));
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}

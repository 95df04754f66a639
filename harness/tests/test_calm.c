/* Waiting for a calm machine.  A machine's business is played by stopping the
 * program that measures it, again and again. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>
#include <wirelab/time.h>

#include "world/calm.h"

static void nap_ms(int64_t ms)
{
    const struct timespec nap = {.tv_sec = ms / 1000,
                                 .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&nap, NULL);
}

/* ---- The child, which waits -----------------------------------------------
 */

static void exit_when_over(struct calm *calm, bool is_calm)
{
    (void)calm;
    _exit(is_calm ? EXIT_SUCCESS : EXIT_FAILURE);
}

static pid_t start_waiting(int64_t waited_ns)
{
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid > 0)
        return pid;
    uv_loop_t loop;
    struct calm calm = {.over = exit_when_over, .waited_ns = waited_ns};
    (void)uv_loop_init(&loop);
    calm_wait(&calm, &loop);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    _exit(2);
}

/* Returns its exit status, or -1 if it did not end in that time. */
static int await(pid_t pid, int64_t ms)
{
    int status;
    for (int64_t left = ms; left > 0; left -= 10) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
        nap_ms(10);
    }
    return -1;
}

/* A CPU that is had in turns of 10 ms. */
static int disturb(pid_t pid, int64_t ms)
{
    for (int64_t left = ms; left > 0; left -= 20) {
        (void)kill(pid, SIGSTOP);
        nap_ms(10);
        (void)kill(pid, SIGCONT);
        int status = await(pid, 10);
        if (status >= 0)
            return status;
    }
    return -1;
}

/* ---- The tests ------------------------------------------------------------
 */

START_TEST(it_waits_while_timers_are_late_and_no_longer)
{
    pid_t pid = start_waiting(0);
    ck_assert_int_eq(disturb(pid, 4000), -1);
    int status = await(pid, (CALM_ONCE_S + 2) * 1000);
    /* This machine may be a busy one. */
    ck_assert(status == EXIT_SUCCESS || status == EXIT_FAILURE);
}
END_TEST

START_TEST(its_patience_has_an_end)
{
    pid_t pid = start_waiting(SECONDS(CALM_PATIENCE_S - 2));
    ck_assert_int_eq(disturb(pid, 10000), EXIT_FAILURE);
}
END_TEST

static void stop_after(uv_timer_t *timer)
{
    calm_stop(timer->data);
    uv_close((uv_handle_t *)timer, NULL);
}

static void note_over(struct calm *calm, bool is_calm)
{
    *(bool *)calm->owner = !is_calm;
}

START_TEST(it_can_be_stopped)
{
    uv_loop_t loop;
    uv_timer_t timer;
    bool stopped = false;
    struct calm calm = {.over = note_over, .owner = &stopped};
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    ck_assert_int_eq(uv_timer_init(&loop, &timer), 0);
    timer.data = &calm;
    calm_wait(&calm, &loop);
    ck_assert(calm.waits);
    (void)uv_timer_start(&timer, stop_after, 100, 0);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert(stopped);
    ck_assert(!calm.waits);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calm");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, CALM_ONCE_S + 30);
    tcase_add_test(all, it_waits_while_timers_are_late_and_no_longer);
    tcase_add_test(all, its_patience_has_an_end);
    tcase_add_test(all, it_can_be_stopped);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

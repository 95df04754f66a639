/* Programs that have to wait for a CPU: what came late for that is nobody's
 * failure, and all else still is.
 *
 * A program is starved on purpose: it may run on one CPU only, and there a
 * real-time process spins for 150 ms of each 170.  What must not be starved is
 * given the highest priority.  The tests are those of a lab 00 (suiterun.h). */
#include <check.h>
#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <wirelab/wirelab.h>

#include "base/strbuf.h"
#include "run/cpulog.h"
#include "tests/suiterun.h"

#define PORT "9000"
enum { PORT_NUMBER = 9000 };

/* ---- The suite of lab 00 ------------------------------------------------ */

static struct net *net;
static struct host *a, *b;

static void make_net(void)
{
    net = net_new(_seed());
    a = net_host(net, "alpha");
    b = net_host(net, "beta");
    net_link(a, b, "");
}

/* Everybody in these tests meets on one CPU: the first we may use. */
static cpu_set_t one_cpu(void)
{
    cpu_set_t all, one;
    int cpu = 0;
    CPU_ZERO(&all);
    CPU_ZERO(&one);
    (void)sched_getaffinity(0, sizeof(all), &all);
    while (!CPU_ISSET(cpu, &all))
        cpu++;
    CPU_SET(cpu, &one);
    return one;
}

static void hog(void)
{
    for (;;) {
        int64_t until_ns = clock_now_ns() + MSECONDS(150);
        while (clock_now_ns() < until_ns)
            ;
        (void)usleep(20 * 1000);
    }
}

/* The hog dies with the run's cell. */
static void starve(struct proc *proc)
{
    cpu_set_t cpu = one_cpu();
    const struct sched_param first = {.sched_priority = 1};
    pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        hog();
    }
    if (sched_setaffinity(proc_pid(proc), sizeof(cpu), &cpu) < 0 ||
        sched_setaffinity(pid, sizeof(cpu), &cpu) < 0 ||
        sched_setscheduler(pid, SCHED_FIFO, &first) < 0)
        test_skip("nobody can be made a real-time process here");
}

static void feed(struct proc *proc)
{
    const struct sched_param first = {.sched_priority = 1};
    if (sched_setscheduler(proc_pid(proc), SCHED_FIFO, &first) < 0)
        test_skip("a program's priority cannot be raised here");
}

static struct proc *start_answers(const char *late_ms, const char *how)
{
    struct proc *proc = host_start(b, program("answers"), PORT, late_ms, how);
    proc_await_udp(proc, PORT_NUMBER);
    return proc;
}

/* Asks until an answer takes longer than `enough_ns`; the number of the
 * question is its first byte, and `got` that of the answer. */
static int ask(int64_t enough_ns, char *got)
{
    int fd = host_udp_connected(a, host_addr(b), PORT_NUMBER);
    for (char number = 1; number < 100; number++) {
        int64_t asked_ns = clock_now_ns();
        ck_assert_int_eq(sock_sendto(fd, NULL, 0, &number, 1), 0);
        if (sock_recvfrom(fd, got, 1, NULL, NULL, SECONDS(10)) != 1)
            test_infra("no answer within 10 s");
        if (clock_now_ns() - asked_ns > enough_ns)
            return number;
    }
    test_skip("nobody can be starved here");
}

/* When the question with this number was sent, and how long it took. */
static int64_t took_ns(int number, int64_t *asked_ns)
{
    struct packet question, answer;
    char *filter = str_format("udp[8] = %d", number);
    ck_assert(capture_nth(net, filter, 1, &question));
    ck_assert(capture_nth(net, "udp and src port " PORT, number, &answer));
    free(filter);
    *asked_ns = question.sent_ns;
    return answer.sent_ns - question.sent_ns;
}

static void judge_time(int number, int64_t bearable_ns, int64_t limit_ns)
{
    int64_t asked_ns;
    int64_t late_ns = took_ns(number, &asked_ns);
    timed(net, asked_ns, asked_ns + late_ns, bearable_ns);
    expect_at_most(late_ns / 1000000, limit_ns / 1000000,
                   "the answer took %lld ms", (long long)late_ns / 1000000);
    untimed();
}

START_TEST(starved)
{
    char got;
    make_net();
    starve(start_answers("0", "right"));
    judge_time(ask(MSECONDS(100), &got), MSECONDS(40), MSECONDS(50));
}
END_TEST

/* No single wait is too long, but all together are. */
static void judge_sum(struct proc *proc, int64_t sum_ns)
{
    int64_t asked_ns;
    int64_t late_ns;
    char got;
    starve(proc);
    late_ns = took_ns(ask(MSECONDS(100), &got), &asked_ns);
    timed(net, asked_ns, asked_ns + late_ns, SECONDS(10));
    timed_sum(sum_ns);
    expect_at_most(late_ns / 1000000, 50, "the answer took %lld ms",
                   (long long)late_ns / 1000000);
}

START_TEST(starved_in_sum)
{
    make_net();
    judge_sum(start_answers("0", "right"), MSECONDS(40));
}
END_TEST

/* What it waited does not explain how late it is. */
START_TEST(slow_in_sum)
{
    make_net();
    judge_sum(start_answers("700", "right"), SECONDS(3));
}
END_TEST

START_TEST(starved_wire)
{
    char got;
    make_net();
    starve(start_answers("0", "right"));
    int number = ask(MSECONDS(100), &got);
    char *from = str_format("udp[8] = %d and dst port " PORT, number);
    char *to = str_format("udp[8] = %d and src port " PORT, number);
    expect_delay_between(net, from, to, 0, MSECONDS(30), "an answer");
}
END_TEST

/* Not starved, and late. */
START_TEST(slow)
{
    char got;
    make_net();
    feed(start_answers("700", "right"));
    judge_time(ask(0, &got), MSECONDS(500), MSECONDS(200));
}
END_TEST

START_TEST(slow_wire)
{
    make_net();
    char got;
    feed(start_answers("700", "right"));
    (void)ask(0, &got);
    expect_delay_between(net, "dst port " PORT, "src port " PORT, 0,
                         MSECONDS(30), "an answer");
}
END_TEST

/* Starved, and wrong: the time has nothing to do with it. */
START_TEST(wrong)
{
    char got = 0;
    make_net();
    starve(start_answers("0", "wrong"));
    int number = ask(MSECONDS(100), &got);
    expect_equal(got, number, "asked %d, answered %d", number, got);
}
END_TEST

/* Makes the program and its child real-time processes on one CPU: whom they
 * wait for is each other. */
static void keep_to_themselves(struct proc *proc)
{
    const struct sched_param first = {.sched_priority = 1};
    cpu_set_t cpu = one_cpu();
    char *path =
        str_format("/proc/%d/task/%d/children", proc_pid(proc), proc_pid(proc));
    FILE *file = fopen(path, "re");
    int pids[2] = {proc_pid(proc), 0};
    if (file == NULL || fscanf(file, "%d", &pids[1]) != 1)
        test_skip("this kernel does not tell who a process's children are");
    fclose(file);
    free(path);
    for (int i = 0; i < 2; i++)
        if (sched_setaffinity(pids[i], sizeof(cpu), &cpu) < 0 ||
            sched_setscheduler(pids[i], SCHED_RR, &first) < 0)
            test_skip("nobody can be made a real-time process here");
}

/* Two processes on one CPU wait for each other half of the time. */
START_TEST(busy_itself)
{
    make_net();
    struct proc *proc = host_start(b, program("spins"));
    proc_await_output(proc, "spinning", SECONDS(5));
    keep_to_themselves(proc);
    int64_t from_ns = clock_now_ns() - net->started_ns;
    ck_assert(!proc_wait(proc, MSECONDS(800), NULL));
    timed(net, from_ns + MSECONDS(100), INT64_MAX, MSECONDS(1));
    expect_at_most(700, 200, "the answer took %d ms", 700);
}
END_TEST

static struct proc *start_works(const char *ms)
{
    struct proc *proc = host_start_with(
        b, program("works"), &(struct start_options){.stdin_open = true},
        (const char *const[]){ms, NULL});
    starve(proc);
    proc_feed(proc, "\n", 1);
    return proc;
}

/* 60 ms of work at an eighth of a CPU take 0.4 s; the limit is 0.15. */
START_TEST(given_back)
{
    make_net();
    expect_exit(start_works("60"), 0, MSECONDS(150));
}
END_TEST

/* What is given back has an end: this one works for ever. */
START_TEST(endless)
{
    make_net();
    expect_exit(start_works("1000000"), 0, MSECONDS(150));
}
END_TEST

#define LATE(name)                                                             \
    {                                                                          \
        TEST(name), .id = "00.1." #name, .title = "title", .checkpoint = 1,    \
                    .points = 1, .why = "why", .cause = "cause", .see = "see", \
                    .time_limit_s = 5                                          \
    }
static const struct lab_test tests[] = {
    LATE(starved), LATE(starved_wire), LATE(starved_in_sum),
    LATE(slow),    LATE(slow_wire),    LATE(slow_in_sum),
    LATE(wrong),   LATE(busy_itself),  LATE(given_back),
    LATE(endless),
};

/* ---- What comes out ------------------------------------------------------ */

static const struct outcome {
    const char *subject, *verdict, *message;
    double waited_ms; /* at least, says the verdict */
} outcomes[] = {
    {"starved", "infra", "this test bears 40 ms; the test said: the answer",
     60},
    {"starved_wire", "infra", "ms passed between packets", 60},
    {"starved_in_sum", "infra", "the programs waited, in sum,", 60},
    {"slow", "fail", "the answer took 7", 0},
    {"slow_in_sum", "fail", "the answer took", 0},
    {"slow_wire", "fail", "an answer: 7", 0},
    {"wrong", "fail", "asked", 60},
    {"busy_itself", "fail", "the answer took 700 ms", 100},
    {"given_back", "pass", "", 100},
    {"endless", "fail", "", 100},
};
enum { OUTCOMES = sizeof(outcomes) / sizeof(outcomes[0]) };

/* Beside this program's directory. */
static char *attacks_dir(void)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    ck_assert_int_gt(n, 0);
    path[n] = '\0';
    *strrchr(path, '/') = '\0';
    return str_format("%s/../attacks", path);
}

static double waited_ms(const struct suite_end *end)
{
    const json_t *programs = json_object_get(end->verdict, "programs");
    return json_real_value(
        json_object_get(json_array_get(programs, 0), "run_delay_ms"));
}

START_TEST(the_machine_is_blamed_for_its_own_faults_only)
{
    const struct outcome *expected = &outcomes[_i];
    char *id = str_format("00.1.%s", expected->subject);
    char *impl = attacks_dir();
    const char *const args[] = {"--run",  id,   "--seed", "5",
                                "--impl", impl, NULL};
    struct suite_run run = suite_start(args);
    struct suite_end end = suite_wait(&run);
    if (strcmp(member(&end, "verdict"), "skip") == 0) {
        fprintf(stderr, "SKIP test_starve: %s\n", member(&end, "message"));
    } else {
        ck_assert_msg(strcmp(member(&end, "verdict"), expected->verdict) == 0 &&
                          strstr(member(&end, "message"), expected->message),
                      "%s: %s: %s", id, member(&end, "verdict"),
                      member(&end, "message"));
        ck_assert_double_ge(waited_ms(&end), expected->waited_ms);
    }
    suite_end_fini(&end);
    remove_scratch(&run);
    free(impl);
    free(id);
}
END_TEST

/* ---- The log alone ------------------------------------------------------- */

static void mark(struct cpulog *log, int at_ms, int ran_ms, int waited_ms)
{
    cpulog_add(log, (struct cpu_mark){.at_ns = MSECONDS(at_ms),
                                      .ran_ns = MSECONDS(ran_ms),
                                      .waited_ns = MSECONDS(waited_ms)});
}

START_TEST(period_takes_in_the_marks_around_it)
{
    struct cpulog log = {0};
    struct cpu_share share = {0};
    cpulog_between(&log, 0, SECONDS(1), &share);
    ck_assert_int_eq(share.waited_ns, 0);
    mark(&log, 100, 0, 0);
    mark(&log, 200, 10, 5);
    mark(&log, 300, 20, 85);
    mark(&log, 400, 30, 90);
    cpulog_between(&log, MSECONDS(250), MSECONDS(310), &share);
    ck_assert_int_eq(share.period_ns, MSECONDS(200));
    ck_assert_int_eq(share.ran_ns, MSECONDS(20));
    ck_assert_int_eq(share.waited_ns, MSECONDS(85));
    ck_assert_int_eq(share.stall_ns, MSECONDS(80));
    share = (struct cpu_share){0};
    cpulog_between(&log, MSECONDS(310), MSECONDS(390), &share);
    ck_assert_int_eq(share.stall_ns, MSECONDS(5));
    cpulog_fini(&log);
}
END_TEST

START_TEST(sums_never_fall)
{
    struct cpulog log = {0};
    mark(&log, 0, 0, 0);
    mark(&log, 100, 50, 40);
    mark(&log, 200, 20, 10); /* a process has died */
    ck_assert_int_eq(cpulog_last(&log).ran_ns, MSECONDS(50));
    ck_assert_int_eq(cpulog_last(&log).waited_ns, MSECONDS(40));
    cpulog_fini(&log);
}
END_TEST

START_TEST(a_long_log_is_thinned_out)
{
    struct cpulog log = {0};
    struct cpu_share share = {0};
    for (int i = 0; i < 3 * CPULOG_MAX_MARKS; i++)
        mark(&log, i, i, 2 * i);
    ck_assert_uint_le(log.count, CPULOG_MAX_MARKS);
    cpulog_between(&log, 0, INT64_MAX, &share);
    ck_assert_int_eq(share.waited_ns, MSECONDS(2) * (3 * CPULOG_MAX_MARKS - 1));
    cpulog_fini(&log);
}
END_TEST

START_TEST(runs_are_skipped)
{
    fprintf(stderr, "SKIP test_starve: no runs can be made here\n");
}
END_TEST

static bool can_run(void)
{
    struct cell_probe probe;
    char reason[256];
    cell_probe(&probe);
    return suite_can_run(reason) && probe.tun;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return suite_main(argc, argv, "00", tests,
                          sizeof(tests) / sizeof(tests[0]));
    Suite *suite = suite_create("starve");
    TCase *tcase = tcase_create("starve");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, period_takes_in_the_marks_around_it);
    tcase_add_test(tcase, sums_never_fall);
    tcase_add_test(tcase, a_long_log_is_thinned_out);
    if (can_run())
        tcase_add_loop_test(
            tcase, the_machine_is_blamed_for_its_own_faults_only, 0, OUTCOMES);
    else
        tcase_add_test(tcase, runs_are_skipped);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}

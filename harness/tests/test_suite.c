/* A suite binary seen from outside.  Its tests do all that a test should not;
 * what comes out must be one verdict, the right one, and nothing may be left
 * behind (see suiterun.h). */
#include <check.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <wirelab/expect.h>
#include <wirelab/suite.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "tests/suiterun.h"

/* ---- The suite of lab 00 ------------------------------------------------ */

START_TEST(passes)
{
    step("do nothing");
}
END_TEST

START_TEST(fails)
{
    step("count what is there");
    because("a cause of its own");
    expect_at_most(41, 4, "retransmitted %d of %d", 41, 200);
}
END_TEST

START_TEST(skips)
{
    test_skip("no such tool here");
}
END_TEST

START_TEST(finds_no_machine)
{
    test_infra("the machine is %s", "gone");
}
END_TEST

START_TEST(crashes)
{
    /* raise() and not a bad pointer: no compiler can have an opinion on it. */
    raise(SIGSEGV);
}
END_TEST

START_TEST(aborts)
{
    abort();
}
END_TEST

START_TEST(asserts)
{
    ck_assert_int_eq(1, 2);
}
END_TEST

START_TEST(exits)
{
    exit(0);
}
END_TEST

START_TEST(hangs)
{
    step("wait for nothing");
    fputs("hanging\n", stderr);
    for (;;)
        pause();
}
END_TEST

START_TEST(spins)
{
    static volatile bool forever = true;
    while (forever)
        ;
}
END_TEST

/* Not even its threads run on, so it cannot say that its time is over. */
START_TEST(freezes)
{
    raise(SIGSTOP);
}
END_TEST

START_TEST(scribbles)
{
    static const char rubbish[] =
        "{\"id\":\"00.2.other\",\"verdict\":\"pass\"}";
    for (int fd = 3; fd < 256; fd++)
        (void)!write(fd, rubbish, sizeof(rubbish));
    puts("rubbish");
    test_fail("the right verdict");
}
END_TEST

START_TEST(leaves_children)
{
    if (fork() == 0) {
        setsid();
        if (fork() != 0)
            _exit(0);
        for (;;)
            pause();
    }
}
END_TEST

START_TEST(ends_in_child)
{
    pid_t child = fork();
    if (child == 0)
        test_fail("a child has no say");
    waitpid(child, NULL, 0);
}
END_TEST

START_TEST(ends_twice)
{
    expect_true(false, "%s", "the first");
    expect_true(false, "%s", "the second");
}
END_TEST

static void refused_witness(json_t *verdict, const struct ending *ending,
                            void *context)
{
    (void)ending;
    json_object_set_new(verdict, "witness", json_string(context));
    infra("a witness met what is refused");
}

static void file_cleanup(void *path)
{
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    infra("so did a clean-up");
}

START_TEST(is_refused_at_the_end)
{
    static char path[512];
    snprintf(path, sizeof(path), "%s/cleaned", testrun()->out_dir);
    testrun_witness(refused_witness, "heard");
    testrun_cleanup(file_cleanup, path);
    testrun_cleanup(file_cleanup, path);
}
END_TEST

START_TEST(has_variants)
{
    static const char *const names[] = {"red", "green"};
    ck_assert_str_eq(names[_i], testrun()->variant);
    test_fail("variant %d, seed %llu", _i, (unsigned long long)_seed());
}
END_TEST

START_TEST(has_figures)
{
    test_fail("loss %ld, segments %ld", param_int("loss", 10, 5, 20),
              param_int("segments", 100, 60, 300));
}
END_TEST

START_TEST(forgets_its_figure)
{
    (void)param_int("segment", 1, 0, 9);
}
END_TEST

static const char *const colours[] = {"red", "green", NULL};

/* A test with what is special about it. */
#define ROW(body, name, number, ...)                                           \
    {                                                                          \
        TEST(body), .id = (name), .checkpoint = (number), .title = "A title",  \
                    .points = 1, .why = "a why", .cause = "a cause",           \
                    .see = "RFC 1", __VA_ARGS__                                \
    }
/* Most are over, or should be, within a second. */
#define UNRULY(body, name, number) ROW(body, name, number, .time_limit_s = 1)

static const struct lab_test tests[] = {
    UNRULY(passes, "00.1.passes", 1),
    UNRULY(fails, "00.1.fails", 1),
    UNRULY(skips, "00.1.skips", 1),
    UNRULY(finds_no_machine, "00.1.no_machine", 1),
    UNRULY(crashes, "00.2.crashes", 2),
    UNRULY(aborts, "00.2.aborts", 2),
    UNRULY(asserts, "00.2.asserts", 2),
    UNRULY(exits, "00.2.exits", 2),
    UNRULY(hangs, "00.2.hangs", 2),
    ROW(hangs, "00.2.hangs_long", 2, .time_limit_s = 0),
    UNRULY(spins, "00.2.spins", 2),
    UNRULY(freezes, "00.2.freezes", 2),
    UNRULY(scribbles, "00.2.scribbles", 2),
    UNRULY(leaves_children, "00.2.leaves_children", 2),
    UNRULY(ends_in_child, "00.2.ends_in_child", 2),
    UNRULY(ends_twice, "00.2.ends_twice", 2),
    UNRULY(is_refused_at_the_end, "00.2.refused_at_the_end", 2),
    ROW(has_variants, "00.3.has_variants", 3, .variants = colours),
    ROW(has_figures, "00.3.figures", 3, .figures = "loss segments"),
    ROW(forgets_its_figure, "00.3.forgets", 3, .figures = "segments"),
    ROW(passes, "00.3.pairs", 3, .variants = variants_pairing),
};

/* ---- What is expected of it --------------------------------------------- */

static const struct {
    const char *subject, *verdict, *message;
} runs[] = {
    {"00.1.passes", "pass", ""},
    {"00.1.fails", "fail", "retransmitted 41 of 200; expected"},
    {"00.1.skips", "skip", "no such tool here"},
    {"00.1.no_machine", "infra", "the machine is gone"},
    {"00.2.crashes", "infra", "signal 11"},
    {"00.2.aborts", "infra", "signal 6"},
    {"00.2.asserts", "infra", "1 == 2"},
    {"00.2.exits", "infra", "it called exit(0)"},
    {"00.2.hangs", "fail", "after 1 s, at the step \"wait for"},
    {"00.2.spins", "fail", "after 1 s, before its first step"},
    {"00.2.freezes", "infra", "did not end within 10 s"},
    {"00.2.scribbles", "fail", "the right verdict"},
    {"00.2.leaves_children", "pass", ""},
    {"00.2.ends_in_child", "pass", ""},
    {"00.2.ends_twice", "fail", "the first"},
    {"00.2.refused_at_the_end", "pass", ""},
    {"00.3.has_variants/red", "fail", "variant 0, seed 77"},
    {"00.3.has_variants/green", "fail", "variant 1, seed 77"},
    {"00.3.forgets", "infra", ".figures do not name 'segment'"},
    {"00.3.pairs/to-reference", "pass", ""},
};
enum { RUNS = sizeof(runs) / sizeof(runs[0]) };

START_TEST(verdict_is_right_and_alone)
{
    const char *const args[] = {"--run", runs[_i].subject, "--seed", "77",
                                NULL};
    struct suite_run run = suite_start(args);
    struct suite_end end = suite_wait(&run);
    ck_assert_msg(WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0,
                  "%s: wait status %#x", runs[_i].subject, end.status);
    ck_assert_msg(end.lines == 1 && end.verdict, "%s: %zu lines",
                  runs[_i].subject, end.lines);
    ck_assert_str_eq(member(&end, "verdict"), runs[_i].verdict);
    ck_assert_msg(strstr(member(&end, "message"), runs[_i].message) != NULL,
                  "%s: message \"%s\"", runs[_i].subject,
                  member(&end, "message"));
    ck_assert_str_eq(member(&end, "seed"), "77");
    suite_end_fini(&end);
    remove_scratch(&run);
}
END_TEST

/* A hidden variant's: see param_int(). */
static const struct {
    const char *params, *verdict, *message;
} figures[] = {
    {"", "fail", "loss 10, segments 100"},
    {"loss=7", "fail", "loss 7, segments 100"},
    {"segments=60,loss=20", "fail", "loss 20, segments 60"},
    {"loss=21", "infra", "loss must be a whole number from 5 to 20, not '21'"},
    {"segments=60,loss=4", "infra", "from 5 to 20, not '4'"},
    {"loss=few", "infra", "not 'few'"},
};
enum { FIGURES = sizeof(figures) / sizeof(figures[0]) };

START_TEST(figures_come_by_params)
{
    const char *const args[] = {"--run",    "00.3.figures",     "--seed", "77",
                                "--params", figures[_i].params, NULL};
    struct suite_run run = suite_start(args);
    struct suite_end end = suite_wait(&run);
    ck_assert_ptr_nonnull(end.verdict);
    ck_assert_str_eq(member(&end, "verdict"), figures[_i].verdict);
    ck_assert_msg(strstr(member(&end, "message"), figures[_i].message) != NULL,
                  "%s: message \"%s\"", figures[_i].params,
                  member(&end, "message"));
    suite_end_fini(&end);
    remove_scratch(&run);
}
END_TEST

START_TEST(failure_tells_its_steps)
{
    const char *const args[] = {"--run", "00.1.fails", NULL};
    struct suite_run run = suite_start(args);
    struct suite_end end = suite_wait(&run);
    const json_t *steps = json_object_get(end.verdict, "steps");
    ck_assert_int_eq(json_array_size(steps), 2);
    ck_assert_ptr_null(json_object_get(json_array_get(steps, 0), "failed"));
    ck_assert(
        json_is_true(json_object_get(json_array_get(steps, 1), "failed")));
    ck_assert_str_eq(member(&end, "expected"), "at most 4");
    ck_assert_str_eq(member(&end, "actual"), "41");
    ck_assert_str_eq(member(&end, "cause"), "a cause of its own");
    ck_assert_str_eq(member(&end, "why"), "a why");
    suite_end_fini(&end);
    remove_scratch(&run);
}
END_TEST

START_TEST(ending_outlives_what_is_refused)
{
    char path[128];
    const char *const args[] = {"--run", "00.2.refused_at_the_end", NULL};
    struct suite_run run = suite_start(args);
    struct suite_end end = suite_wait(&run);
    snprintf(path, sizeof(path), "%s/out/cleaned", run.scratch);
    ck_assert_str_eq(member(&end, "witness"), "heard");
    ck_assert_int_eq(access(path, F_OK), 0);
    suite_end_fini(&end);
    remove_scratch(&run);
}
END_TEST

START_TEST(verdict_is_kept_as_a_file)
{
    char path[128];
    const char *const args[] = {"--run", "00.1.skips", NULL};
    struct suite_run run = suite_start(args);
    struct suite_end end = suite_wait(&run);
    snprintf(path, sizeof(path), "%s/out/verdict.json", run.scratch);
    json_t *kept = json_load_file(path, 0, NULL);
    ck_assert(json_equal(kept, end.verdict));
    json_decref(kept);
    suite_end_fini(&end);
    remove_scratch(&run);
}
END_TEST

/* Waits until the test's body runs: its first words are "hanging". */
static void await_body(const struct suite_run *run)
{
    char word[8] = "";
    ck_assert_int_eq(read(run->errors, word, 7), 7);
    ck_assert_str_eq(word, "hanging");
}

START_TEST(stopped_supervisor_leaves_nothing)
{
    static const int signals[] = {SIGTERM, SIGINT};
    const char *const args[] = {"--run", "00.2.hangs_long", NULL};
    struct suite_run run = suite_start(args);
    await_body(&run);
    kill(run.pid, signals[_i]);
    struct suite_end end = suite_wait(&run);
    ck_assert_str_eq(member(&end, "verdict"), "infra");
    ck_assert_ptr_nonnull(strstr(member(&end, "message"), "was stopped"));
    suite_end_fini(&end);
    remove_scratch(&run);
}
END_TEST

START_TEST(killed_supervisor_leaves_no_process)
{
    const char *const args[] = {"--run", "00.2.hangs_long", NULL};
    struct suite_run run = suite_start(args);
    await_body(&run);
    kill(run.pid, SIGKILL);
    struct suite_end end = suite_wait(&run);
    ck_assert(WIFSIGNALED(end.status));
    ck_assert_ptr_null(end.verdict);
    suite_end_fini(&end);
    /* Its work directory is there until the next run sweeps it. */
    const char *const next[] = {"--run", "00.1.passes", NULL};
    char *old = mem_strdup(run.scratch), command[256];
    run = suite_start(next);
    end = suite_wait(&run);
    suite_end_fini(&end);
    remove_scratch(&run);
    snprintf(command, sizeof(command), "rm -rf %s", old);
    ck_assert_int_eq(system(command), 0);
    free(old);
}
END_TEST

/* ---- Usage -------------------------------------------------------------- */

static const struct {
    const char *args; /* separated by blanks */
    const char *error;
} mistakes[] = {
    {"--run 00.1.pases", "did you mean 00.1.passes?"},
    {"--run 07.1.tea", "lab 00 has no test 07.1.tea"},
    {"--run 00.3.has_variants", "did you mean 00.3.has_variants/red?"},
    {"--run 00.3.has_variants/gren", "00.3.has_variants/green?"},
    {"--run 00.1.passes/red", "00.1.passes has no variants"},
    {"--rnu 00.1.passes", "did you mean --run?"},
    {"--run 00.1.passes --seed x", "--seed x: must be a whole"},
    {"--run 00.1.passes --seed=-1", "--seed -1: must be a whole"},
    {"--run 00.1.passes --engine wier", "did you mean wire?"},
    {"--run 00.1.passes --list", "give one of"},
    {"--seed 1", "give one of"},
};
enum { MISTAKES = sizeof(mistakes) / sizeof(mistakes[0]) };

START_TEST(mistake_is_one_line_and_status_2)
{
    const char *args[8] = {NULL};
    char *words = mem_strdup(mistakes[_i].args), *rest = words;
    for (size_t n = 0; (args[n] = strsep(&rest, " ")) != NULL;)
        n++;
    struct suite_run run = suite_start(args);
    struct suite_end end = suite_wait(&run);
    ck_assert_msg(WIFEXITED(end.status) && WEXITSTATUS(end.status) == 2,
                  "%s: wait status %#x", mistakes[_i].error, end.status);
    ck_assert_uint_eq(end.lines, 0);
    ck_assert_uint_eq(count_lines(strbuf_text(&end.errors)), 1);
    ck_assert_msg(strstr(strbuf_text(&end.errors), mistakes[_i].error) != NULL,
                  "said %s", strbuf_text(&end.errors));
    suite_end_fini(&end);
    remove_scratch(&run);
    free(words);
}
END_TEST

START_TEST(list_is_complete)
{
    const char *const args[] = {"--list", NULL};
    struct suite_run run = suite_start(args);
    struct suite_end end = suite_wait(&run);
    json_t *list = json_loads(strbuf_text(&end.errors), 0, NULL);
    const json_t *listed = json_object_get(list, "tests");
    ck_assert_uint_eq(json_array_size(listed),
                      sizeof(tests) / sizeof(tests[0]));
    const json_t *first = json_array_get(listed, 0);
    static const char *const keys[] = {
        "id",    "title",    "checkpoint",   "points",  "why",
        "cause", "see",      "time_limit_s", "lasts_s", "load",
        "needs", "variants", "figures"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        ck_assert_msg(json_object_get(first, keys[i]) != NULL, "no %s",
                      keys[i]);
    const json_t *last = json_array_get(listed, json_array_size(listed) - 1);
    ck_assert_uint_eq(json_array_size(json_object_get(last, "variants")), 3);
    const json_t *named = json_object_get(
        json_array_get(listed, json_array_size(listed) - 3), "figures");
    ck_assert_uint_eq(json_array_size(named), 2);
    ck_assert_str_eq(json_string_value(json_array_get(named, 1)), "segments");
    json_decref(list);
    suite_end_fini(&end);
    remove_scratch(&run);
}
END_TEST

/* The reference against itself is one pairing, not three. */
START_TEST(reference_is_paired_once)
{
    const char *const args[] = {"--list",      "--impl", "/tmp",
                                "--reference", "/tmp/.", NULL};
    struct suite_run run = suite_start(args);
    struct suite_end end = suite_wait(&run);
    json_t *list = json_loads(strbuf_text(&end.errors), 0, NULL);
    const json_t *listed = json_object_get(list, "tests");
    const json_t *last = json_array_get(listed, json_array_size(listed) - 1);
    ck_assert_uint_eq(json_array_size(json_object_get(last, "variants")), 1);
    json_decref(list);
    suite_end_fini(&end);
    remove_scratch(&run);
}
END_TEST

/* ------------------------------------------------------------------------- */

START_TEST(runs_are_skipped)
{
    char reason[256];
    if (!suite_can_run(reason))
        fprintf(stderr, "SKIP test_suite: %s\n", reason);
}
END_TEST

static void add_running(TCase *running)
{
    char reason[256];
    if (!suite_can_run(reason)) {
        tcase_add_test(running, runs_are_skipped);
        return;
    }
    tcase_set_timeout(running, 60);
    tcase_add_loop_test(running, verdict_is_right_and_alone, 0, RUNS);
    tcase_add_loop_test(running, figures_come_by_params, 0, FIGURES);
    tcase_add_test(running, failure_tells_its_steps);
    tcase_add_test(running, ending_outlives_what_is_refused);
    tcase_add_test(running, verdict_is_kept_as_a_file);
    tcase_add_loop_test(running, stopped_supervisor_leaves_nothing, 0, 2);
    tcase_add_test(running, killed_supervisor_leaves_no_process);
}

static Suite *make_suite(void)
{
    Suite *suite = suite_create("suite");
    TCase *running = tcase_create("running");
    add_running(running);
    suite_add_tcase(suite, running);
    TCase *usage = tcase_create("usage");
    tcase_add_loop_test(usage, mistake_is_one_line_and_status_2, 0, MISTAKES);
    tcase_add_test(usage, list_is_complete);
    tcase_add_test(usage, reference_is_paired_once);
    suite_add_tcase(suite, usage);
    return suite;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return suite_main(argc, argv, "00", tests,
                          sizeof(tests) / sizeof(tests[0]));
    SRunner *runner = srunner_create(make_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}

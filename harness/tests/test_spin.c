/* Who polls, by what a guest's processes used between two surveys
 * (world/spin.h); test_virtual.sh shows it of real ones. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "world/spin.h"

enum { SELF = 10, OTHER = 11, THIRD = 12, MOST = 3 };

struct used {
    const char *name;
    struct spin_process before[MOST], after[MOST]; /* pid 0: none */
    int found;
    pid_t pid;
};

/* pid, turns, ticks */
static const struct used cases[] = {
    {"one polls, all others stand still",
     {{SELF, 500, 3}, {OTHER, 900, 5}},
     {{SELF, 20500, 40}, {OTHER, 900, 5}},
     1,
     SELF},
    {"a timer of another ends once in a while",
     {{SELF, 500, 3}, {OTHER, 900, 5}},
     {{SELF, 40500, 80}, {OTHER, 930, 5}},
     1,
     SELF},
    {"it has only just begun",
     {{SELF, 500, 3}, {OTHER, 900, 5}},
     {{SELF, 5500, 9}, {OTHER, 900, 5}},
     -EAGAIN,
     0},
    /* an emulator under full load, which uses most of the time */
    {"a process that works for another",
     {{SELF, 500, 3}, {OTHER, 900, 5}},
     {{SELF, 90500, 190}, {OTHER, 1900, 7}},
     0,
     0},
    {"many that take turns",
     {{SELF, 0, 0}, {OTHER, 0, 0}, {THIRD, 0, 0}},
     {{SELF, 9000, 20}, {OTHER, 8000, 20}, {THIRD, 7000, 20}},
     0,
     0},
    {"another has ended meanwhile",
     {{SELF, 500, 3}, {OTHER, 900, 5}},
     {{SELF, 20500, 40}},
     0,
     0},
    {"another has begun meanwhile",
     {{SELF, 500, 3}},
     {{SELF, 20500, 40}, {THIRD, 400, 2}},
     0,
     0},
    {"one computes for ever",
     {{SELF, 500, 3}, {OTHER, 900, 5}},
     {{SELF, 520, 1103}, {OTHER, 900, 5}},
     1,
     SELF},
    {"one computes for a while",
     {{SELF, 500, 3}, {OTHER, 900, 5}},
     {{SELF, 520, 803}, {OTHER, 900, 5}},
     -EAGAIN,
     0},
    {"nobody does anything",
     {{SELF, 500, 3}, {OTHER, 900, 5}},
     {{SELF, 500, 3}, {OTHER, 900, 5}},
     -EAGAIN,
     0},
    {"there is nobody", {{0}}, {{0}}, -EAGAIN, 0},
};

static void fill(struct spin_survey *survey, const struct spin_process *from)
{
    survey->count = 0;
    for (int i = 0; i < MOST && from[i].pid; i++)
        survey->processes[survey->count++] = from[i];
}

START_TEST(the_one_that_polls_is_found)
{
    const struct used *used = &cases[_i];
    static struct spin_survey before, after;
    struct spin_suspect suspect = {0};
    fill(&before, used->before);
    fill(&after, used->after);
    int found = spin_find(&before, &after, &suspect);
    ck_assert_msg(found == used->found, "%s: %d, not %d", used->name, found,
                  used->found);
    if (found == 1)
        ck_assert_msg(suspect.pid == used->pid, "%s: it is %d, not %d",
                      used->name, (int)suspect.pid, (int)used->pid);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spin");
    TCase *tcase = tcase_create("surveys");
    tcase_add_loop_test(tcase, the_one_that_polls_is_found, 0,
                        (int)(sizeof(cases) / sizeof(cases[0])));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

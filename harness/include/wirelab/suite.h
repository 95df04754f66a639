/* A lab's suite: Check tests and the table that registers them.
 *
 *      START_TEST(half_close_keeps_the_tail) { ... } END_TEST
 *
 *      static const struct lab_test tests[] = {
 *          {TEST(half_close_keeps_the_tail), .id = "04.4.half_close",
 *           .title = "...", .checkpoint = 4, .points = 4, ...},
 *      };
 *      LAB_SUITE("04", tests)
 *
 * A suite binary has these commands, and no other program needs to know more:
 *      suite --list                        JSON: ids, titles, points, limits
 *      suite --run ID[/VARIANT] --seed S   one test, in a process of its own
 */
#ifndef WIRELAB_SUITE_H
#define WIRELAB_SUITE_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>

enum test_load {
    LOAD_LIGHT = 1, /* mostly waits; many run at once */
    LOAD_MEDIUM = 2,
    LOAD_HEAVY = 4,   /* keeps a core busy */
    LOAD_ALONE = 100, /* nothing else may run: CPU or time is the subject */
};

enum test_needs {
    NEEDS_HOST_SPEED = 1 << 0, /* judges CPU speed: `host` world only */
    NEEDS_ASAN = 1 << 1,       /* judges memory safety: `host` world only */
    NEEDS_ROOT = 1 << 2,       /* real root, not a user namespace's */
    NEEDS_THROUGHPUT = 1 << 3, /* moves much in real time: not in `uml` */
};

struct lab_test {
    const TTest *test;
    const char *id;    /* "08.4.reorder_no_storm": lab.checkpoint.name */
    const char *title; /* a sentence, a fact about a right program */
    int checkpoint;
    int points;
    const char *why;   /* why a user of such a program would care */
    const char *cause; /* the likely cause of a failure, to the learner */
    const char *see;   /* "RFC 6298 section 5.5", or "README.md#closing" */
    int time_limit_s;  /* of the whole test, default 30 */
    int lasts_s; /* with a right program, if that is 3 s or more: the test is
                    then started early, so that nobody waits for it alone */
    enum test_load load; /* default LOAD_LIGHT */
    unsigned needs;      /* NEEDS_* */
    /* Names of variants, NULL-terminated; the test body finds the number in
     * _i.  The test passes if every variant does. */
    const char *const *variants;
    const char *figures; /* names that its body gives to param_int(), with a
                            space between two; NULL: none */
};

#define TEST(name) .test = &name##_ttest /* NOLINT: not an expression */

/* As Check defines it, but without a warning where only a table, and not
 * tcase_add_test(), refers to the test. */
#undef START_TEST
#define START_TEST(name)                                                       \
    static void name##_fn(int _i CK_ATTRIBUTE_UNUSED);                         \
    static const TTest name##_ttest = {#name, name##_fn, __FILE__, __LINE__};  \
    static const TTest *const name CK_ATTRIBUTE_UNUSED = &name##_ttest;        \
    static void name##_fn(int _i CK_ATTRIBUTE_UNUSED)

/* What a hidden variant of a test may change: a figure of its own choice, by a
 * name that is registered in .figures and that the grader's private file gives
 * another value.  Returns `usual` in every public run.  A value that is not a
 * whole number within [least, most] is the grader's mistake, and ends the run
 * as `infra`. */
long param_int(const char *name, long usual, long least, long most);

int suite_main(int argc, char **argv, const char *lab,
               const struct lab_test *tests, size_t count);

#define LAB_SUITE(lab, tests)                                                  \
    int main(int argc, char **argv)                                            \
    {                                                                          \
        return suite_main(argc, argv, lab, tests,                              \
                          sizeof(tests) / sizeof((tests)[0]));                 \
    }

/* A suite in several files: a theme is one file of tests with the table that
 * registers them.
 *
 *      SUITE_THEME(names_theme, tests)               in names.c
 *
 *      extern const struct suite_theme names_theme, reply_theme;
 *      static const struct suite_theme *const themes[] = {&names_theme,
 *                                                         &reply_theme};
 *      SUITE_OF_THEMES("01", themes)                 in suite.c */
struct suite_theme {
    const struct lab_test *tests;
    size_t count;
};
#define SUITE_THEME(name, table)                                               \
    const struct suite_theme name = {(table),                                  \
                                     sizeof(table) / sizeof((table)[0])};
int suite_themes_main(int argc, char **argv, const char *lab,
                      const struct suite_theme *const *themes, size_t count);
#define SUITE_OF_THEMES(lab, themes)                                           \
    int main(int argc, char **argv)                                            \
    {                                                                          \
        return suite_themes_main(argc, argv, lab, themes,                      \
                                 sizeof(themes) / sizeof((themes)[0]));        \
    }

/* The three pairings of a protocol with a fixed wire format: the tested program
 * with itself, as sender against the reference, as receiver against it.  When
 * the reference is what is tested only the first is run. */
extern const char *const variants_pairing[];
#define PAIR_SENDER(i, name) ((i) == 2 ? reference(name) : program(name))
#define PAIR_RECEIVER(i, name) ((i) == 1 ? reference(name) : program(name))

#endif

/* The workshop: what is built, what is refused and why, what comes out.  The
 * hostile submissions of harness/attacks go the whole way; here is the rest. */
#include <check.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "run/workshop.h"
#include "topo/topo.h"

static char dir[PATH_MAX];
static const char *const programs[] = {"shout"};
static struct workshop_order order;

static char *below(const char *name)
{
    return str_format("%s/%s", dir, name);
}

static void put(const char *name, const char *text)
{
    char *path = below(name);
    FILE *file = fopen(path, "we");
    ck_assert_msg(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s",
                  path);
    free(path);
}

/* A lab of one program, its rules shortened, and an empty submission. */
static void setup(void)
{
    char made[] = "/tmp/wirelab-workshop-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(made));
    snprintf(dir, sizeof(dir), "%s", made);
    static const char *const folders[] = {"labs/90-toy", "labs/90-toy/tests",
                                          "src"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        ck_assert_int_eq(tree_make(below(folders[i])), 0);
    put("labs/90-toy/Makefile",
        "include ../../harness/lab.mk\n"
        "all:\n\t@mkdir -p $(OUT) && $(CC) -I. -o $(OUT)/shout "
        "$(wildcard $(SRC)/*.c)\n");
    put("labs/90-toy/toy.h", "#define ANSWER 42\n");
    put("labs/90-toy/tests/suite.c", "secret\n");
    put("rules.mk", "FLAVOUR ?= none\n");
    order = (struct workshop_order){.lab = below("labs/90-toy"),
                                    .rules = below("rules.mk"),
                                    .source = below("src"),
                                    .out = below("out"),
                                    .programs = programs,
                                    .program_count = 1,
                                    .flavour = "san",
                                    .compiler = "gcc"};
}

static void teardown(void)
{
    ck_assert_int_eq(tree_remove(dir), 0);
}

static void expect_outcome(enum workshop_outcome wanted, const char *text)
{
    char *said;
    enum workshop_outcome outcome = workshop_build(&order, &said);
    char *program = below("out/shout");
    ck_assert_msg(outcome == wanted && strstr(said, text) != NULL,
                  "outcome %d: %s", outcome, said);
    ck_assert_int_eq(access(program, X_OK) == 0, wanted == WORKSHOP_BUILT);
    free(program);
    free(said);
}

START_TEST(a_program_is_built_by_the_labs_rules)
{
    put("src/shout.c", "#include \"toy.h\"\nint main(void)\n{\n    return "
                       "ANSWER;\n}\n");
    expect_outcome(WORKSHOP_BUILT, "");
    char *program = below("out/shout");
    ck_assert_int_eq(WEXITSTATUS(system(program)), 42);
    free(program);
}
END_TEST

START_TEST(what_does_not_compile_is_told_and_leaves_nothing)
{
    put("src/shout.c", "int main(void)\n{\n    return 0;\n}\n");
    expect_outcome(WORKSHOP_BUILT, "");
    put("src/shout.c", "int main(void)\n{\n    return x;\n}\n");
    expect_outcome(WORKSHOP_REFUSED, "shout.c:3:12: error: ");
}
END_TEST

START_TEST(tests_are_not_in_the_box)
{
    put("src/shout.c", "#include \"tests/suite.c\"\n");
    expect_outcome(WORKSHOP_REFUSED, "tests/suite.c: No such file");
}
END_TEST

START_TEST(its_own_makefile_is_used_when_asked_and_in_the_box)
{
    put("src/Makefile",
        "shout: own.c\n\t$(CC) -o $@ own.c\n\ttest ! -e /etc/passwd\n"
        "\ttest ! -e /dev/zero\n\ttest ! -e /lab/labs/90-toy/tests\n"
        "\ttest ! -w /lab\n\ttest ! -e /sys\n");
    put("src/own.c", "int main(void)\n{\n    return 7;\n}\n");
    order.own_makefile = true;
    expect_outcome(WORKSHOP_BUILT, "");
    order.own_makefile = false;
    put("labs/90-toy/Makefile", "all:\n\tfalse\n");
    expect_outcome(WORKSHOP_REFUSED, "");
}
END_TEST

START_TEST(a_link_that_a_makefile_leaves_is_not_taken_out)
{
    put("src/Makefile", "shout:\n\tmkdir -p $(OUT)\n\tln -s /usr/bin/env "
                        "$(OUT)/shout\n");
    order.own_makefile = true;
    expect_outcome(WORKSHOP_REFUSED, "there is no program shout");
}
END_TEST

START_TEST(a_ready_made_program_is_taken_as_it_is)
{
    put("src/shout", "#!/bin/sh\n");
    expect_outcome(WORKSHOP_BUILT, "");
    put("src/README.txt", "not a program\n");
    ck_assert_int_eq(unlink(below("src/shout")), 0);
    expect_outcome(WORKSHOP_REFUSED, "neither *.c files nor a program");
}
END_TEST

START_TEST(our_own_faults_are_not_the_submissions)
{
    put("src/shout.c", "int main(void)\n{\n    return 0;\n}\n");
    order.rules = "/nonexistent/lab.mk";
    char *said;
    ck_assert_int_eq(workshop_build(&order, &said), WORKSHOP_INFRA);
    ck_assert_msg(strstr(said, "/nonexistent/lab.mk") != NULL, "%s", said);
    free(said);
}
END_TEST

static Suite *workshop_suite(void)
{
    Suite *suite = suite_create("workshop");
    TCase *tcase = tcase_create("builds");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_program_is_built_by_the_labs_rules);
    tcase_add_test(tcase, what_does_not_compile_is_told_and_leaves_nothing);
    tcase_add_test(tcase, tests_are_not_in_the_box);
    tcase_add_test(tcase, its_own_makefile_is_used_when_asked_and_in_the_box);
    tcase_add_test(tcase, a_link_that_a_makefile_leaves_is_not_taken_out);
    tcase_add_test(tcase, a_ready_made_program_is_taken_as_it_is);
    tcase_add_test(tcase, our_own_faults_are_not_the_submissions);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    struct cell_probe probe;
    cell_probe(&probe);
    if (!probe.pid_ns || !probe.net_ns) {
        fprintf(stderr, "SKIP test_workshop: %s\n", probe.reason);
        return 0;
    }
    SRunner *runner = srunner_create(workshop_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}

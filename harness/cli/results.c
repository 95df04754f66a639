/* wirelab results: what can be done with a batch's results.json. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/convert.h"
#include "cli/finals.h"
#include "cli/merge.h"
#include "cli/resultshtml.h"

static const struct verb actions[] = {
    {"html", cli_results_html, "shows a class: students by tests"},
    {"merge", cli_merge, "joins the shards of one batch"},
    {"policy", cli_policy, "late days, penalties, overrides, attempts"},
    {"diff", cli_diff, "whose score fell on the same code?"},
    {"gradescope", cli_convert, "Gradescope's results.json"},
    {"classroom", cli_convert, "a grader's result for GitHub Classroom"},
    {"prairielearn", cli_convert, "PrairieLearn's results.json"},
    {"autolab", cli_convert, "an autograder's output for Autolab"},
    {"junit", cli_convert, "JUnit's XML"},
    {"tap", cli_convert, "TAP version 14"},
    {"canvas", cli_convert, "a gradebook for Canvas (CSV)"},
    {"moodle", cli_convert, "a grading worksheet for Moodle (CSV)"},
    {"csv", cli_convert, "a table of all students and tests"},
};
enum { ACTIONS = sizeof(actions) / sizeof(actions[0]) };

static void print_help(void)
{
    puts("usage: wirelab results ACTION [...]\n");
    for (size_t i = 0; i < ACTIONS; i++)
        printf("  %-13s %s\n", actions[i].name, actions[i].summary);
    puts("\n'wirelab results ACTION --help' says more.");
}

int cli_results(int argc, char **argv)
{
    const char *names[ACTIONS];
    if (argc < 2 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0) {
        print_help();
        return argc < 2 ? EXIT_USAGE : EXIT_PASSED;
    }
    for (size_t i = 0; i < ACTIONS; i++) {
        names[i] = actions[i].name;
        if (strcmp(argv[1], names[i]) == 0)
            return actions[i].run(argc - 1, argv + 1);
    }
    return usage_unknown("action", argv[1], names, ACTIONS);
}

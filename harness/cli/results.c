/* wirelab results: what can be done with a batch's results.json. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/finals.h"
#include "cli/merge.h"

static const struct verb actions[] = {
    {"merge", cli_merge, "joins the shards of one batch"},
    {"policy", cli_policy, "late days, penalties, overrides, attempts"},
    {"diff", cli_diff, "whose score fell on the same code?"},
};
enum { ACTIONS = sizeof(actions) / sizeof(actions[0]) };

static void print_help(void)
{
    puts("usage: wirelab results ACTION [...]\n");
    for (size_t i = 0; i < ACTIONS; i++)
        printf("  %-11s %s\n", actions[i].name, actions[i].summary);
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

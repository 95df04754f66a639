/* wirelab: finds the verb, and does it. */
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/version.h"

const struct verb verbs[] = {
    {"doctor", cli_doctor, "says what this machine can run, and what it lacks"},
    {"list", cli_list, "lists the labs, and how far you are with each"},
    {"check", cli_check, "builds and tests your program"},
    {"watch", cli_watch, "runs the test you are at after each save"},
    {"hint", cli_hint, "gives a hint, one level more each time"},
    {"report", cli_report, "opens the report of your last check"},
    {"replay", cli_replay, "runs a failed test again, with the same faults"},
    {"stress", cli_stress, "repeats a lab's tests, to find what is not steady"},
    {"mutants", cli_mutants, "proves a lab's tests on wrong programs"},
    {"grade", cli_grade, "grades a folder of submissions, or goes on with it"},
    {"results", cli_results, "makes pages, tables, other formats of grades"},
    {"similar", cli_similar, "says which submissions are alike"},
    {"handout", cli_handout, "makes a copy of the labs without the solutions"},
    {"shell", cli_shell, "opens a prompt in each host of a lab's network"},
    {"link", cli_link, "puts a bad link under any command"},
    {"reset", cli_reset, "puts a lab's skeleton back; your work is kept aside"},
    {"completion", cli_completion, "prints a completion script for your shell"},
};
const size_t verb_count = sizeof(verbs) / sizeof(verbs[0]);

static void print_help(void)
{
    puts("usage: wirelab VERB [...]\n\n"
         "Runs the labs of Network Programming and Protocol Design: your "
         "program, on a\nsmall network whose links lose, delay and reorder "
         "packets by a seed.\n");
    for (size_t i = 0; i < verb_count; i++)
        printf("  %-11s %s\n", verbs[i].name, verbs[i].summary);
    puts("\n'wirelab VERB --help' says more.  Exit status: 0 all passed, 1 a "
         "test failed,\n2 wrong usage, 3 the machine could not run it, 130 "
         "interrupted.");
}

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < verb_count; i++) {
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    }
    return NULL;
}

static int unknown_verb(const char *name)
{
    const char *names[sizeof(verbs) / sizeof(verbs[0])];
    for (size_t i = 0; i < verb_count; i++)
        names[i] = verbs[i].name;
    return usage_unknown("command", name, names, verb_count);
}

static int help_verb(int argc, char **argv)
{
    if (argc < 2) {
        print_help();
        return EXIT_PASSED;
    }
    const struct verb *verb = find_verb(argv[1]);
    if (verb == NULL)
        return unknown_verb(argv[1]);
    char option[] = "--help";
    char *help[] = {argv[1], option, NULL};
    return verb->run(2, help);
}

int main(int argc, char **argv)
{
    /* A reader that goes away ("wirelab list | head") is seen as EPIPE. */
    (void)signal(SIGPIPE, SIG_IGN);
    /* What is built here is run under another uid, who must be able to. */
    umask(022);
    if (argc < 2) {
        print_help();
        return EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0) {
        puts("wirelab " WIRELAB_VERSION);
        return EXIT_PASSED;
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 ||
        strcmp(name, "-h") == 0)
        return help_verb(argc - 1, argv + 1);
    const struct verb *verb = find_verb(name);
    return verb ? verb->run(argc - 1, argv + 1) : unknown_verb(name);
}

/* The command line of a suite binary.
 *
 * Every option takes a value, "--seed 7" or "--seed=7", but the three commands
 * of which only one may be given. */
#include "grade/options.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

enum option {
    OPTION_LIST,
    OPTION_LINT,
    OPTION_RUN,
    OPTION_HELP,
    OPTION_SEED,
    OPTION_OUT,
    OPTION_IMPL,
    OPTION_REFERENCE,
    OPTION_ENGINE,
    OPTION_VERDICT_FD,
    OPTION_PARAMS,
    OPTIONS,
};

static const char *const option_names[OPTIONS] = {
    [OPTION_LIST] = "--list",     [OPTION_LINT] = "--lint",
    [OPTION_RUN] = "--run",       [OPTION_HELP] = "--help",
    [OPTION_SEED] = "--seed",     [OPTION_OUT] = "--out",
    [OPTION_IMPL] = "--impl",     [OPTION_REFERENCE] = "--reference",
    [OPTION_ENGINE] = "--engine", [OPTION_VERDICT_FD] = "--verdict-fd",
    [OPTION_PARAMS] = "--params",
};

static const char *const engine_names[] = {"wire", "netem"};

void suite_usage(FILE *out, const char *lab)
{
    fprintf(out,
            "The tests of lab %s; `wirelab check %s` runs them all.\n\n"
            "  --list               lists them as JSON\n"
            "  --lint LAB.JSON      compares their points with lab.json\n"
            "  --run ID[/VARIANT]   runs one\n"
            "      --seed S             of every fault (default 1)\n"
            "      --out DIR            where the evidence goes\n"
            "      --impl DIR           the programs to test\n"
            "      --reference DIR      the reference's programs\n"
            "      --engine wire|netem  what emulates the links\n"
            "      --params N=V,...     replaces what the test would choose\n"
            "      --verdict-fd N       where the verdict goes, as one line\n",
            lab, lab);
}

static bool is_command(enum option option)
{
    return option <= OPTION_HELP;
}

/* Finds the option whose name ends at the end of `arg` or at its '='. */
static enum option find_option(const char *arg)
{
    size_t n = strcspn(arg, "=");
    for (int i = 0; i < OPTIONS; i++) {
        if (strlen(option_names[i]) == n &&
            strncmp(option_names[i], arg, n) == 0)
            return (enum option)i;
    }
    return OPTIONS;
}

static int unknown(const char *what, const char *word, const char *const *words,
                   size_t n, FILE *err)
{
    const char *nearest = nearest_word(word, words, n);
    if (nearest)
        fprintf(err, "unknown %s %s; did you mean %s?\n", what, word, nearest);
    else
        fprintf(err, "unknown %s %s; --help lists what there is\n", what, word);
    return -EINVAL;
}

static int parse_number(const char *option, const char *text, uint64_t max,
                        uint64_t *number, FILE *err)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 0);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 ||
        *number > max) {
        fprintf(err, "%s %s: must be a whole number up to %llu\n", option, text,
                (unsigned long long)max);
        return -EINVAL;
    }
    return 0;
}

static int set_engine(struct suite_options *options, const char *value,
                      FILE *err)
{
    for (size_t i = 0; i < 2; i++) {
        if (strcmp(value, engine_names[i]) == 0) {
            options->engine = engine_names[i];
            return 0;
        }
    }
    return unknown("engine", value, engine_names, 2, err);
}

static int set_verdict_fd(struct suite_options *options, const char *value,
                          FILE *err)
{
    uint64_t number;
    int rc = parse_number("--verdict-fd", value, INT_MAX, &number, err);
    if (rc < 0)
        return rc;
    if (fcntl((int)number, F_GETFD) < 0) {
        fprintf(err, "--verdict-fd %s: no such descriptor is open\n", value);
        return -EINVAL;
    }
    options->verdict_fd = (int)number;
    return 0;
}

static int set_option(struct suite_options *options, enum option option,
                      const char *value, FILE *err)
{
    switch (option) {
    case OPTION_LIST:
        options->command = SUITE_LIST;
        return 0;
    case OPTION_HELP:
        options->command = SUITE_HELP;
        return 0;
    case OPTION_LINT:
        options->command = SUITE_LINT;
        options->subject = value;
        return 0;
    case OPTION_RUN:
        options->command = SUITE_RUN;
        options->subject = value;
        return 0;
    case OPTION_SEED:
        return parse_number("--seed", value, UINT64_MAX, &options->seed, err);
    case OPTION_OUT:
        options->out_dir = value;
        return 0;
    case OPTION_IMPL:
        options->impl_dir = value;
        return 0;
    case OPTION_REFERENCE:
        options->reference_dir = value;
        return 0;
    case OPTION_ENGINE:
        return set_engine(options, value, err);
    case OPTION_PARAMS:
        options->params = value;
        return 0;
    default:
        return set_verdict_fd(options, value, err);
    }
}

/* Parses argv[*i], and its value if it has one of its own; moves *i on. */
static int parse_one(struct suite_options *options, int argc, char **argv,
                     int *i, FILE *err)
{
    const char *arg = argv[(*i)++];
    enum option option = find_option(arg);
    if (option == OPTIONS)
        return unknown(*arg == '-' ? "option" : "command", arg, option_names,
                       OPTIONS, err);
    const char *equals = strchr(arg, '=');
    const char *value = equals ? equals + 1 : NULL;
    if (option != OPTION_LIST && option != OPTION_HELP && value == NULL) {
        if (*i == argc) {
            fprintf(err, "%s needs a value\n", arg);
            return -EINVAL;
        }
        value = argv[(*i)++];
    }
    return set_option(options, option, value, err);
}

int suite_options_parse(struct suite_options *options, int argc, char **argv,
                        FILE *err)
{
    *options = (struct suite_options){
        .command = SUITE_HELP,
        .seed = 1,
        .impl_dir = "",
        .reference_dir = "",
        .engine = engine_names[0],
        .params = "",
        .verdict_fd = -1,
    };
    int commands = 0;
    for (int i = 1; i < argc;) {
        commands += is_command(find_option(argv[i]));
        int rc = parse_one(options, argc, argv, &i, err);
        if (rc < 0)
            return rc;
    }
    if (commands != 1) {
        fprintf(err, "give one of --list, --lint, --run; --help explains\n");
        return -EINVAL;
    }
    return 0;
}

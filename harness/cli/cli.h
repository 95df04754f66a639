/* What every verb shares: exit statuses, options and their help, colours.
 *
 * A verb is a function of (argc, argv), argv[0] being its name; it returns the
 * exit status.  It describes itself by one `struct command`, from which --help,
 * error messages and shell completion are all made. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum exit_status {
    EXIT_PASSED = 0,
    EXIT_FAILED = 1, /* a test failed, or the program does not compile */
    EXIT_USAGE = 2,
    EXIT_INFRA = 3,         /* the machine, or we, could not do it */
    EXIT_INTERRUPTED = 130, /* Ctrl-C: 128 + SIGINT, as shells have it */
};

enum { CLI_MAX_LIST = 64 };

struct text_list {
    const char *items[CLI_MAX_LIST];
    size_t count;
};

struct seed_option {
    bool given;
    uint64_t value;
};

enum option_kind {
    OPTION_FLAG,  /* bool */
    OPTION_TEXT,  /* const char * */
    OPTION_COUNT, /* long, at least 0 */
    OPTION_SEED,  /* struct seed_option */
    OPTION_LIST,  /* struct text_list; may be given repeatedly */
};

struct command_option {
    const char *name; /* "--seed" */
    enum option_kind kind;
    void *target;               /* of the type that goes with `kind` */
    const char *value;          /* its name in the help, "S" */
    const char *help;           /* one line */
    const char *const *choices; /* of OPTION_TEXT, NULL-terminated; or NULL */
};

struct command {
    const char *name;
    const char *usage;   /* what follows the name: "NN [--test ID]..." */
    const char *summary; /* one line */
    const char *text;    /* more paragraphs for --help, or "" */
    const struct command_option *options;
    size_t option_count;
    size_t min_operands, max_operands;
};

/* Reads argv by the command's options; operands are moved to argv[1..].  "--"
 * ends the options.  Returns true with `*operands` set, or false when the verb
 * is over (help was printed, or an error) with its exit status. */
bool command_parse(const struct command *command, int argc, char **argv,
                   size_t *operands, int *status);
void command_help(const struct command *command);

/* "wirelab: unknown test '08.9.x': did you mean '08.9.y'?" on stderr.
 * Returns EXIT_USAGE. */
int usage_unknown(const char *what, const char *word, const char *const *words,
                  size_t n);
/* One line on stderr, "wirelab: …".  They return EXIT_USAGE, EXIT_INFRA. */
int usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
int infra_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether to colour: a terminal, no NO_COLOR, no `refused` by --no-color. */
bool colour_wanted(int fd, bool refused);

/* The verbs. */
int cli_check(int argc, char **argv);
int cli_completion(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_handout(int argc, char **argv);
int cli_hint(int argc, char **argv);
int cli_grade(int argc, char **argv);
int cli_link(int argc, char **argv);
int cli_list(int argc, char **argv);
int cli_mutants(int argc, char **argv);
int cli_replay(int argc, char **argv);
int cli_report(int argc, char **argv);
int cli_reset(int argc, char **argv);
int cli_results(int argc, char **argv);
int cli_shell(int argc, char **argv);
int cli_similar(int argc, char **argv);
int cli_stress(int argc, char **argv);
int cli_watch(int argc, char **argv);

struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};
extern const struct verb verbs[];
extern const size_t verb_count;

#endif

/* Options, help and usage errors of every verb, from one description. */
#include "cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/strbuf.h"
#include "run/output.h"

enum { MAX_OPTIONS = 32, SHOWN_NAMES = 12 };

static void complain(const char *format, va_list args)
    __attribute__((format(printf, 1, 0)));

/* What it quotes, a file's name or a line of a roster, may be anybody's: a
 * terminal is to show control characters, not to obey them. */
static void complain(const char *format, va_list args)
{
    struct strbuf line = {0};
    strbuf_vprintf(&line, format, args);
    char *shown = output_as_utf8(strbuf_text(&line), line.length);
    (void)fflush(stdout);
    (void)fprintf(stderr, "wirelab: %s\n", shown);
    free(shown);
    strbuf_fini(&line);
}

int usage_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain(format, args);
    va_end(args);
    return EXIT_USAGE;
}

int infra_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain(format, args);
    va_end(args);
    return EXIT_INFRA;
}

int usage_unknown(const char *what, const char *word, const char *const *words,
                  size_t n)
{
    const char *nearest = nearest_word(word, words, n);
    if (nearest)
        return usage_error("unknown %s '%s': did you mean '%s'?", what, word,
                           nearest);
    if (n == 0)
        return usage_error("unknown %s '%s': there is none yet", what, word);
    struct strbuf all = {0};
    for (size_t i = 0; i < n && i < SHOWN_NAMES; i++)
        strbuf_printf(&all, "%s%s", i ? ", " : "", words[i]);
    int status = usage_error("unknown %s '%s': there are %s%s", what, word,
                             strbuf_text(&all), n > SHOWN_NAMES ? ", ..." : "");
    strbuf_fini(&all);
    return status;
}

bool colour_wanted(int fd, bool refused)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return !refused && isatty(fd) && !(no_color && *no_color) &&
           !(term && strcmp(term, "dumb") == 0);
}

static void print_option(const struct command_option *option)
{
    char left[48];
    snprintf(left, sizeof(left), "%s%s%s", option->name,
             option->value ? " " : "", option->value ? option->value : "");
    printf("  %-24s %s\n", left, option->help);
}

void command_help(const struct command *command)
{
    printf("usage: wirelab %s %s\n\n%s.\n", command->name, command->usage,
           command->summary);
    if (*command->text)
        printf("\n%s\n", command->text);
    puts("\nOptions:");
    for (size_t i = 0; i < command->option_count; i++)
        print_option(&command->options[i]);
    puts("  --help                   prints this");
}

static int unknown_option(const struct command *command, const char *name)
{
    const char *names[MAX_OPTIONS] = {"--help"};
    size_t n = 1;
    for (size_t i = 0; i < command->option_count && n < MAX_OPTIONS; i++)
        names[n++] = command->options[i].name;
    return usage_unknown("option", name, names, n);
}

/* Parses a whole number, decimal or 0x…; the whole text has to be one. */
static int parse_number(const char *text, uint64_t *number)
{
    if (!isdigit((unsigned char)*text))
        return -EINVAL;
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 0);
    if (errno)
        return -errno;
    return *end ? -EINVAL : 0;
}

static int set_choice(const struct command_option *option, const char *value)
{
    size_t n = 0;
    while (option->choices[n] && strcmp(option->choices[n], value) != 0)
        n++;
    if (option->choices[n]) {
        *(const char **)option->target = option->choices[n];
        return 0;
    }
    return usage_unknown(option->name + 2, value, option->choices, n);
}

static int set_number(const struct command_option *option, const char *value)
{
    uint64_t number;
    if (parse_number(value, &number) < 0 ||
        (option->kind == OPTION_COUNT && number > 1000000))
        return usage_error("%s wants a number, not '%s'", option->name, value);
    if (option->kind == OPTION_COUNT)
        *(long *)option->target = (long)number;
    else
        *(struct seed_option *)option->target =
            (struct seed_option){.given = true, .value = number};
    return 0;
}

static int set_list(const struct command_option *option, const char *value)
{
    struct text_list *list = option->target;
    if (list->count == CLI_MAX_LIST)
        return usage_error("%s can be given %d times at most", option->name,
                           CLI_MAX_LIST);
    list->items[list->count++] = value;
    return 0;
}

/* Returns 0 or an exit status. */
static int set_option(const struct command_option *option, const char *value)
{
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)option->target = true;
        return 0;
    case OPTION_TEXT:
        if (option->choices)
            return set_choice(option, value);
        *(const char **)option->target = value;
        return 0;
    case OPTION_COUNT:
    case OPTION_SEED:
        return set_number(option, value);
    case OPTION_LIST:
        return set_list(option, value);
    }
    return EXIT_USAGE;
}

static const struct command_option *find_option(const struct command *command,
                                                const char *name, size_t length)
{
    for (size_t i = 0; i < command->option_count; i++) {
        const char *candidate = command->options[i].name;
        if (strlen(candidate) == length &&
            strncmp(candidate, name, length) == 0)
            return &command->options[i];
    }
    return NULL;
}

/* Takes the option at argv[*at], and its value ("--seed 7", "--seed=7").
 * Returns 0 or an exit status. */
static int take_option(const struct command *command, int argc, char **argv,
                       int *at)
{
    char *name = argv[*at];
    char *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const struct command_option *option = find_option(command, name, length);
    if (option == NULL) {
        name[length] = '\0';
        return unknown_option(command, name);
    }
    if (option->kind == OPTION_FLAG)
        return equals ? usage_error("%s takes no value", option->name)
                      : set_option(option, NULL);
    if (equals)
        return set_option(option, equals + 1);
    if (*at + 1 >= argc)
        return usage_error("%s wants a value: %s %s", option->name,
                           option->name, option->value);
    return set_option(option, argv[++*at]);
}

static int check_operands(const struct command *command, char **argv, size_t n)
{
    if (n >= command->min_operands && n <= command->max_operands)
        return 0;
    if (n > command->max_operands)
        return usage_error("'%s' is one word too many: wirelab %s %s",
                           argv[command->max_operands + 1], command->name,
                           command->usage);
    return usage_error("too few words: wirelab %s %s", command->name,
                       command->usage);
}

bool command_parse(const struct command *command, int argc, char **argv,
                   size_t *operands, int *status)
{
    size_t n = 0;
    bool options = true;
    for (int i = 1; i < argc; i++) {
        char *word = argv[i];
        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options &&
                   (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
            command_help(command);
            *status = EXIT_PASSED;
            return false;
        } else if (options && word[0] == '-' && word[1]) {
            if ((*status = take_option(command, argc, argv, &i)))
                return false;
        } else {
            argv[++n] = word;
        }
    }
    *operands = n;
    *status = check_operands(command, argv, n);
    return *status == 0;
}

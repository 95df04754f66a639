/* The command line of a suite binary. */
#ifndef GRADE_OPTIONS_H
#define GRADE_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

enum suite_command { SUITE_LIST, SUITE_LINT, SUITE_RUN, SUITE_HELP };

struct suite_options {
    enum suite_command command;
    const char *subject; /* ID[/VARIANT], or the path of lab.json */
    uint64_t seed;
    const char *out_dir;       /* NULL: named after the test */
    const char *impl_dir;      /* "" if there is none */
    const char *reference_dir; /* "" if there is none */
    const char *engine;
    const char *params; /* "NAME=VALUE,..."; "" if there are none */
    int verdict_fd;     /* -1: stdout */
};

/* Returns 0, or -EINVAL after one line to `err` that says what is wrong and, if
 * a name was mistyped, which is the nearest valid one. */
int suite_options_parse(struct suite_options *options, int argc, char **argv,
                        FILE *err);
void suite_usage(FILE *out, const char *lab);

#endif

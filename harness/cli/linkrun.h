/* Two hosts, a link, a command on each: what `wirelab link` does once it knows
 * what is wanted. */
#ifndef CLI_LINKRUN_H
#define CLI_LINKRUN_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"

struct linkrun {
    const char *profile, *engine, *capture, *right;
    const struct text_list *scripts;
    uint64_t seed;
    bool fast, ipv6, json;
    char **command; /* argv of what runs on the left */
};

/* Runs it all in a cell.  Returns an exit status; what went wrong is on
 * stderr. */
int linkrun(const struct linkrun *plan);

#endif

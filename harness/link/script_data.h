/* What a script is made of.  Private to script.c and script_read.c. */
#ifndef LINK_SCRIPT_DATA_H
#define LINK_SCRIPT_DATA_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/filter.h"
#include "link/profile.h"
#include "link/script.h"

enum { SCRIPT_ANY_PORT = INT_MAX };

/* Of the packets that match. */
enum which { WHICH_ALL, WHICH_FIRST, WHICH_NTH, WHICH_EVERY };

struct rule {
    char *line; /* as it was written: the reason in a capture */
    enum script_action action;
    enum which which;
    uint64_t number;
    int64_t hold_ns;
    unsigned from, to; /* ports, or SCRIPT_ANY_PORT */
    struct filter *filter;
    uint64_t matched; /* packets so far */
};

struct cut {
    char *line;
    int64_t from_ns, to_ns;
};

struct change {
    int64_t at_ns;
    bool taken;
    struct profile profile;
};

struct script {
    struct rule *rules;
    struct cut *cuts;
    struct change *changes;
    size_t rule_count, cut_count, change_count;
};

#endif

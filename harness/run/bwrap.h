/* bubblewrap's command line. */
#ifndef RUN_BWRAP_H
#define RUN_BWRAP_H

#include "run/sandbox.h"

enum { COMMAND_WORDS = SANDBOX_MAX_ARGS + 400 };

struct command {
    char *words[COMMAND_WORDS]; /* NULL-terminated */
    size_t count;
};

/* Where the launcher mounts what has BIND_STAGED: the i-th bind at STAGE/i. */
#define STAGE "/tmp"

/* Descriptors in the child: the program's from 0, then ours. */
static inline int control_number(const struct sandbox *box)
{
    return (int)box->fd_count;
}

static inline int image_number(const struct sandbox *box)
{
    return (int)box->fd_count + 1;
}

static inline int filter_number(const struct sandbox *box)
{
    return (int)box->fd_count + 2;
}

void command_compose(struct command *command, const struct sandbox *box);
void command_fini(struct command *command);

#endif

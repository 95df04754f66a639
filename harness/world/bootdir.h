/* The directory a guest boots from. */
#ifndef WORLD_BOOTDIR_H
#define WORLD_BOOTDIR_H

#include <stddef.h>

#include "base/strbuf.h"
#include "world/guest.h"

struct bootdir {
    char path[256]; /* a work directory (topo.h), locked by this process */
    char *root;     /* what the kernel takes for its root, until the agent has
                       made another */
    char *clock;    /* a directory that holds the file "clock" */
    char *console;  /* a file: what the kernel prints */
};

/* Makes one.  Returns 0, or -errno with one sentence in `error`
 * (GUEST_ERROR_BYTES). */
int bootdir_make(struct bootdir *dir, char *error);
/* Removes it with all that is in it. */
void bootdir_remove(struct bootdir *dir);

/* Adds the payload of SETUP: texts, as agent/agent.h describes them. */
void bootdir_setup(const struct bootdir *dir,
                   const struct guest_options *options, struct strbuf *setup);

/* The last lines the kernel printed, on one line, malloc'd; "" if none. */
char *bootdir_console_tail(const struct bootdir *dir);

#endif

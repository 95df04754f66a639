/* What a program is started with: its sandbox's description, and the far ends
 * of its streams. */
#ifndef RUN_EQUIP_H
#define RUN_EQUIP_H

#include "run/run.h"
#include "run/sandbox.h"

/* The far ends of what a sandbox is given. */
struct ends {
    int stdin_fd, stdout_fd, stderr_fd, control_fd;
};

/* Strings that the description points to. */
struct strings {
    char *list[16];
    size_t count;
};

struct equipment {
    struct sandbox box;
    struct ends ends;
    struct strings strings;
};

/* Opens the streams (the near ends go into `proc`) and describes the sandbox.
 */
void equip(struct equipment *equipment, struct proc *proc,
           const struct start_options *options);
/* Closes the far ends; to be called when the sandbox has them. */
void equip_fini(struct equipment *equipment);

#endif

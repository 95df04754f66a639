/* Who in a guest never waits: in virtual time such a program lets no time pass,
 * and the guest does not get on. */
#ifndef WORLD_SPIN_H
#define WORLD_SPIN_H

#include <stddef.h>
#include <sys/types.h>

enum { SPIN_MAX_PROCESSES = 256, SPIN_CALL_BYTES = 96 };

/* What each address space of a guest has used: the kernel runs each in a
 * process of its own on the host. */
struct spin_survey {
    size_t count;
    struct spin_process {
        pid_t pid;
        long turns; /* how often it asked the kernel for something */
        long ticks; /* of CPU time, sysconf(_SC_CLK_TCK) a second */
    } processes[SPIN_MAX_PROCESSES];
};

/* Looks at the children of a guest's kernel. */
void spin_survey(pid_t kernel, struct spin_survey *survey);

struct spin_suspect {
    pid_t pid;
    long turns; /* between the two surveys */
};

/* Compares two surveys.  Returns 1 and the one process that got on between
 * them, all others having stood still; 0 if others got on, too; -EAGAIN if too
 * little happened to tell. */
int spin_find(const struct spin_survey *before, const struct spin_survey *after,
              struct spin_suspect *suspect);

/* Whether a suspect does nothing but look whether there is something to do.
 * Returns 1 with the call in which it is met most often, clock reads aside:
 * "recvfrom(3, MSG_DONTWAIT)", or "" if it is met in none or may not be looked
 * at; or -EAGAIN if that call may as well be work, and it has not done it for
 * long enough.  Takes about 0.2 s. */
int spin_judge(const struct spin_suspect *suspect, char call[SPIN_CALL_BYTES]);

#endif

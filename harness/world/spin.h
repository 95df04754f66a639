/* Who in a guest never waits: in virtual time such a program lets no time pass,
 * and the guest does not get on. */
#ifndef WORLD_SPIN_H
#define WORLD_SPIN_H

#include <stddef.h>
#include <sys/types.h>

enum { SPIN_MAX_PROCESSES = 64, SPIN_CALL_BYTES = 96 };

/* Processor time of each address space of a guest: the kernel runs each in a
 * process of its own on the host. */
struct spin_survey {
    size_t count;
    struct spin_process {
        pid_t pid;
        long ticks; /* of CPU time, sysconf(_SC_CLK_TCK) a second */
    } processes[SPIN_MAX_PROCESSES];
};

/* Looks at the children of a guest's kernel. */
void spin_survey(pid_t kernel, struct spin_survey *survey);

/* Compares two surveys.  Returns the process that used nearly all of the time
 * between them; 0 if there is none; -EAGAIN if too little was used to tell. */
pid_t spin_find(const struct spin_survey *before,
                const struct spin_survey *after);

/* Says what a process does again and again, "recvfrom(3, MSG_DONTWAIT)": the
 * call in which it is met most often, clock reads aside.  Empty if it is met in
 * no call, or may not be looked at.  Takes about 0.2 s. */
void spin_call(pid_t pid, char call[SPIN_CALL_BYTES]);

#endif

/* An errand: one command that a world runs, and how it ended. */
#ifndef WORLD_ERRAND_H
#define WORLD_ERRAND_H

#include <stddef.h>
#include <stdint.h>

enum errand_end {
    ERRAND_EXITED,   /* with a wait status; on the host, or in its guest */
    ERRAND_UNWANTED, /* the world was closed, or the guest stopped, on demand */
    ERRAND_LOST,     /* its guest died */
    ERRAND_STUCK,    /* its guest's clock stood still, and it was killed */
    ERRAND_SPINS,    /* it never waits, so that virtual time cannot pass in its
                        guest, which was killed; `why` is the call, or "" */
    ERRAND_REFUSED,  /* it could not be started at all */
};

/* Everything it points to lives until `ended` was called. */
struct errand {
    const char *const *argv; /* NULL-terminated; argv[0] is a path */
    const char *log_file;    /* takes stdout and stderr; made anew */
    int load;                /* enum test_load */
    /* What it wrote to descriptor ERRAND_VERDICT_FD, piece by piece. */
    void (*verdict)(struct errand *errand, const char *bytes, size_t n);
    /* It is over, and nothing more will be said.  `why` is one sentence unless
     * the end is ERRAND_EXITED. */
    void (*ended)(struct errand *errand, enum errand_end end, const char *why);
    void *owner; /* the caller's */

    int wait_status;  /* valid at `ended`, of ERRAND_EXITED: as of waitpid(2) */
    int64_t guest_ns; /* how long it took by the world's own clock */
    /* Of that, for how long a guest in real time had no CPU of the host's,
     * which nobody in the guest can see. */
    int64_t stolen_ns;
    void *ticket; /* the world's */
};

enum { ERRAND_VERDICT_FD = 3 };

#endif

/* What the sandbox's init tells the test's process, one message a datagram.
 *
 *     test                     init (pid 1)            the program-to-be
 *      |<--- INIT_UP ------------|                            |
 *      |                         |---------- fork ----------->|
 *      |<--- INIT_WAITING ------------------------------------|
 *      |     (joins it to its cgroup, opens a pidfd)          |
 *      |---- INIT_GO ---------------------------------------->| exec
 *      |<--- INIT_STARTED or INIT_EXEC_FAILED ---|            |
 *      |<--- INIT_ENDED ---------|<--------- exit ------------|
 *
 * The sender's pid, as the test sees it, comes with each message from the
 * kernel (SCM_CREDENTIALS), so no pid is ever guessed from /proc. */
#ifndef RUN_INIT_H
#define RUN_INIT_H

#include <stdint.h>

enum init_kind {
    INIT_REFUSED = 1, /* the launcher: the sandbox cannot be made */
    INIT_UP,
    INIT_WAITING,
    INIT_GO,
    INIT_STARTED,
    INIT_EXEC_FAILED,
    INIT_ENDED,
};

struct init_message {
    int32_t kind;
    int32_t value;          /* an errno, or a wait status (INIT_ENDED) */
    int64_t cpu_ns;         /* INIT_ENDED: of every process that was reaped */
    int64_t waited_ns;      /* INIT_ENDED: for a CPU; of those too */
    int64_t peak_rss_bytes; /* INIT_ENDED: of the largest process */
    char what[64];          /* INIT_REFUSED: the step that failed */
};

/* init's command line:
 *      CONTROL-FD UID MAX-PROCESSES FILE-BYTES CPU-SECONDS PROGRAM ARG...
 * Descriptors below CONTROL-FD are the program's; UID is the user to become, or
 * 0 if the launcher has seen to that. */
enum {
    INIT_ARG_CONTROL = 1,
    INIT_ARG_UID,
    INIT_ARG_PROCESSES,
    INIT_ARG_FILE,
    INIT_ARG_CPU, /* 0: any */
    INIT_ARG_PROG,
};

#endif

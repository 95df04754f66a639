/* The workshop: builds what a stranger has handed in, in a box.
 *
 * Nothing of the submission is executed or even opened by name outside: its
 * files are copied by a careful reader (intake.h), compiled in the sandbox that
 * programs under test run in, without a network, with no device but /dev/null
 * and no file but /usr and the copy, and of what the compiler made only the
 * lab's programs are taken out. */
#ifndef RUN_WORKSHOP_H
#define RUN_WORKSHOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Zero is the default everywhere. */
struct workshop_limits {
    unsigned cpu_s;      /* of each process of the compiler's; default 30 */
    unsigned wall_s;     /* of all of it; default 180 */
    size_t memory_bytes; /* default 1 GiB */
    uint64_t disk_bytes; /* all files made, and each program; 256 MiB */
};

/* What is to be built.  All must live until workshop_start returns. */
struct workshop_order {
    const char *lab;    /* labs/NN-name: its Makefile and headers are used */
    const char *rules;  /* harness/lab.mk */
    const char *source; /* the submission's folder: *.c files, or, if there is
                           none at its top, programs ready made */
    const char *out;    /* receives the programs; made if need be */
    const char *const *programs;
    size_t program_count;
    const char *flavour;  /* of lab.mk: "san", "fast", "guest" */
    const char *compiler; /* "gcc", "clang-14" */
    /* The submission's own Makefile is asked, in the box, for the programs:
     * `make OUT=... LAB=... CC=...`; it may leave them in OUT or beside
     * itself.  Without, it is not even copied. */
    bool own_makefile;
    struct workshop_limits limits;
};

enum workshop_outcome {
    WORKSHOP_BUILT,
    WORKSHOP_REFUSED, /* the submission's fault: it does not compile, say */
    WORKSHOP_INFRA,   /* ours, or the machine's */
};

/* A build that goes on: a process of its own, which may be awaited by pid. */
struct workshop {
    pid_t pid;
    int said_fd;
};

/* Starts a build; any number may go on side by side, each with an `out` of its
 * own.  Returns 0 or -errno. */
int workshop_start(struct workshop *workshop,
                   const struct workshop_order *order);
/* Waits for its end.  `*said`, malloc'd, is valid UTF-8 without control
 * characters: "" when it was built (warnings are not told), what compiler and
 * linker printed, or one line that says which limit was hit, which file is not
 * accepted, or what the machine refuses. */
enum workshop_outcome workshop_wait(struct workshop *workshop, char **said);
/* The same when the process was reaped elsewhere, with its wait status. */
enum workshop_outcome workshop_finish(struct workshop *workshop, int status,
                                      char **said);
/* Start and wait at once. */
enum workshop_outcome workshop_build(const struct workshop_order *order,
                                     char **said);

#endif

/* The sandbox of one program: what it sees, as whom it runs, which descriptors
 * it has.  A plain description, and one function that turns it into an exec. */
#ifndef RUN_SANDBOX_H
#define RUN_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    SANDBOX_MAX_BINDS = 40,
    SANDBOX_MAX_ENV = 64,
    SANDBOX_MAX_ARGS = 512,
    SANDBOX_MAX_FDS = 16,
};

enum sandbox_bind_flags {
    BIND_WRITE = 1 << 0,
    /* The path leads through directories which the dropped user may not
     * search: the launcher, still privileged, puts it where it can. */
    BIND_STAGED = 1 << 1,
    BIND_OPTIONAL = 1 << 2,
};

struct sandbox_bind {
    const char *source, *target;
    unsigned flags;
};

struct sandbox {
    int netns_fd;
    const char *hostname;
    uid_t uid;    /* real user and group to become; 0: stay who we are */
    bool user_ns; /* become that first, and use a user namespace; where they are
                     refused, become it last (needs real root) */
    bool trusted; /* a tool of the system: sees all of it, read-only; no filter,
                     no user namespace, keeps its capabilities */
    bool bare;    /* no device but /dev/null, nothing of /etc */
    struct sandbox_bind binds[SANDBOX_MAX_BINDS];
    size_t bind_count;
    char *env[SANDBOX_MAX_ENV]; /* "NAME=value", malloc'd */
    size_t env_count;
    const char *argv[SANDBOX_MAX_ARGS]; /* the program's, [0] its path */
    size_t argc;
    int max_processes;
    unsigned cpu_s;           /* of each process; 0: any */
    uint64_t file_bytes;      /* largest file */
    size_t tmpfs_bytes;       /* of each of /tmp and /dev/shm */
    int fds[SANDBOX_MAX_FDS]; /* become 0, 1, 2, 3 ... */
    size_t fd_count;
    int control_fd; /* init's end of the control socket */
    int image_fd;   /* the init program */
    int filter_fd;  /* its seccomp filter, or -1 */
};

void sandbox_bind(struct sandbox *box, const char *source, const char *target,
                  unsigned flags);
void sandbox_setenv(struct sandbox *box, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void sandbox_arg(struct sandbox *box, const char *arg);
void sandbox_fini(struct sandbox *box);

/* Forks, and in the child becomes the sandbox.  Returns the child's pid, or
 * -errno.  What goes wrong in the child comes as INIT_REFUSED over the control
 * socket, or as a line of bwrap's on stderr. */
pid_t sandbox_start(const struct sandbox *box);

#endif

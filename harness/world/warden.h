/* The process between wirelab and a guest's kernel. */
#ifndef WORLD_WARDEN_H
#define WORLD_WARDEN_H

#include <sys/types.h>

struct warden_orders {
    char *const *argv; /* the kernel and its arguments; argv[0] is a path */
    const char *memory_dir;
    const char *console; /* a file, made */
    int cpu;             /* -1: any */
    int line_fd;         /* becomes the kernel's descriptor WARDEN_LINE_FD */
};

enum { WARDEN_LINE_FD = 3 };

struct warden {
    pid_t pid;
    int leash_fd;  /* when its last copy is closed, all of the guest dies */
    int report_fd; /* struct warden_report twice: at the start, at the end */
};

struct warden_report {
    pid_t kernel; /* its pid */
    int status;   /* at the end: as of waitpid(2) */
};

/* Starts the kernel, in a session of its own.  The caller reads the reports and
 * at their end waits for the warden.  Returns 0 or -errno. */
int warden_start(struct warden *warden, const struct warden_orders *orders);

#endif

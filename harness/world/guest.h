/* A guest: one Linux of our own (User Mode Linux), an ordinary process on the
 * host, in which suites run as they do on it.
 *
 *      wirelab ── libuv ──┬── channel: frames (frame.h) ──► agent, the guest's
 *                         │                                 pid 1 (agent/)
 *                         └── warden ── linux.uml ── its helpers
 *
 * The guest's root is a tmpfs of its own.  Of the host it sees /usr, a few
 * files of /etc and the directories in `shown`, all read-only and under their
 * own paths, and one directory it may write, `kept`, where results go.  What it
 * writes there belongs to the calling user.
 *
 * Time.  The agent sets the modification time of a file on the host to the
 * guest's clock once in a guest's second: it costs the guest no interrupt, and
 * tells the host how far it has come.  A guest whose clock stands still for
 * `silence_ms` of the host's time hangs (or, in virtual time, runs a program
 * that polls without ever waiting); it is killed, and the errands it ran are
 * lost for that reason.
 *
 * Death.  The warden kills the kernel and its helpers when wirelab ends in
 * whatever way, and the other way round tells that the kernel has ended.  The
 * directory of a guest is a work directory (topo.h): locked while in use, and
 * swept by the next run. */
#ifndef WORLD_GUEST_H
#define WORLD_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "world/errand.h"

enum guest_time {
    GUEST_TIME_REAL,
    GUEST_TIME_SKIPS_IDLE, /* time-travel: waiting costs nothing */
    GUEST_TIME_FREE_CPU,   /* time-travel=inf-cpu: nor does computing */
};

struct guest_options {
    const char *kernel;             /* a program; NULL: linux.uml in PATH */
    const char *modules;            /* holds VERSION/kernel/…; NULL: none */
    const char *const *kernel_args; /* more of them, NULL-terminated, or NULL */
    enum guest_time time;
    int cpu;                  /* it is pinned to this one; -1: to none */
    unsigned memory_mib;      /* 0: GUEST_MEMORY_MIB */
    unsigned silence_ms;      /* 0: GUEST_SILENCE_MS */
    uint64_t seed;            /* of the guest's own random numbers */
    const char *const *shown; /* absolute directories, NULL-terminated */
    const char *kept;         /* an absolute directory, or NULL */
};

enum {
    GUEST_MEMORY_MIB = 512,
    GUEST_SILENCE_MS = 30000,
    GUEST_BOOT_LIMIT_MS = 60000,
    GUEST_ERROR_BYTES = 512,
    GUEST_MAX_SHOWN = 16,
};

struct guest;

struct guest_events {
    /* It has booted and takes errands; `boot_ms` after guest_start. */
    void (*ready)(struct guest *guest, double boot_ms, void *context);
    /* It has ended, wanted or not, and is freed when this returns.  All its
     * errands were ended before (errand.h).  `why` is one sentence, and holds
     * the last lines of the guest's console where it ended unasked. */
    void (*gone)(struct guest *guest, enum errand_end end, const char *why,
                 void *context);
    void *context;
};

/* Starts one.  `options` and what it points to must outlive the guest.
 * Returns NULL with one sentence in `error` (GUEST_ERROR_BYTES): what is
 * missing, and the remedy. */
struct guest *guest_start(uv_loop_t *loop, const struct guest_options *options,
                          const struct guest_events *events, char *error);
/* Boots one and ends it: does it work here?  Returns 0 and how long it took to
 * boot; or -errno with one sentence in `error` (GUEST_ERROR_BYTES). */
int guest_try(const struct guest_options *options, double *boot_ms,
              char *error);
/* Runs an errand, when the guest has booted.  The errand lives until its
 * `ended` was called. */
void guest_run(struct guest *guest, struct errand *errand);
/* Sends a signal to an errand's process group. */
void guest_signal(struct guest *guest, struct errand *errand, int signal);
/* Ends it: at once, whatever it does.  `gone` follows, from the loop. */
void guest_stop(struct guest *guest);

/* Whether it is ending: errands given to it now would be lost. */
bool guest_is_ending(const struct guest *guest);
/* How far the guest's clock has come since it booted, as it last told, in ns;
 * 0 before. */
int64_t guest_clock_ns(const struct guest *guest);
/* The pid of its kernel on the host, 0 before it runs. */
int guest_pid(const struct guest *guest);

#endif

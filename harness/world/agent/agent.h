/* The agent: the first process of a guest.
 *
 *      main.c     waits: for frames, for errands' output, for their ends
 *      line.c     the line to the host: frames in and out
 *      setup.c    does what SETUP says, in order
 *      root.c     the guest's root: mounts, devices, links
 *      module.c   kernel modules
 *      clock.c    what the time is, for it and for the host
 *      errand.c   starts commands, and follows them to their end
 *      virtual.c  in virtual time: begins each in the same state
 *
 * It is linked statically and alone (with frame.c): when it starts there is
 * neither a /usr nor a library.  What goes wrong before READY it tells the host
 * by FAILED, then waits to be killed. */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "world/frame.h"

#define NEW_ROOT "/new"

/* ---- line.c ---- */

/* Opens the line, raw.  Returns 0 or -errno. */
int line_open(void);
int line_fd(void);
void line_send(enum frame_kind kind, uint32_t errand, const void *payload,
               size_t bytes);
/* Reads what there is, waiting for the first byte.  Returns 0, or -errno when
 * nothing will ever come again. */
int line_read(void);
/* The next whole frame of what was read; it is valid until the next call of
 * line_read.  Returns 1, 0 if there is none, or -EBADMSG. */
int line_next(struct frame *frame);

/* ---- setup.c ---- */

/* Makes the root, moves into it, loads modules.  `frame` is SETUP: texts
 *
 *      seed=HEX             credited to the kernel's random numbers
 *      set=NAME=VALUE       of the environment of all errands
 *      show=/DIR            a directory of the host, read-only
 *      link=/NAME TARGET    a symbolic link
 *      keep=/DIR            a directory of the host that may be written
 *      clock=/DIR           holds the file "clock", see beat()
 *      modules=/DIR         holds VERSION/kernel/…
 *
 * and obeys them in this order.
 * Returns 0, or -errno with `*what` saying what could not be done. */
int setup(const struct frame *frame, char *what, size_t size);

/* ---- root.c: each returns 0, or -errno ---- */

/* Makes an empty root at NEW_ROOT, with what every system has. */
int root_make(void);
/* Shows a directory of the host in it, under the same path. */
int root_show(const char *dir, bool writable);
/* `text` is "/NAME TARGET". */
int root_link(const char *text);
/* Makes it the root of all; the old one is gone. */
int root_enter(void);
/* mkdir -p. */
int make_dirs(const char *path);

/* ---- module.c ---- */

/* Lets the kernel find its modules in `dir`, and loads those that every net
 * needs.  Returns 0 or -errno. */
int modules_load(const char *dir);

/* ---- clock.c ---- */

/* Opens the file "clock" in a directory of the host.  Returns 0 or -errno. */
int clock_open(const char *dir);
/* Begins to beat.  Returns a descriptor that can be read once a second. */
int clock_start(void);
/* Begins the present second anew. */
void clock_restart(void);
/* Tells the host what the guest's clock shows: as the time of modification of
 * a file of the host's, which costs the guest no interrupt. */
void beat(void);
/* What it shows, CLOCK_MONOTONIC. */
int64_t now_ns(void);

/* ---- virtual.c ---- */

/* Whether the guest's time is virtual: SETUP said so. */
bool virtual_clock(void);
/* Gives the kernel settings that do not depend on its memory.  Returns 0 or
 * -errno. */
int virtual_setup(void);
/* Makes the state of clock and chance that of every run of this command. */
void virtual_begin(const char *const *argv);

/* ---- errand.c ---- */

void errand_start(const struct frame *frame);
void errand_signal(const struct frame *frame);
/* A child of ours ended; it need not be an errand's. */
void errand_reap(void);
/* Adds the descriptors to be waited for.  Returns how many. */
size_t errand_watch(struct pollfd *fds, size_t size);
/* Looks at a descriptor that poll(2) found ready. */
void errand_readable(int fd);
/* Ends what has ended long enough ago.  Returns for how many ms the next one
 * may be waited for, -1 for ever. */
int errand_expire(void);

#endif

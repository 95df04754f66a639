/* Waits until a busy machine gives timers their time again.
 *
 * A test that was void because packets were late is run again; at once, it
 * would meet the same neighbours.  So a thread sleeps 1 ms again and again and
 * looks how late it wakes.  The machine is calm when a whole second of that was
 * hardly disturbed.  It need never be: all waits of one `struct calm` together
 * last no longer than CALM_PATIENCE_S, one no longer than CALM_ONCE_S. */
#ifndef WORLD_CALM_H
#define WORLD_CALM_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum { CALM_ONCE_S = 60, CALM_PATIENCE_S = 300 };

struct calm {
    void (*over)(struct calm *calm, bool is_calm);
    void *owner; /* the caller's */
    /* The rest is calm.c's; zero to begin with. */
    uv_work_t work;
    bool waits, stopped;
    unsigned late, calm_pieces;
    int64_t began_ns, waited_ns;
};

/* `over` is called from the loop, in any case, and once.  Not to be called
 * while one waits. */
void calm_wait(struct calm *calm, uv_loop_t *loop);
/* Makes `over` follow within a piece of a second. */
void calm_stop(struct calm *calm);

#endif

/* Worlds: where suites run.
 *
 *      host      processes of this machine (host.c)
 *      uml       guests (guest.h) with the stock kernel, in real time (pool.c)
 *      virtual   guests whose kernel skips idle time
 *
 * The caller keeps what it had: gates, retries, progress, results.  Only "start
 * this one test" is a world's, and its interface is the errand (errand.h).
 * libuv's loop is the only thread; no call here calls back before it returns.
 */
#ifndef WORLD_WORLD_H
#define WORLD_WORLD_H

#include <stdbool.h>
#include <uv.h>

#include "world/errand.h"
#include "world/guest.h"

enum world_kind { WORLD_HOST, WORLD_UML, WORLD_VIRTUAL };

enum { WORLD_LOADS_PER_CORE = 4 };

extern const char *const world_names[]; /* by kind; NULL-terminated */

struct world_options {
    enum world_kind kind;
    struct guest_options guest; /* what guests have in common; .cpu is not */
    unsigned max_guests;        /* at once; 0: one a core */
    int guest_load;  /* of the errands in one guest at once; 0: a core's */
    bool pin_guests; /* each to a core of its own, as far as they go */
};

struct world;

/* Makes a world; guests boot when there is something to do for them.
 * `options` is copied, what it points to must outlive the world. */
struct world *world_open(uv_loop_t *loop, const struct world_options *options);
/* Takes an errand on; its `ended` follows in any case. */
void world_start(struct world *world, struct errand *errand);
/* Sends a signal to the errand's process group, if it runs. */
void world_signal(struct world *world, struct errand *errand, int signal);
/* How much load may run at once. */
int world_budget(const struct world *world);
/* Ends all errands (ERRAND_UNWANTED), and frees itself when the loop has seen
 * that all is gone.  Call it when the loop still runs; it has then no handle
 * left that would keep it. */
void world_close(struct world *world);

#endif

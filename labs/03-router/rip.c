/* RIP; see rip.h.
 *
 * Each router tells its neighbours how far it is to each prefix; who hears it
 * is one further.  That is all, and while nothing breaks it is enough.
 *
 * When something breaks, what routers have told each other outlives the fact:
 *
 *      net ── A ── B ── C         B: net is 2 away, by A
 *                                 C: net is 3 away, by B
 *      A dies.  B forgets it after a time, hears C boast of 3, and takes it: 4,
 *      by C.  C hears that its way has become 4, and has 5.  And so on, packets
 *      going to and fro between the two, until infinity; which is why infinity
 *      is 16.
 *
 * Poisoned reverse stops that between two: on the link by which a way leads, it
 * is told as infinite.  (In larger circles it may still happen, until 16.)
 * News, good and bad, are told at once and not at the next update. */
#include "rip.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "router.h"
#include "say.h"

void rip_input(struct router *router, struct iface *in,
               const struct addr *source, uint16_t source_port,
               const uint8_t *bytes, size_t count)
{
    (void)router, (void)in, (void)source, (void)source_port, (void)bytes;
    (void)count;
    UNWRITTEN_HERE(6, "rip_input() in rip.c");
}

int rip_start(struct router *router)
{
    struct rip *rip = &router->rip;
    if (rip->update_ms == 0)
        return 0;
    rip->learnt = calloc(RIP_MAX_LEARNT, sizeof(*rip->learnt));
    if (rip->learnt == NULL)
        return -ENOMEM;
    rip_send_requests(router);
    rip->due_ms = router->now_ms;
    return 0;
}

int64_t rip_tick(struct router *router)
{
    if (router->rip.update_ms != 0)
        UNWRITTEN_HERE(6, "rip_tick() in rip.c");
    return INT64_MAX;
}

void rip_fini(struct rip *rip)
{
    free(rip->learnt);
    rip->learnt = NULL;
}

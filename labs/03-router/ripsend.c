/* RIP's messages go out; see rip.h.
 *
 * A table may be longer than a message, which has at most 25 entries: it is
 * written like letters, of which one is posted when it is full and the next
 * begun.  Those to all on a link go to a group, 224.0.0.9, whose hardware
 * address follows from it; nobody has to be asked for that. */
#include "rip.h"

#include <string.h>

#include "bytes.h"
#include "ip4.h"
#include "router.h"
#include "say.h"

/* DOC: send-table
 * What leads out by this very link: our own subnets are left out, what we have
 * learnt is poisoned. */
void rip_send_table(struct router *router, const struct rip_target *target)
{
    (void)router, (void)target;
    UNWRITTEN_HERE(6, "rip_send_table() in ripsend.c");
}

void rip_send_updates(struct router *router)
{
    for (unsigned i = 0; i < router->iface_count; i++) {
        struct rip_target target = {&router->ifaces[i], NULL, RIP_PORT};
        if (target.iface->rip)
            rip_send_table(router, &target);
    }
    router->rip.sent_ms = router->now_ms;
    router->rip.trigger_ms = 0;
}

void rip_send_requests(struct router *router)
{
    (void)router; /* checkpoint 6: one entry, whose metric is infinite */
}

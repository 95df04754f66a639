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
//> #include "say.h"

/* BEGIN SOLUTION 6 */
/* News wait until this part of an update's time has passed. */
enum { TRIGGER_SHARE = 10 };

static void trigger(struct router *router)
{
    struct rip *rip = &router->rip;
    int64_t soon_ms = rip->sent_ms + rip->update_ms / TRIGGER_SHARE;
    if (rip->trigger_ms == 0)
        rip->trigger_ms = soon_ms > router->now_ms ? soon_ms : router->now_ms;
}

static void install(struct router *router, const struct rip_learnt *learnt)
{
    struct route route = {.prefix = learnt->prefix,
                          .via = learnt->via,
                          .iface = learnt->iface,
                          .origin = ORIGIN_RIP,
                          .metric = learnt->metric};
    if (learnt->metric < RIP_INFINITY)
        (void)routes_set(&router->routes, &route); /* else: no such route */
    else
        routes_remove(&router->routes, &learnt->prefix, ORIGIN_RIP);
}

static void take(struct router *router, struct rip_learnt *learnt,
                 const struct rip_learnt *news)
{
    bool lost = news->metric >= RIP_INFINITY;
    bool was_lost = learnt->flush_ms != 0;
    int64_t flush_ms = learnt->flush_ms;
    *learnt = *news;
    if (lost)
        learnt->flush_ms =
            was_lost ? flush_ms : router->now_ms + router->rip.flush_ms;
    if (lost && was_lost)
        return; /* no news */
    install(router, learnt);
    trigger(router);
}

static struct rip_learnt *find(struct rip *rip, const struct prefix *prefix)
{
    for (size_t i = 0; i < rip->count; i++) {
        if (prefix_compare(&rip->learnt[i].prefix, prefix) == 0)
            return &rip->learnt[i];
    }
    return NULL;
}

static bool is_connected(const struct router *router,
                         const struct prefix *prefix)
{
    for (size_t i = 0; i < router->routes.count; i++) {
        const struct route *route = &router->routes.list[i];
        if (route->origin == ORIGIN_CONNECTED &&
            prefix_compare(&route->prefix, prefix) == 0)
            return true;
    }
    return false;
}

/* DOC: consider
 * The neighbour that we follow is believed whatever it says, a worse metric
 * too; any other only if it has the shorter way (RFC 2453 section 3.9.2). */
static void consider(struct router *router, const struct rip_learnt *news)
{
    struct rip *rip = &router->rip;
    struct rip_learnt *known = find(rip, &news->prefix);
    if (known == NULL) {
        if (news->metric >= RIP_INFINITY || rip->count == RIP_MAX_LEARNT ||
            is_connected(router, &news->prefix))
            return;
        known = &rip->learnt[rip->count++];
        *known = (struct rip_learnt){.metric = RIP_INFINITY};
        take(router, known, news);
        return;
    }
    bool followed =
        known->iface == news->iface && addr_equal(&known->via, &news->via);
    if (news->metric < known->metric ||
        (followed && news->metric != known->metric))
        take(router, known, news);
    else if (followed && news->metric < RIP_INFINITY)
        known->timeout_ms = news->timeout_ms;
}

/* END SOLUTION */
void rip_input(struct router *router, struct iface *in,
               const struct addr *source, uint16_t source_port,
               const uint8_t *bytes, size_t count)
{
    /* BEGIN SOLUTION 6 */
    struct rip_entry entries[RIP_MAX_ENTRIES];
    unsigned command;
    int n = rip_parse(bytes, count, &command, entries);
    if (n < 0 || iface_subnet(in, source) < 0)
        return;                 /* no sense, or not from this link */
    assert(router->rip.learnt); /* rip_start() was called */
    if (command == RIP_REQUEST) {
        struct rip_target asker = {in, source, source_port};
        rip_send_table(router, &asker);
        return;
    }
    if (source_port != RIP_PORT)
        return; /* no router speaks from there */
    for (int i = 0; i < n; i++) {
        const struct rip_entry *entry = &entries[i];
        bool elsewhere = entry->via.bits && !iface_has(in, &entry->via) &&
                         iface_subnet(in, &entry->via) >= 0;
        unsigned metric = entry->metric + 1;
        consider(router,
                 &(struct rip_learnt){
                     .prefix = entry->prefix,
                     .via = elsewhere ? entry->via : *source,
                     .iface = in,
                     .metric = metric < RIP_INFINITY ? metric : RIP_INFINITY,
                     .timeout_ms = router->now_ms + router->rip.timeout_ms});
    }
    /* END SOLUTION */
    //> (void)router, (void)in, (void)source, (void)source_port, (void)bytes;
    //> (void)count;
    //> UNWRITTEN_HERE(6, "rip_input() in rip.c");
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

/* BEGIN SOLUTION 6 */
/* A way that nobody has confirmed is told as infinite for a while before it is
 * forgotten: silence would not be noticed for another time-out. */
static int64_t age(struct router *router, struct rip_learnt *learnt)
{
    if (learnt->flush_ms != 0)
        return learnt->flush_ms;
    if (learnt->timeout_ms > router->now_ms)
        return learnt->timeout_ms;
    struct rip_learnt lost = *learnt;
    lost.metric = RIP_INFINITY;
    take(router, learnt, &lost);
    return learnt->flush_ms;
}

static int64_t age_all(struct router *router)
{
    struct rip *rip = &router->rip;
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < rip->count;) {
        int64_t at_ms = age(router, &rip->learnt[i]);
        if (at_ms <= router->now_ms && rip->learnt[i].flush_ms != 0) {
            rip->learnt[i] = rip->learnt[--rip->count];
            continue;
        }
        next_ms = at_ms < next_ms ? at_ms : next_ms;
        i++;
    }
    return next_ms;
}

/* An update comes a sixth sooner or later than due: routers that send in step
 * make a burst each time, and fall into step if nothing keeps them from it. */
static int64_t jittered_ms(struct rip *rip)
{
    rip->chance ^= rip->chance << 13;
    rip->chance ^= rip->chance >> 17;
    rip->chance ^= rip->chance << 5;
    int64_t sixth = rip->update_ms / 6;
    return rip->update_ms - sixth + rip->chance % (2 * sixth + 1);
}

/* END SOLUTION */
int64_t rip_tick(struct router *router)
{
    /* BEGIN SOLUTION 6 */
    struct rip *rip = &router->rip;
    if (rip->update_ms == 0)
        return INT64_MAX;
    int64_t next_ms = age_all(router);
    if (rip->due_ms <= router->now_ms) {
        rip_send_updates(router);
        rip->due_ms = router->now_ms + jittered_ms(rip);
    } else if (rip->trigger_ms != 0 && rip->trigger_ms <= router->now_ms) {
        rip_send_updates(router);
    }
    if (rip->trigger_ms != 0 && rip->trigger_ms < next_ms)
        next_ms = rip->trigger_ms;
    return rip->due_ms < next_ms ? rip->due_ms : next_ms;
    /* END SOLUTION */
    //> if (router->rip.update_ms != 0)
    //>     UNWRITTEN_HERE(6, "rip_tick() in rip.c");
    //> return INT64_MAX;
}

void rip_fini(struct rip *rip)
{
    free(rip->learnt);
    rip->learnt = NULL;
}

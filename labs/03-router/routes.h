/* The router's routes, of three origins, and the one that is taken. */
#ifndef ROUTES_H
#define ROUTES_H

#include "iface.h"
#include "lpm.h"

/* Of two routes to the same prefix the one that stands first here is taken. */
enum origin { ORIGIN_CONNECTED, ORIGIN_STATIC, ORIGIN_RIP };

struct route {
    struct prefix prefix;
    struct addr via; /* the next hop; bits 0: the destination itself */
    struct iface *iface;
    enum origin origin;
    unsigned metric;
};

struct routes {
    struct route *list;
    size_t count, room;
    struct lpm lpm4, lpm6; /* a hop is the index in list + 1 */
    bool stale;            /* the list has changed since they were built */
};

/* Adds or replaces the route of that prefix and origin.  Returns 0 or
 * -ENOMEM. */
int routes_set(struct routes *routes, const struct route *route);
void routes_remove(struct routes *routes, const struct prefix *prefix,
                   enum origin origin);
/* Builds the tables if the list has changed, so that no packet waits for it.
 * Returns 0 or -ENOMEM. */
int routes_settle(struct routes *routes);
/* The route to an address, or NULL. */
const struct route *routes_lookup(struct routes *routes,
                                  const struct addr *addr);
void routes_fini(struct routes *routes);

#endif

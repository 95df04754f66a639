/* Static routes. */
#ifndef TOPO_ROUTE_H
#define TOPO_ROUTE_H

#include "topo/topo.h"

struct route {
    int family; /* AF_INET or AF_INET6: says which half is meant */
    union route_addr {
        struct in_addr v4;
        struct in6_addr v6;
    } dst, via;
    unsigned prefix_bits;
};

/* Adds routes to a host, all at once.  Returns 0, or -errno with the reason in
 * `error` (RTNL_ERROR_BYTES). */
int host_add_routes(const struct host *host, const struct route *routes,
                    size_t count, char *error);

#endif

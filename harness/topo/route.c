/* Routes: adding them, and finding shortest paths.
 *
 * net_route_all walks the net from each host outwards, breadth first.  It steps
 * from a host to those on the same link, but out of a host only if that one
 * forwards (or is where the walk began).  The first step of the walk that first
 * meets a prefix is the next hop to it.  Equal paths: the one over the link
 * made first wins, so that routes are the same in every run. */
#include "topo/route.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/testrun.h"
#include "topo/netlink.h"
#include "topo/netns.h"

/* What fits one batch of requests; about 64 bytes each. */
enum { ROUTES_PER_BATCH = 128 };

static void put_route(struct rtnl *rtnl, const struct route *route)
{
    size_t bytes = route->family == AF_INET ? sizeof(route->via.v4)
                                            : sizeof(route->via.v6);
    struct rtmsg message = {.rtm_family = (uint8_t)route->family,
                            .rtm_dst_len = (uint8_t)route->prefix_bits,
                            .rtm_table = RT_TABLE_MAIN,
                            .rtm_protocol = RTPROT_STATIC,
                            .rtm_scope = RT_SCOPE_UNIVERSE,
                            .rtm_type = RTN_UNICAST};
    rtnl_begin(rtnl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &message,
               sizeof(message));
    rtnl_put(rtnl, RTA_GATEWAY, &route->via, bytes);
    if (route->prefix_bits > 0)
        rtnl_put(rtnl, RTA_DST, &route->dst, bytes);
}

int host_add_routes(const struct host *host, const struct route *routes,
                    size_t count, char *error)
{
    struct rtnl rtnl;
    host_enter(host);
    int result = rtnl_open(&rtnl);
    host_leave();
    if (result < 0) {
        snprintf(error, RTNL_ERROR_BYTES, "no netlink socket: %s",
                 strerror(-result));
        return result;
    }
    for (size_t i = 0; i < count && result == 0; i++) {
        put_route(&rtnl, &routes[i]);
        if (i + 1 == count || (i + 1) % ROUTES_PER_BATCH == 0)
            result = rtnl_commit(&rtnl);
    }
    snprintf(error, RTNL_ERROR_BYTES, "%s", rtnl.error);
    rtnl_close(&rtnl);
    return result;
}

/* ---- Shortest paths ------------------------------------------------------ */

/* A walk from `start`; next[] is where the first step to a host led. */
struct walk {
    const struct host *start;
    const struct host *queue[NET_MAX_HOSTS];
    unsigned head, tail;
    bool host_met[NET_MAX_HOSTS], link_met[NET_MAX_LINKS];
    const struct port *next[NET_MAX_HOSTS];
    struct route routes[2 * NET_MAX_LINKS];
    size_t route_count;
};

static void add_route(struct walk *walk, const struct link *link,
                      const struct port *next)
{
    struct route *route = &walk->routes[walk->route_count++];
    route->family = AF_INET;
    route->prefix_bits = 24;
    route->via.v4 = next->addr4;
    route->dst.v4.s_addr = link->ports[0].addr4.s_addr & htonl(0xffffff00);
    if (!link->net->ipv6)
        return;
    route = &walk->routes[walk->route_count++];
    route->family = AF_INET6;
    route->prefix_bits = 64;
    route->via.v6 = next->addr6;
    memcpy(&route->dst.v6, &link->ports[0].addr6, 8);
}

static void meet_link(struct walk *walk, const struct host *from,
                      const struct link *link)
{
    if (walk->link_met[link->index])
        return;
    walk->link_met[link->index] = true;
    if (from != walk->start)
        add_route(walk, link, walk->next[from->index]);
    for (unsigned i = 0; i < link->port_count; i++) {
        const struct port *port = &link->ports[i];
        if (walk->host_met[port->host->index])
            continue;
        walk->host_met[port->host->index] = true;
        walk->next[port->host->index] =
            from == walk->start ? port : walk->next[from->index];
        walk->queue[walk->tail++] = port->host;
    }
}

static void route_host(const struct host *start)
{
    struct walk walk = {.start = start, .queue = {start}, .tail = 1};
    walk.host_met[start->index] = true;
    while (walk.head < walk.tail) {
        const struct host *host = walk.queue[walk.head++];
        if (host != start && !host->forwards)
            continue;
        for (unsigned i = 0; i < host->port_count; i++)
            meet_link(&walk, host, host->ports[i]->link);
    }
    char error[RTNL_ERROR_BYTES];
    if (walk.route_count > 0 &&
        host_add_routes(start, walk.routes, walk.route_count, error) < 0)
        infra("host %s: cannot add its routes: %s", start->name, error);
}

void net_route_all(struct net *net)
{
    for (unsigned i = 0; i < net->host_count; i++) {
        if (!net->hosts[i]->taps) /* a program's routes are the program's */
            route_host(net->hosts[i]);
    }
}

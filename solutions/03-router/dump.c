/* The router's tables, one entry a line.  There is nothing to write here. */
#include <inttypes.h>

#include "router.h"

static const char *const origins[] = {"connected", "static", "rip"};

static void dump_routes(const struct router *router, FILE *file)
{
    for (size_t i = 0; i < router->routes.count; i++) {
        const struct route *route = &router->routes.list[i];
        char prefix[PREFIX_TEXT_BYTES], via[ADDR_TEXT_BYTES] = "-";
        prefix_format(prefix, &route->prefix);
        if (route->via.bits)
            addr_format(via, &route->via);
        fprintf(file, "route %s via %s dev %s %s metric %u\n", prefix, via,
                route->iface->name, origins[route->origin], route->metric);
    }
}

static void dump_neighbours(const struct router *router, FILE *file)
{
    for (unsigned i = 0; i < NEIGH_BUCKETS; i++) {
        const struct neigh *neigh = router->neighbours.buckets[i];
        for (; neigh; neigh = neigh->next) {
            char addr[ADDR_TEXT_BYTES];
            const uint8_t *mac = neigh->mac;
            addr_format(addr, &neigh->addr);
            fprintf(file, "neighbour %s dev %s ", addr, neigh->iface->name);
            if (neigh->known)
                fprintf(file, "mac %02x:%02x:%02x:%02x:%02x:%02x\n", mac[0],
                        mac[1], mac[2], mac[3], mac[4], mac[5]);
            else
                fprintf(file, "asked %u waiting %u\n", neigh->tries,
                        neigh->waiting);
        }
    }
}

static void dump_counters(const struct counters *counters, FILE *file)
{
    const struct {
        const char *name;
        uint64_t value;
    } all[] = {
        {"received", counters->received},
        {"forwarded", counters->forwarded},
        {"delivered", counters->delivered},
        {"malformed", counters->malformed},
        {"martian", counters->martian},
        {"no-route", counters->no_route},
        {"ttl-exceeded", counters->ttl_exceeded},
        {"too-big", counters->too_big},
        {"fragments-made", counters->fragments_made},
        {"unresolved", counters->unresolved},
        {"icmp-sent", counters->icmp_sent},
        {"icmp-limited", counters->icmp_limited},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        fprintf(file, "counter %s %" PRIu64 "\n", all[i].name, all[i].value);
}

void router_dump(const struct router *router, FILE *file)
{
    dump_routes(router, file);
    dump_neighbours(router, file);
    dump_counters(&router->counters, file);
    fputs("end\n", file);
    fflush(file);
}

/* What the wire engine tells of itself: counters, lateness, decisions. */
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <string.h>

#include "link/wire.h"

struct question {
    const struct direction *direction;
    struct link_counters *counters;
    struct link_lateness *lateness;
};

static void tell_counters(struct wire *wire, void *context)
{
    struct question *question = context;
    (void)wire;
    *question->counters = question->direction->counters;
}

void wire_counters(void *state, const struct link *link, unsigned port,
                   struct link_counters *counters)
{
    const struct wire_link *mine = link->engine;
    struct question question = {.direction = &mine->directions[port],
                                .counters = counters};
    wire_call(state, tell_counters, &question);
}

static void tell_lateness(struct wire *wire, void *context)
{
    struct question *question = context;
    const struct lateness *lateness = &wire->lateness;
    *question->lateness = (struct link_lateness){
        .packets = lateness->packets,
        .p50_ns = lateness_quantile_ns(lateness, 0.5),
        .p99_ns = lateness_quantile_ns(lateness, 0.99),
        .max_ns = lateness->max_ns,
        .too_late = lateness->too_late,
    };
}

void wire_lateness(void *state, struct link_lateness *lateness)
{
    struct question question = {.lateness = lateness};
    wire_call(state, tell_lateness, &question);
}

static const char *host_of(void *context, unsigned link, unsigned port)
{
    struct wire *wire = context;
    return wire->net->links[link]->ports[port].host->name;
}

static const struct flows *flows_of(void *context, unsigned link)
{
    struct wire *wire = context;
    return wire->links[link]->flows;
}

void wire_fates(void *state, struct strbuf *lines, uint64_t *missing)
{
    struct wire *wire = state;
    struct fatelog_names names = {
        .host = host_of, .flows = flows_of, .context = wire};
    fatelog_write(wire->fatelog, &names, lines);
    *missing += fatelog_missing(wire->fatelog);
}

/* Packets which a device dropped since its queue was full: we were too slow, so
 * they are our fault and not the link's. */
uint64_t wire_device_drops(const struct port *port)
{
    struct ifaddrs *list;
    uint64_t drops = 0;
    host_enter(port->host);
    if (getifaddrs(&list) == 0) {
        for (struct ifaddrs *i = list; i; i = i->ifa_next) {
            /* Statistics come with a device's own entry alone; that of a TUN
             * has no address. */
            if (i->ifa_data && strcmp(i->ifa_name, port->device) == 0)
                drops = ((struct rtnl_link_stats *)i->ifa_data)->tx_dropped;
        }
        freeifaddrs(list);
    }
    host_leave();
    return drops;
}

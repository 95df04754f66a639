/* Hosts and addresses for filters. */
#include "link/nethosts.h"

#include <stdlib.h>

#include "base/strbuf.h"

static void list_addrs(const struct host *host, struct filter_host *out)
{
    const char **addrs =
        mem_zalloc((2 * (size_t)host->port_count + 1) * sizeof(*addrs));
    size_t n = 0;
    for (unsigned i = 0; i < host->port_count; i++) {
        addrs[n++] = host->ports[i]->addr4_text;
        if (host->net->ipv6)
            addrs[n++] = host->ports[i]->addr6_text;
    }
    *out = (struct filter_host){host->name, addrs, n};
}

struct filter_hosts nethosts(const struct net *net)
{
    struct filter_host *list =
        mem_zalloc((net->host_count + 1) * sizeof(*list));
    for (unsigned i = 0; i < net->host_count; i++)
        list_addrs(net->hosts[i], &list[i]);
    return (struct filter_hosts){list, net->host_count};
}

void nethosts_free(struct filter_hosts *hosts)
{
    for (size_t i = 0; i < hosts->count; i++)
        free((void *)hosts->hosts[i].addrs);
    free((void *)hosts->hosts);
    *hosts = (struct filter_hosts){0};
}

/* Links as a drawing: which ports they join, with which addresses and names.
 * Devices come later (device.c).  See topo.h. */
#include "topo/topo.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/testrun.h"

static void check_new_link(const struct net *net, struct host *const *hosts,
                           size_t n, bool ethernet)
{
    if (net->link_count == NET_MAX_LINKS)
        infra("a net holds at most %d links", NET_MAX_LINKS);
    if (n < 2 || n > LINK_MAX_PORTS)
        infra("a link joins 2 to %d hosts, not %zu", LINK_MAX_PORTS, n);
    for (size_t i = 0; i < n; i++) {
        if (hosts[i]->net != net)
            infra("host %s belongs to another net", hosts[i]->name);
        if (hosts[i]->port_count == HOST_MAX_PORTS)
            infra("host %s has %d links already, the most it can have",
                  hosts[i]->name, HOST_MAX_PORTS);
        if (hosts[i]->taps && !ethernet)
            infra("host %s has TAP ends: join it by net_ethernet or net_lan",
                  hosts[i]->name);
        for (size_t j = 0; j < i; j++) {
            if (hosts[j] == hosts[i])
                infra("a link joins host %s to itself", hosts[i]->name);
        }
    }
}

/* The digits look alike in both families: 10.77.12.1 and fd77:12::1. */
static void number_port(struct port *port, unsigned link, unsigned station)
{
    snprintf(port->addr4_text, sizeof(port->addr4_text), "10.77.%u.%u", link,
             station);
    inet_pton(AF_INET, port->addr4_text, &port->addr4);
    if (port->host->net->ipv6) {
        snprintf(port->addr6_text, sizeof(port->addr6_text), "fd77:%u::%u",
                 link, station);
        inet_pton(AF_INET6, port->addr6_text, &port->addr6);
    }
}

static void plug_in(struct link *link, unsigned index, struct host *host)
{
    struct port *port = &link->ports[index];
    port->host = host;
    port->link = link;
    port->index = index;
    port->tap_fd = -1;
    snprintf(port->device, sizeof(port->device), "eth%u", host->port_count);
    number_port(port, link->index + 1, index + 1);
    /* 02: locally administered, unicast. */
    const uint8_t mac[6] = {
        0x02, 0x77, 0, (uint8_t)(link->index + 1), 0, (uint8_t)(index + 1)};
    memcpy(port->mac, mac, sizeof(port->mac));
    host->ports[host->port_count++] = port;
}

struct link *link_new(struct net *net, struct host *const *hosts, size_t n,
                      bool ethernet)
{
    check_new_link(net, hosts, n, ethernet);
    struct link *link = mem_zalloc(sizeof(*link));
    link->net = net;
    link->index = net->link_count;
    link->ethernet = ethernet;
    link->lan = n > 2;
    link->switch_fd = -1;
    link->port_count = (unsigned)n;
    for (unsigned i = 0; i < n; i++)
        plug_in(link, i, hosts[i]);
    net->links[net->link_count++] = link;
    net_write_names(net);
    return link;
}

/* ---- What a test asks of a host's ports ---------------------------------- */

static const struct port *port_on(const struct host *host,
                                  const struct link *link)
{
    for (unsigned i = 0; i < host->port_count; i++) {
        if (link == NULL || host->ports[i]->link == link)
            return host->ports[i];
    }
    infra("host %s is not on %s", host->name, link ? "that link" : "any link");
}

const char *host_name(const struct host *host)
{
    return host->name;
}

const char *host_addr(const struct host *host)
{
    return port_on(host, NULL)->addr4_text;
}

const char *host_addr_on(const struct host *host, const struct link *link)
{
    return port_on(host, link)->addr4_text;
}

static const char *addr6_of(const struct port *port)
{
    if (!port->host->net->ipv6)
        infra("host %s has no IPv6 address: call net_want_ipv6 before the "
              "first link",
              port->host->name);
    return port->addr6_text;
}

const char *host_addr6(const struct host *host)
{
    return addr6_of(port_on(host, NULL));
}

const char *host_addr6_on(const struct host *host, const struct link *link)
{
    return addr6_of(port_on(host, link));
}

const char *host_device(const struct host *host, const struct link *link)
{
    return port_on(host, link)->device;
}

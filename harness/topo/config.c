/* What a host is told to do: forward, route, translate, a sysctl's value. */
#include "topo/topo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/testrun.h"
#include "topo/netlink.h"
#include "topo/netns.h"
#include "topo/route.h"

void host_sysctl(struct host *host, const char *key, const char *value)
{
    char path[128];
    snprintf(path, sizeof(path), "%s", key);
    for (char *c = path; *c; c++) {
        if (*c == '.')
            *c = '/';
    }
    if (strlen(key) >= sizeof(path) || strncmp(path, "net/", 4) != 0 ||
        strstr(path, "//"))
        infra("host %s: \"%s\" is no sysctl of a network namespace "
              "(net.ipv4.tcp_sack, say)",
              host->name, key);
    host_enter(host);
    int error = netns_sysctl(path, value);
    host_leave();
    if (error < 0)
        infra("host %s: cannot set %s to \"%s\": %s", host->name, key, value,
              strerror(-error));
}

void host_may_forge(struct host *host)
{
    host->forges = true;
}

void host_forward(struct host *host)
{
    host->forwards = true;
    if (host->taps)
        return; /* its program does it */
    host_sysctl(host, "net.ipv4.ip_forward", "1");
    if (host->net->ipv6)
        host_sysctl(host, "net.ipv6.conf.all.forwarding", "1");
}

/* ---- Routes -------------------------------------------------------------- */

/* Parses "10.1.2.0/24", "fd00::/64", "10.1.2.3" or "default". */
static int parse_prefix(const char *text, int family, struct route *route)
{
    memset(&route->dst, 0, sizeof(route->dst));
    route->prefix_bits = 0;
    if (strcmp(text, "default") == 0)
        return 0;
    char addr[ADDR_TEXT_BYTES];
    size_t length = strcspn(text, "/");
    unsigned limit = family == AF_INET ? 32 : 128;
    if (length >= sizeof(addr))
        return -EINVAL;
    memcpy(addr, text, length);
    addr[length] = '\0';
    if (inet_pton(family, addr, &route->dst) != 1)
        return -EINVAL;
    char *end = "";
    unsigned long bits = limit;
    if (text[length] == '/')
        bits = strtoul(text + length + 1, &end, 10);
    if (bits > limit || *end != '\0' || end == text + length + 1)
        return -EINVAL;
    route->prefix_bits = (unsigned)bits;
    return 0;
}

void host_route(struct host *host, const char *dst, const char *via)
{
    struct route route = {.family = strchr(via, ':') ? AF_INET6 : AF_INET};
    if (inet_pton(route.family, via, &route.via) != 1)
        infra("host %s: route via \"%s\": no address", host->name, via);
    if (parse_prefix(dst, route.family, &route) < 0)
        infra("host %s: route to \"%s\" via %s: the destination is a prefix "
              "(10.77.3.0/24), an address of the same family or \"default\"",
              host->name, dst, via);
    char error[RTNL_ERROR_BYTES];
    if (host_add_routes(host, &route, 1, error) < 0)
        infra("host %s: cannot add the route to %s via %s: %s", host->name, dst,
              via, error);
}

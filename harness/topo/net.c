/* Nets and their hosts: made, found, taken down.  See topo.h. */
#include "topo/topo.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <wirelab/tap.h>
#include <wirelab/time.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "topo/names.h"
#include "topo/netns.h"

/* The nets of this process, newest first, because the headers promise calls
 * that name no net; testrun.h says more. */
static struct net *newest;

struct net *net_current(void)
{
    return newest;
}

/* The first net of a work directory uses it itself; others get one below. */
static char *claim_dir(void)
{
    const char *work = testrun()->work_dir;
    for (unsigned n = 1; n < 10000; n++) {
        char *dir =
            n == 1 ? mem_strdup(work) : str_format("%s/.net%u", work, n);
        char *etc = str_format("%s/.etc", dir);
        bool made = (n == 1 || mkdir(dir, 0755) == 0) && mkdir(etc, 0755) == 0;
        free(etc);
        if (made)
            return dir;
        if (errno != EEXIST)
            infra("cannot make a directory in %s: %s", dir, strerror(errno));
        free(dir);
    }
    infra("%s holds too many nets: remove it", work);
}

static void free_at_end(void *context)
{
    net_free(context);
}

struct net *net_new(uint64_t seed)
{
    struct net *net = mem_zalloc(sizeof(*net));
    net->seed = seed;
    net->started_ns = clock_now_ns();
    net->dir = claim_dir();
    net->older = newest;
    newest = net;
    testrun_cleanup(free_at_end, net);
    return net;
}

static void unlist(const struct net *net)
{
    for (struct net **at = &newest; *at; at = &(*at)->older) {
        if (*at == net) {
            *at = net->older;
            return;
        }
    }
}

static void host_free(struct host *host)
{
    close(host->netns_fd);
    work_dir_remove(host->dir);
    free(host->dir);
    free(host->etc_hosts);
    free(host->etc_resolv);
    free(host->aliases);
    free(host->nameservers);
    free(host);
}

static void link_free(struct link *link)
{
    for (unsigned i = 0; i < link->port_count; i++) {
        if (link->ports[i].tap_fd >= 0)
            close(link->ports[i].tap_fd);
    }
    if (link->switch_fd >= 0)
        close(link->switch_fd);
    free(link);
}

/* Devices are not removed one by one, which costs the kernel 20 ms each: they
 * go with their namespaces, in the background, when the last descriptor of
 * these is closed. */
void net_free(struct net *net)
{
    if (net == NULL)
        return;
    testrun_forget(net);
    if (net->runner_stop)
        net->runner_stop(net);
    if (net->engine_stop)
        net->engine_stop(net);
    for (unsigned i = 0; i < net->host_count; i++)
        host_free(net->hosts[i]);
    for (unsigned i = 0; i < net->link_count; i++)
        link_free(net->links[i]);
    char *etc = str_format("%s/.etc", net->dir);
    work_dir_remove(etc);
    free(etc);
    unlist(net);
    free(net->dir);
    free(net);
}

/* ---- Hosts --------------------------------------------------------------- */

struct setting {
    const char *path, *value;
};

/* A namespace inherits much of the machine's own IPv4 configuration: what a
 * test could notice is pinned, so that it behaves the same everywhere. */
static const struct setting settings[] = {
    {"net/ipv4/ip_forward", "0"},
    {"net/ipv4/conf/all/rp_filter", "0"},
    {"net/ipv4/conf/default/rp_filter", "0"},
    {"net/ipv4/conf/all/accept_redirects", "0"},
    {"net/ipv4/conf/default/accept_redirects", "0"},
    {"net/ipv4/conf/all/send_redirects", "0"},
    {"net/ipv4/conf/default/send_redirects", "0"},
    /* One connection must not teach the next what the path is like. */
    {"net/ipv4/tcp_no_metrics_save", "1"},
    /* Programs have no capabilities, yet DNS is port 53. */
    {"net/ipv4/ip_unprivileged_port_start", "0"},
};

/* No duplicate address detection: addresses are usable at once.  No routers are
 * asked for. */
static const struct setting settings6[] = {
    {"net/ipv6/conf/all/disable_ipv6", "0"},
    {"net/ipv6/conf/default/disable_ipv6", "0"},
    {"net/ipv6/conf/all/accept_dad", "0"},
    {"net/ipv6/conf/default/accept_dad", "0"},
    {"net/ipv6/conf/all/accept_ra", "0"},
    {"net/ipv6/conf/default/accept_ra", "0"},
    {"net/ipv6/conf/all/router_solicitations", "0"},
    {"net/ipv6/conf/default/router_solicitations", "0"},
};

static const struct setting settings_no6[] = {
    {"net/ipv6/conf/all/disable_ipv6", "1"},
    {"net/ipv6/conf/default/disable_ipv6", "1"},
};

static void apply(const struct host *host, const struct setting *setting,
                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int error = netns_sysctl(setting[i].path, setting[i].value);
        if (error < 0)
            infra("host %s: cannot set %s to %s: %s", host->name,
                  setting[i].path, setting[i].value, strerror(-error));
    }
}

#define APPLY(host, table)                                                     \
    apply((host), (table), sizeof(table) / sizeof((table)[0]))

static void apply_ipv6(const struct host *host)
{
    bool built_in = access("/proc/sys/net/ipv6", F_OK) == 0;
    if (host->net->ipv6 && !built_in)
        infra("this kernel has no IPv6, which the test needs");
    if (host->net->ipv6 && !host->taps)
        APPLY(host, settings6);
    else if (built_in)
        APPLY(host, settings_no6);
}

/* Who may use ICMP sockets, for ping without capabilities; a user namespace
 * with a single group takes the second range only. */
static void allow_ping(void)
{
    if (netns_sysctl("net/ipv4/ping_group_range", "0 2147483647") < 0)
        (void)netns_sysctl("net/ipv4/ping_group_range", "0 0");
}

static void set_up_loopback(const struct host *host)
{
    int error = netns_loopback_up();
    if (error < 0)
        infra("host %s: cannot set lo up: %s", host->name, strerror(-error));
}

static bool name_is_valid(const char *name)
{
    size_t length = strlen(name), letters = 0;
    if (length == 0 || length > 15 || name[0] == '-' || name[length - 1] == '-')
        return false;
    for (const char *c = name; *c; c++) {
        if (!isalnum((unsigned char)*c) && *c != '-')
            return false;
        letters += isalpha((unsigned char)*c) != 0;
    }
    return letters > 0 && strcmp(name, "localhost") != 0;
}

static void check_new_host(const struct net *net, const char *name)
{
    if (!name_is_valid(name))
        infra("bad host name \"%s\": use 1 to 15 letters, digits and hyphens, "
              "one letter at least",
              name);
    if (net_find_host(net, name, strlen(name)))
        infra("this net has a host named \"%s\" already: name the second "
              "otherwise",
              name);
    if (net->host_count == NET_MAX_HOSTS)
        infra("host \"%s\" is one too many: a net holds at most %d hosts", name,
              NET_MAX_HOSTS);
}

static void make_files(struct host *host)
{
    const char *base = host->net->dir;
    host->dir = str_format("%s/%s", base, host->name);
    host->etc_hosts = str_format("%s/.etc/%s.hosts", base, host->name);
    host->etc_resolv = str_format("%s/.etc/%s.resolv", base, host->name);
    host->aliases = mem_strdup("");
    host->nameservers = mem_strdup("");
    if (mkdir(host->dir, 0755) < 0) /* an old one is not ours to use */
        infra("cannot make %s: %s", host->dir, strerror(errno));
}

static struct host *add_host(struct net *net, const char *name, bool taps)
{
    check_new_host(net, name);
    struct host *host = mem_zalloc(sizeof(*host));
    host->net = net;
    host->taps = taps;
    host->index = net->host_count;
    snprintf(host->name, sizeof(host->name), "%s", name);
    host->netns_fd = netns_new();
    if (host->netns_fd < 0)
        infra("host %s: no network namespace: %s (see \"wirelab doctor\")",
              name, strerror(-host->netns_fd));
    make_files(host);
    host_enter(host);
    APPLY(host, settings);
    apply_ipv6(host);
    allow_ping();
    set_up_loopback(host);
    host_leave();
    host_write_names(host);
    net->hosts[net->host_count++] = host;
    return host;
}

struct host *net_host(struct net *net, const char *name)
{
    return add_host(net, name, false);
}

struct host *net_tap_host(struct net *net, const char *name)
{
    return add_host(net, name, true);
}

void net_want_ipv6(struct net *net)
{
    if (net->link_count > 0)
        infra("net_want_ipv6 comes too late: call it before the first link");
    net->ipv6 = true;
    for (unsigned i = 0; i < net->host_count; i++) {
        host_enter(net->hosts[i]);
        apply_ipv6(net->hosts[i]);
        host_leave();
    }
}

void host_enter(const struct host *host)
{
    int error = netns_enter(host->netns_fd);
    if (error < 0)
        infra("cannot enter host %s: %s", host->name, strerror(-error));
}

void host_leave(void)
{
    int error = netns_leave();
    if (error < 0)
        infra("cannot leave a host: %s", strerror(-error));
}

/* ---- Finding ------------------------------------------------------------- */

struct host *net_find_host(const struct net *net, const char *name, size_t n)
{
    for (unsigned i = 0; i < net->host_count; i++) {
        struct host *host = net->hosts[i];
        if (strlen(host->name) == n && memcmp(host->name, name, n) == 0)
            return host;
    }
    return NULL;
}

struct host *net_host_by_addr4(const struct net *net, struct in_addr addr)
{
    for (unsigned i = 0; i < net->link_count; i++) {
        const struct link *link = net->links[i];
        for (unsigned p = 0; p < link->port_count; p++) {
            if (link->ports[p].addr4.s_addr == addr.s_addr)
                return link->ports[p].host;
        }
    }
    return NULL;
}

struct host *net_host_by_addr6(const struct net *net,
                               const struct in6_addr *addr)
{
    for (unsigned i = 0; net->ipv6 && i < net->link_count; i++) {
        const struct link *link = net->links[i];
        for (unsigned p = 0; p < link->port_count; p++) {
            if (memcmp(&link->ports[p].addr6, addr, sizeof(*addr)) == 0)
                return link->ports[p].host;
        }
    }
    return NULL;
}

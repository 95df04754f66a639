/* Names: each host's own /etc/hosts and /etc/resolv.conf.
 *
 * The files are rewritten in place, not replaced, because programs that run
 * already see them through a bind mount of the inode. */
#include "topo/names.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/testrun.h"

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    bool written = file && fputs(text, file) >= 0;
    if (file && fclose(file) != 0)
        written = false;
    if (!written)
        infra("cannot write %s: %s", path, strerror(errno));
}

/* The port by which `from` sees `to`: on a link they share, if they do. */
static const struct port *port_seen(const struct host *from,
                                    const struct host *to)
{
    for (unsigned t = 0; from != to && t < to->port_count; t++) {
        for (unsigned f = 0; f < from->port_count; f++) {
            if (from->ports[f]->link == to->ports[t]->link)
                return to->ports[t];
        }
    }
    return to->port_count > 0 ? to->ports[0] : NULL;
}

static void write_hosts(const struct host *host)
{
    const struct net *net = host->net;
    struct strbuf text = {0};
    strbuf_printf(&text, "127.0.0.1 localhost\n");
    if (net->ipv6)
        strbuf_printf(&text, "::1 localhost ip6-localhost\n");
    for (unsigned i = 0; i < net->host_count; i++) {
        const struct port *port = port_seen(host, net->hosts[i]);
        if (port == NULL)
            continue;
        strbuf_printf(&text, "%s %s\n", port->addr4_text, net->hosts[i]->name);
        if (net->ipv6)
            strbuf_printf(&text, "%s %s\n", port->addr6_text,
                          net->hosts[i]->name);
    }
    strbuf_printf(&text, "%s", host->aliases);
    write_text(host->etc_hosts, strbuf_text(&text));
    strbuf_fini(&text);
}

void host_write_names(const struct host *host)
{
    write_hosts(host);
    write_text(host->etc_resolv, host->nameservers);
}

void net_write_names(struct net *net)
{
    for (unsigned i = 0; i < net->host_count; i++)
        host_write_names(net->hosts[i]);
}

static void check_address(const struct host *host, const char *addr)
{
    struct in6_addr any;
    if (inet_pton(AF_INET, addr, &any) != 1 &&
        inet_pton(AF_INET6, addr, &any) != 1)
        infra("host %s: \"%s\" is no IPv4 or IPv6 address", host->name, addr);
}

static void append(char **text, char *line)
{
    char *longer = str_format("%s%s", *text, line);
    free(*text);
    free(line);
    *text = longer;
}

void host_nameserver(struct host *host, const char *addr)
{
    check_address(host, addr);
    append(&host->nameservers, str_format("nameserver %s\n", addr));
    net_write_names(host->net);
}

void host_alias(struct host *host, const char *addr, const char *name)
{
    check_address(host, addr);
    for (const char *c = name; *c || c == name; c++) {
        if (!isgraph((unsigned char)*c) || *c == '#')
            infra("host %s: \"%s\" is no name for /etc/hosts", host->name,
                  name);
    }
    append(&host->aliases, str_format("%s %s\n", addr, name));
    net_write_names(host->net);
}

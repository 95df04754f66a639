/* Two hosts, programs started and awaited; see common.h. */
#include <stdio.h>

#include "common.h"

static struct pair make(const char *profile, bool ipv6)
{
    struct pair pair = {.net = net_new(_seed())};
    if (ipv6)
        net_want_ipv6(pair.net);
    pair.client = net_host(pair.net, "client");
    pair.server = net_host(pair.net, "server");
    pair.link = net_link(pair.client, pair.server, profile);
    return pair;
}

struct pair pair_new(const char *profile)
{
    return make(profile, false);
}

struct pair pair_new6(const char *profile)
{
    return make(profile, true);
}

void pair_small_buffers(struct pair *pair, const char *bytes)
{
    char three[64]; /* least, at first, most */
    snprintf(three, sizeof(three), "4096 %s %s", bytes, bytes);
    struct host *hosts[] = {pair->client, pair->server};
    for (int i = 0; i < 2; i++) {
        host_sysctl(hosts[i], "net.ipv4.tcp_rmem", three);
        host_sysctl(hosts[i], "net.ipv4.tcp_wmem", three);
    }
}

void await_server(struct proc *server, uint16_t port)
{
    because("the server ended, or never listened, before this test had "
            "begun; its stderr says why");
    proc_await_tcp(server, port);
    because_registered();
}

struct proc *start_echod(struct pair *pair)
{
    struct proc *echod =
        host_start(pair->server, program("echod"), ECHO_PORT_TEXT);
    await_server(echod, ECHO_PORT);
    return echod;
}

struct proc *start_fetchd(struct pair *pair)
{
    file_mkdir(pair->net, "server:files");
    struct proc *fetchd =
        host_start(pair->server, program("fetchd"), FILE_PORT_TEXT, "files");
    await_server(fetchd, FILE_PORT);
    return fetchd;
}

/* probe against curl on the same link: a large body, and many small ones.
 *
 * Both throw away what they get.  Goodput is taken from nginx's first packet to
 * its last as the link saw them, attempts from the first SYN to the last
 * packet: neither program's own clock, nor its start, is in the figures. */
#include <stdio.h>
#include <stdlib.h>

#include <wirelab/bench.h>
#include <wirelab/wirelab.h>

enum { BODY_BYTES = 64 << 20, ATTEMPTS = 200 };
#define ATTEMPTS_TEXT "200"

struct site {
    struct net *net;
    struct host *client;
};

static struct site site_new(size_t bytes, bool fast)
{
    struct net *net = net_new(_seed());
    struct site site = {.net = net, .client = net_host(net, "client")};
    struct host *server = net_host(net, "server");
    struct link *link = net_link(site.client, server, "");
    if (fast)
        link_fast(link);
    file_mkdir(net, "server:site");
    file_random(net, "server:site/page", bytes);
    server_web(server, "sendfile on; access_log off;");
    return site;
}

static void finish(struct proc *proc)
{
    struct proc_end end;
    if (!proc_wait(proc, SECONDS(120), &end) || end.exit_code != 0)
        test_infra("%s did not end well: %s", proc_name(proc),
                   proc_stderr(proc, NULL));
}

static double goodput_bps(const struct site *site)
{
    return capture_goodput_bps(site->net, "src host server and tcp");
}

static double attempts_per_s(const struct site *site)
{
    struct packet first = {0}, last = {0}, packet = {0};
    bool any = capture_nth(site->net, "tcp", 1, &first);
    while (capture_next(site->net, "tcp[tcpflags] & tcp-fin != 0",
                        packet.number, &packet))
        last = packet;
    if (!any || last.sent_ns <= first.sent_ns)
        test_infra("the link saw no attempts");
    return ATTEMPTS * 1e9 / (double)(last.sent_ns - first.sent_ns);
}

static double probe_body(void *context)
{
    (void)context;
    struct site site = site_new(BODY_BYTES, true);
    finish(host_start(site.client, program("probe"), "-4", "-t", "100",
                      "server", "80", "/page"));
    return goodput_bps(&site);
}

static double curl_body(void *context)
{
    (void)context;
    struct site site = site_new(BODY_BYTES, true);
    finish(host_start(site.client, peer("curl"), "-4", "-s", "-o", "/dev/null",
                      "http://server/page"));
    return goodput_bps(&site);
}

static double probe_attempts(void *context)
{
    (void)context;
    struct site site = site_new(100, false);
    finish(host_start(site.client, program("probe"), "-4", "-n", ATTEMPTS_TEXT,
                      "server", "80", "/page"));
    return attempts_per_s(&site);
}

/* One process that makes as many requests, on a connection each. */
static double curl_attempts(void *context)
{
    (void)context;
    struct site site = site_new(100, false);
    finish(host_start(site.client, peer("curl"), "-4", "-s", "-o", "/dev/null",
                      "-H", "Connection: close",
                      "http://server/page?[1-" ATTEMPTS_TEXT "]"));
    return attempts_per_s(&site);
}

static const struct bench_pair pairs[] = {
    {
        .name = "body",
        .what = "64 MiB by probe, against curl",
        .unit = "Gbit/s",
        .scale = 1e9,
        .goal = 0.8,
        .ours = probe_body,
        .theirs = curl_body,
    },
    {
        .name = "attempts",
        .what = "small replies by probe -n, against curl",
        .unit = "attempts/s",
        .goal = 0.8,
        .ours = probe_attempts,
        .theirs = curl_attempts,
    },
};
BENCH_MAIN(pairs)

/* A gigabyte by fetch and fetchd, against iperf3 on the same link.
 *
 * The link is unimpaired, in the emulator's fast mode.  fetchd sends from the
 * page cache; fetch receives into /dev/null, as iperf3 throws away what it
 * gets: what is compared is what the programs make of the network.  fetch is
 * timed from its SYN to its end, iperf3 by its own clock. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wirelab/bench.h>
#include <wirelab/wirelab.h>

enum { PORT = 9001, IPERF_PORT = 5201 };
#define TRANSFER_BYTES (1024.0 * 1024 * 1024)

struct pair {
    struct net *net;
    struct host *client, *server;
};

static struct pair join(void)
{
    struct net *net = net_new(_seed());
    struct pair pair = {net, net_host(net, "client"), net_host(net, "server")};
    link_fast(net_link(pair.client, pair.server, ""));
    file_mkdir(net, "server:files");
    return pair;
}

static void run(struct proc *proc, const char *what)
{
    struct proc_end end;
    if (!proc_wait(proc, SECONDS(120), &end))
        test_infra("%s did not end within two minutes", what);
    if (end.exit_code != 0)
        test_infra("%s failed: %s", what, proc_stderr(proc, NULL));
}

static struct proc *start(struct host *host, struct program program,
                          const char *const *argv)
{
    struct start_options options = {.memory_bytes = (size_t)4 << 30};
    return host_start_with(host, program, &options, argv);
}

static double fetch_bps(void *context)
{
    (void)context;
    struct pair pair = join();
    /* Holes are as good as bytes once they are in the page cache, and that is
     * charged to the programs: they need room for it. */
    run(start(pair.server, peer("truncate"),
              (const char *[]){"-s", "1G", "files/big", NULL}),
        "truncate");
    run(start(pair.server, peer("cksum"),
              (const char *[]){"-a", "sysv", "files/big", NULL}),
        "cksum");
    struct proc *fetchd = start(pair.server, program("fetchd"),
                                (const char *[]){"9001", "files", NULL});
    proc_await_tcp(fetchd, PORT);
    struct proc *fetch = host_start(pair.client, program("fetch"), "server",
                                    "9001", "big", "/dev/null");
    if (!capture_await(pair.net, "tcp dst port 9001", 1, SECONDS(10)))
        test_infra("fetch did not connect within 10 s");
    int64_t began_ns = clock_now_ns();
    run(fetch, "fetch");
    double seconds = (double)(clock_now_ns() - began_ns) / 1e9;
    return TRANSFER_BYTES * 8 / seconds;
}

static double iperf3_bps(void *context)
{
    (void)context;
    struct pair pair = join();
    struct proc *server = host_start(pair.server, peer("iperf3"), "-s", "-1");
    proc_await_tcp(server, IPERF_PORT);
    struct proc *client = host_start(pair.client, peer("iperf3"), "-J", "-R",
                                     "-n", "1G", "-c", host_addr(pair.server));
    run(client, "iperf3");
    const char *sum = strstr(proc_stdout(client, NULL), "\"sum_received\"");
    const char *rate = sum ? strstr(sum, "\"bits_per_second\":") : NULL;
    if (rate == NULL)
        test_infra("iperf3 printed no rate");
    return strtod(strchr(rate, ':') + 1, NULL);
}

static const struct bench_pair pairs[] = {
    {
        .name = "transfer",
        .what = "1 GiB by fetch, against iperf3",
        .unit = "Gbit/s",
        .scale = 1e9,
        .goal = 0.8,
        .ours = fetch_bps,
        .theirs = iperf3_bps,
    },
};
BENCH_MAIN(pairs)

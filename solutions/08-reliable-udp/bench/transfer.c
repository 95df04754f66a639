/* rsend and rrecv against kernel TCP (iperf3), on equal links.
 *
 *      pair          link                            judged
 *      lossless      10 Mbit/s, 100 ms round trip    goodput
 *      loss_1        the same, 1 % of packets lost   goodput
 *      loss_5        the same, 5 % lost              goodput
 *      unimpaired    a bare veth pair, offloads on   goodput
 *      cpu           the same                        bytes for a second of CPU
 *      floor         the same                        goodput against 1.5 Gbit/s
 *
 * The emulator carries one UDP datagram at a time (its fast mode is TCP's), so
 * it would be what the last three measure; hence the bare pair, where both may
 * hand the kernel many segments at once.
 *
 * iperf3 runs with CUBIC, Linux's default, whatever this machine prefers.
 *
 * What a figure holds: rsend is timed from its start to its end, and it ends
 * when the file is verified and in its place, in a file system in memory.
 * iperf3 is timed by its own clock and throws away what it gets.  Whatever
 * favour there is goes to iperf3.  CPU is that of both programs together, with
 * what the kernel did in their name: system calls, and the path through the
 * veth pair as far as it was walked in these. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wirelab/bench.h>
#include <wirelab/wirelab.h>

#include "topo/topo.h" /* the bare pair, which no lab may have */

enum { PORT = 9000, IPERF_PORT = 5201, VETH_MTU_BYTES = 1500 };
#define MEGABYTE 1e6
#define LIMIT_NS SECONDS(240)

struct load {
    const char *profile; /* NULL: the bare veth pair */
    double bytes;
};

struct pair {
    struct net *net;
    struct host *sender, *receiver;
};

/* What one transfer took: time, and the CPU of both ends. */
struct cost {
    double seconds, cpu_seconds;
};

static struct pair join(const struct load *load)
{
    struct net *net = net_new(_seed());
    struct pair pair = {net, net_host(net, "sender"),
                        net_host(net, "receiver")};
    struct host *const hosts[] = {pair.sender, pair.receiver};

    if (load->profile)
        net_link(pair.sender, pair.receiver, load->profile);
    else
        link_open_veth(link_new(net, hosts, 2, true), VETH_MTU_BYTES, true);
    return pair;
}

static double end_of(struct proc *proc, const char *what)
{
    struct proc_end end;

    if (!proc_wait(proc, LIMIT_NS, &end))
        test_infra("%s did not end within four minutes", what);
    if (end.exit_code != 0)
        test_infra("%s failed: %s%s", what, proc_stderr(proc, NULL),
                   proc_stdout(proc, NULL));
    return (double)end.cpu_ns / 1e9;
}

/* Holes are as good as bytes once they are in the page cache. */
static void make_file(const struct pair *pair, double bytes)
{
    char size[32];

    snprintf(size, sizeof(size), "%.0f", bytes);
    file_quota(pair->net, "receiver:", (size_t)(bytes + 4 * MEGABYTE));
    end_of(host_start(pair->sender, peer("truncate"), "-s", size, "big"),
           "truncate");
    end_of(host_start(pair->sender, peer("cksum"), "-a", "sysv", "big"),
           "cksum");
}

static struct cost send_ours(const struct load *load)
{
    struct pair pair = join(load);

    make_file(&pair, load->bytes);
    struct proc *rx =
        host_start(pair.receiver, program("rrecv"), "9000", "out");
    proc_await_udp(rx, PORT);
    int64_t began_ns = clock_now_ns();
    struct proc *tx = host_start(pair.sender, program("rsend"),
                                 host_addr(pair.receiver), "9000", "big");
    struct cost cost = {.cpu_seconds = end_of(tx, "rsend")};
    cost.seconds = (double)(clock_now_ns() - began_ns) / 1e9;
    cost.cpu_seconds += end_of(rx, "rrecv");
    return cost;
}

/* Reads `"name":number` behind `section` in iperf3's report. */
static double read_number(const char *report, const char *section,
                          const char *name)
{
    const char *at = strstr(report, section);

    at = at ? strstr(at, name) : NULL;
    at = at ? strchr(at, ':') : NULL;
    if (!at)
        test_infra("iperf3 reported no %s in %s", name, section);
    return strtod(at + 1, NULL);
}

static struct cost send_theirs(const struct load *load)
{
    struct pair pair = join(load);
    char bytes[32];

    snprintf(bytes, sizeof(bytes), "%.0f", load->bytes);
    struct proc *rx = host_start(pair.receiver, peer("iperf3"), "-s", "-1");
    proc_await_tcp(rx, IPERF_PORT);
    struct proc *tx =
        host_start(pair.sender, peer("iperf3"), "-J", "-C", "cubic", "-n",
                   bytes, "-c", host_addr(pair.receiver));
    struct cost cost = {.cpu_seconds = end_of(tx, "iperf3")};
    cost.cpu_seconds += end_of(rx, "iperf3 -s");
    const char *report = proc_stdout(tx, NULL);
    double bps = read_number(report, "\"sum_received\"", "\"bits_per_second\"");
    cost.seconds = load->bytes * 8 / bps;
    return cost;
}

static double our_goodput(void *context)
{
    const struct load *load = context;

    return load->bytes * 8 / send_ours(load).seconds;
}

static double their_goodput(void *context)
{
    const struct load *load = context;

    return load->bytes * 8 / send_theirs(load).seconds;
}

static double our_thrift(void *context)
{
    const struct load *load = context;

    return load->bytes / send_ours(load).cpu_seconds;
}

static double their_thrift(void *context)
{
    const struct load *load = context;

    return load->bytes / send_theirs(load).cpu_seconds;
}

static double floor_goodput(void *context)
{
    (void)context;
    return 1.5e9;
}

#define LONG_PATH "delay 50ms rate 10mbit"
static struct load lossless = {LONG_PATH, 4 * MEGABYTE};
static struct load loss_1 = {LONG_PATH " loss 1%", 4 * MEGABYTE};
static struct load loss_5 = {LONG_PATH " loss 5%", 2 * MEGABYTE};
static struct load bare = {NULL, 512 * MEGABYTE};

static const struct bench_pair pairs[] = {
    {.name = "lossless",
     .what = "goodput, 10 Mbit/s x 100 ms",
     .unit = "Mbit/s",
     .scale = 1e6,
     .goal = 0.8,
     .ours = our_goodput,
     .theirs = their_goodput,
     .context = &lossless},
    {.name = "loss_1",
     .what = "the same at 1 % loss",
     .unit = "Mbit/s",
     .scale = 1e6,
     .goal = 1.0,
     .ours = our_goodput,
     .theirs = their_goodput,
     .context = &loss_1},
    {.name = "loss_5",
     .what = "the same at 5 % loss",
     .unit = "Mbit/s",
     .scale = 1e6,
     .goal = 1.0,
     .ours = our_goodput,
     .theirs = their_goodput,
     .context = &loss_5},
    {.name = "unimpaired",
     .what = "goodput, bare veth pair",
     .unit = "Gbit/s",
     .scale = 1e9,
     .goal = NAN,
     .ours = our_goodput,
     .theirs = their_goodput,
     .context = &bare},
    {.name = "cpu",
     .what = "bytes for a second of CPU, bare veth pair",
     .unit = "GB",
     .scale = 1e9,
     .goal = NAN,
     .ours = our_thrift,
     .theirs = their_thrift,
     .context = &bare},
    {.name = "floor",
     .what = "goodput against 1.5 Gbit/s, bare veth pair",
     .unit = "Gbit/s",
     .scale = 1e9,
     .goal = 1.0,
     .ours = our_goodput,
     .theirs = floor_goodput,
     .context = &bare},
};
BENCH_MAIN(pairs)

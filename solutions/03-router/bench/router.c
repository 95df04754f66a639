/* Lookups in a table as large as the Internet's, and forwarding.
 *
 *      pair        what                                       judged against
 *      lookup      1 M IPv4 routes, lookups/s                 the plain trie
 *      floor       the same                                   20 M/s
 *      memory      the same, routes in 32 bytes               1
 *      full        900 000 + 150 000 routes, lookups/s        the plain trie
 *      load        the same, routes read, sorted, built /s    1 M/s
 *      forward     packets of 60 bytes the router forwards    200 000
 *                  for each second of its CPU time
 *      kernel      the same in a second of wall time          Linux's own
 *
 * fib measures itself (fib --bench) in CPU time: 4 M lookups of a million
 * different addresses in random order.
 *
 * For forwarding there is no emulator in the way, but bare veth pairs:
 *
 *      source ══veth══ router ══veth══ sink
 *
 * A thread sends as fast as it can, far more than can be forwarded; what counts
 * is what the sink's device has received within a second.  On bare pairs there
 * is no queue between hosts: what a kernel does about a packet that it receives
 * is done, and charged, while the sender is still in write(2).  So the sink
 * throws packets away as soon as IP sees them; else a quarter of the router's
 * time would be spent on saying "port unreachable" for another host. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <wirelab/bench.h>
#include <wirelab/frame.h>
#include <wirelab/wirelab.h>

#include "tests/table.h"
#include "topo/topo.h" /* the bare pairs, which no lab may have */

enum { QUESTIONS = 1000000, BATCH = 64, FRAME_BYTES = 74, MTU_BYTES = 1500 };

/* ---- Lookups ------------------------------------------------------------- */

struct size {
    size_t count4, count6;
};

static double end_of(struct proc *proc, const char *what)
{
    struct proc_end end;
    if (!proc_wait(proc, SECONDS(120), &end))
        test_infra("%s did not end within two minutes", what);
    if (end.exit_code != 0)
        test_infra("%s failed: %s", what, proc_stderr(proc, NULL));
    return (double)end.wall_ns / 1e9;
}

/* Runs fib --bench.  Returns the number behind `name` in the line that begins
 * with `line`. */
static double measure(const struct size *size, const char *line,
                      const char *name)
{
    struct net *net = net_new(_seed());
    struct host *desk = net_host(net, "desk");
    struct full_table table = table_make(_seed(), size->count4, size->count6);
    struct question *questions = table_ask(&table, _seed(), QUESTIONS);
    size_t bytes;
    char *text = table_text(&table, &bytes);
    file_write(net, "desk:table", text, bytes);
    free(text);
    text = questions_text(questions, QUESTIONS, &bytes);
    file_write(net, "desk:questions", text, bytes);
    free(text);
    free(questions);
    table_free(&table);
    struct start_options options = {.memory_bytes = (size_t)2 << 30};
    struct proc *fib = host_start_with(
        desk, program("fib"), &options,
        (const char *[]){"--bench", "table", "questions", NULL});
    end_of(fib, "fib --bench");
    const char *at = strstr(proc_stdout(fib, NULL), line);
    at = at ? strstr(at, name) : NULL;
    if (at == NULL)
        test_infra("fib --bench printed no %s in a line \"%s\"", name, line);
    return strtod(at + strlen(name), NULL);
}

static double lpm_rate(void *context)
{
    return measure(context, "lpm routes", "lookups_per_s=");
}

static double trie_rate(void *context)
{
    return measure(context, "trie routes", "lookups_per_s=");
}

static double lpm_density(void *context)
{
    return 32 / measure(context, "lpm routes", "bytes_per_route=");
}

static double load_rate(void *context)
{
    const struct size *size = context;
    return (double)(size->count4 + size->count6) * 1000 /
           measure(context, "load routes", "load_ms=");
}

/* ---- Forwarding ---------------------------------------------------------- */

struct path {
    struct net *net;
    struct host *source, *router, *sink;
    struct link *left, *right;
};

static struct link *join(struct host *a, struct host *b)
{
    struct host *const hosts[] = {a, b};
    struct link *link = link_new(a->net, hosts, 2, true);
    link_open_veth(link, MTU_BYTES, false);
    return link;
}

static struct path path_new(bool ours)
{
    struct path path = {.net = net_new(_seed())};
    path.source = net_host(path.net, "source");
    path.router =
        ours ? net_tap_host(path.net, "router") : net_host(path.net, "router");
    path.sink = net_host(path.net, "sink");
    path.left = join(path.source, path.router);
    path.right = join(path.router, path.sink);
    host_forward(path.router);
    host_run(path.sink, "nft add table ip sink");
    host_run(path.sink, "nft 'add chain ip sink all_of_it { type filter hook "
                        "prerouting priority raw; policy drop; }'");
    return path;
}

static struct proc *start_router(const struct path *path)
{
    char text[512];
    uint8_t left[6], right[6];
    host_mac(path->router, path->left, left);
    host_mac(path->router, path->right, right);
    int bytes =
        snprintf(text, sizeof(text),
                 "interface if0 mac %02x:%02x:%02x:%02x:%02x:%02x\n"
                 "interface if1 mac %02x:%02x:%02x:%02x:%02x:%02x\n"
                 "address if0 10.77.1.2/24\naddress if1 10.77.2.1/24\n",
                 left[0], left[1], left[2], left[3], left[4], left[5], right[0],
                 right[1], right[2], right[3], right[4], right[5]);
    file_write(path->net, "router:conf", text, (size_t)bytes);
    int fds[] = {host_tap(path->router, path->left),
                 host_tap(path->router, path->right)};
    struct start_options options = {.fds = fds,
                                    .fd_count = 2,
                                    .fd_env =
                                        (const char *[]){"IF0_FD", "IF1_FD"}};
    struct proc *router =
        host_start_with(path->router, program("router"), &options,
                        (const char *[]){"conf", "if0=fd:3", "if1=fd:4", NULL});
    proc_await_output(router, "ready\n", SECONDS(5));
    return router;
}

struct source {
    int fd;
    uint8_t frame[FRAME_BYTES];
    atomic_bool stop;
};

/* UDP, 60 bytes of IP, to the sink's discard port. */
static void make_frame(const struct path *path, uint8_t *frame)
{
    static const uint8_t ip[28] = {0x45, 0,    0,  60, 0, 0,  0,  0,  64, 17,
                                   0x62, 0xf1, 10, 77, 1, 1,  10, 77, 2,  2,
                                   0x9c, 0x40, 0,  9,  0, 40, 0,  0};
    uint32_t sum = 0;
    host_mac(path->router, path->left, frame);
    host_mac(path->source, path->left, frame + 6);
    frame[12] = 8;
    frame[13] = 0;
    memcpy(frame + 14, ip, sizeof(ip));
    frame[24] = frame[25] = 0;
    for (int i = 14; i < 34; i += 2)
        sum += (uint32_t)frame[i] << 8 | frame[i + 1];
    sum = ~((sum >> 16) + (sum & 0xffff));
    frame[24] = (uint8_t)(sum >> 8);
    frame[25] = (uint8_t)sum;
}

static void *send_all(void *context)
{
    struct source *source = context;
    struct iovec part = {source->frame, FRAME_BYTES};
    struct mmsghdr batch[BATCH] = {0};
    for (int i = 0; i < BATCH; i++) {
        batch[i].msg_hdr.msg_iov = &part;
        batch[i].msg_hdr.msg_iovlen = 1;
    }
    while (!atomic_load(&source->stop))
        (void)sendmmsg(source->fd, batch, BATCH, 0); /* full: try again */
    return NULL;
}

static double received(const struct host *host)
{
    char *output = NULL;
    const char *const argv[] = {"awk", "sub(/^ *eth0:/, \"\") { print $2 }",
                                "/proc/net/dev", NULL};
    if (host_command(host, argv, &output) != 0)
        test_infra("cannot read a device's counters");
    double count = strtod(output, NULL);
    free(output);
    return count;
}

/* Returns the sink's packets a second, once they have begun to come: of wall
 * time, or of the router's CPU time if there is one. */
static double watch(const struct path *path, struct proc *router)
{
    int64_t until_ns = clock_now_ns() + SECONDS(10);
    double first = received(path->sink), before;
    while ((before = received(path->sink)) < first + 1000) {
        if (clock_now_ns() > until_ns)
            test_infra("nothing is forwarded");
    }
    int64_t begun_ns = clock_now_ns(), now_ns = begun_ns;
    int64_t cpu_ns = router ? proc_cpu_ns(router) : 0;
    double after = before;
    while (now_ns < begun_ns + SECONDS(1)) {
        after = received(path->sink);
        now_ns = clock_now_ns();
    }
    int64_t spent_ns =
        router ? proc_cpu_ns(router) - cpu_ns : now_ns - begun_ns;
    return (after - before) * 1e9 / (double)spent_ns;
}

static double forward(bool ours, bool by_cpu)
{
    struct path path = path_new(ours);
    struct proc *router = NULL;
    struct source source = {.stop = false};
    pthread_t thread;
    if (ours)
        router = start_router(&path);
    make_frame(&path, source.frame);
    source.fd = host_packet_socket(path.source, path.left);
    if (pthread_create(&thread, NULL, send_all, &source) != 0)
        test_infra("no thread to send from");
    double rate = watch(&path, by_cpu ? router : NULL);
    atomic_store(&source.stop, true);
    pthread_join(thread, NULL);
    return rate;
}

static double our_thrift(void *context)
{
    (void)context;
    return forward(true, true);
}

static double our_rate(void *context)
{
    (void)context;
    return forward(true, false);
}

static double kernel_rate(void *context)
{
    (void)context;
    return forward(false, false);
}

static double constant(void *context, double value)
{
    (void)context;
    return value;
}

static double twenty_million(void *context)
{
    return constant(context, 20e6);
}

static double one_million(void *context)
{
    return constant(context, 1e6);
}

static double one(void *context)
{
    return constant(context, 1);
}

static double two_hundred_thousand(void *context)
{
    return constant(context, 200e3);
}

static struct size million = {1000000, 0}, full = {900000, 150000};

static const struct bench_pair pairs[] = {
    {.name = "lookup",
     .what = "lookups, 1 M IPv4 routes, against the plain trie",
     .unit = "M/s",
     .scale = 1e6,
     .goal = 2.0,
     .ours = lpm_rate,
     .theirs = trie_rate,
     .context = &million},
    {.name = "floor",
     .what = "the same against 20 M/s",
     .unit = "M/s",
     .scale = 1e6,
     .goal = 1.0,
     .ours = lpm_rate,
     .theirs = twenty_million,
     .context = &million},
    {.name = "memory",
     .what = "routes in 32 bytes, 1 M IPv4 routes",
     .unit = "routes",
     .goal = 1.0,
     .ours = lpm_density,
     .theirs = one,
     .context = &million,
     .repetitions = 2},
    {.name = "full",
     .what = "lookups, 900 000 + 150 000 routes, against the trie",
     .unit = "M/s",
     .scale = 1e6,
     .goal = 2.0,
     .ours = lpm_rate,
     .theirs = trie_rate,
     .context = &full},
    {.name = "load",
     .what = "routes loaded a second, the same table, against 1 M/s",
     .unit = "M/s",
     .scale = 1e6,
     .goal = NAN,
     .ours = load_rate,
     .theirs = one_million,
     .context = &full},
    {.name = "forward",
     .what = "packets forwarded for a second of CPU, against 200 000",
     .unit = "k",
     .scale = 1e3,
     .goal = 1.0,
     .ours = our_thrift,
     .theirs = two_hundred_thousand},
    {.name = "kernel",
     .what = "packets forwarded a second, against Linux's own",
     .unit = "k/s",
     .scale = 1e3,
     .goal = NAN,
     .ours = our_rate,
     .theirs = kernel_rate},
};
BENCH_MAIN(pairs)

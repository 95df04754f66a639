/* A capture of a million packets, read by dissect -q and by tcpdump.
 *
 * tcpdump -w /dev/null reads each packet and writes it again, and looks into
 * none; dissect -q looks into each header and sums up each byte, and writes
 * nothing.  Both read with libpcap.  The packets are those of a download and
 * its ACKs, with some DNS between; the file is in the page cache before either
 * is timed, and a program's time is the CPU time it used, so that what else the
 * machine does counts little. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wirelab/bench.h>
#include <wirelab/wirelab.h>

enum { PACKETS = 1000000, SHAPES = 8 };

static void put16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* An Ethernet frame with IPv4 and a transport header; checksums are wrong,
 * which costs dissect a little more than right ones. */
static void make_shape(uint8_t *frame, uint8_t protocol, size_t bytes)
{
    static const uint8_t head[] = {
        2, 0x77, 0, 1,    0, 1,  2, 0x77, 0, 1,  0,  2, 8, 0,  0x45, 0, 0,
        0, 0,    0, 0x40, 0, 64, 0, 0,    0, 10, 77, 1, 1, 10, 77,   1, 2};
    static const uint8_t tcp_tail[] = {0x80, 0x10, 1, 0xf5, 0, 0,
                                       0,    0,    1, 1,    8, 10};
    memset(frame, 'x', bytes);
    memcpy(frame, head, sizeof(head));
    put16(frame + 16, bytes - 14);
    frame[23] = protocol;
    put16(frame + 34, 443);
    put16(frame + 36, 40000);
    if (protocol == 6)
        memcpy(frame + 46, tcp_tail, sizeof(tcp_tail));
    else
        put16(frame + 38, bytes - 34);
}

static void write_capture(struct net *net)
{
    static const struct {
        uint8_t protocol;
        size_t bytes;
    } shapes[SHAPES] = {{6, 1514}, {6, 1514}, {6, 66},   {6, 1514},
                        {6, 1514}, {6, 66},   {17, 120}, {6, 700}};
    static uint8_t frames[SHAPES][1514];
    struct file_packet *packets = calloc(PACKETS, sizeof(*packets));
    for (size_t i = 0; i < SHAPES; i++)
        make_shape(frames[i], shapes[i].protocol, shapes[i].bytes);
    for (size_t i = 0; i < PACKETS; i++)
        packets[i] = (struct file_packet){.data = frames[i % SHAPES],
                                          .bytes = shapes[i % SHAPES].bytes,
                                          .time_ns = (int64_t)i * 10000};
    file_capture(net, "reader:million", CAPTURE_PCAP, LINK_ETHERNET, packets,
                 PACKETS);
    free(packets);
}

static struct host *reader_new(void)
{
    struct net *net = net_new(_seed());
    struct host *reader = net_host(net, "reader");
    write_capture(net);
    return reader;
}

static struct proc_end run(struct proc *proc)
{
    struct proc_end end;
    if (!proc_wait(proc, SECONDS(120), &end))
        test_infra("%s did not end within two minutes", proc_name(proc));
    if (end.exit_code != 0)
        test_infra("%s failed: %s", proc_name(proc), proc_stderr(proc, NULL));
    return end;
}

/* The file stays in the page cache, which is charged to who reads it first. */
static struct proc *start(struct host *host, struct program program,
                          const char *const *argv)
{
    struct start_options options = {.memory_bytes = (size_t)4 << 30};
    return host_start_with(host, program, &options, argv);
}

static const char *const dissect_argv[] = {"-q", "million", NULL};
static const char *const tcpdump_argv[] = {"-nn", "-r",        "million",
                                           "-w",  "/dev/null", NULL};

static double dissect_pps(void *context)
{
    (void)context;
    struct host *reader = reader_new();
    (void)run(start(reader, peer("cksum"), (const char *[]){"million", NULL}));
    struct proc_end end = run(start(reader, program("dissect"), dissect_argv));
    return PACKETS * 1e9 / (double)end.cpu_ns;
}

static double tcpdump_pps(void *context)
{
    (void)context;
    struct host *reader = reader_new();
    (void)run(start(reader, peer("cksum"), (const char *[]){"million", NULL}));
    struct proc_end end = run(start(reader, peer("tcpdump"), tcpdump_argv));
    return PACKETS * 1e9 / (double)end.cpu_ns;
}

static const struct bench_pair pairs[] = {
    {
        .name = "million",
        .what = "1 M packets by dissect -q, against tcpdump -w /dev/null",
        .unit = "Mpps",
        .scale = 1e6,
        .goal = 0.5,
        .ours = dissect_pps,
        .theirs = tcpdump_pps,
    },
};
BENCH_MAIN(pairs)

/* What `make demo` shows: lab 08's reference sends a file across a bad link,
 * and the link tells what it did to it.
 *
 *      bench/demo PROGRAMS_DIR OUT_DIR
 *
 * The capture and the decisions of the links stay in OUT_DIR. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <wirelab/wirelab.h>

#include "base/strbuf.h"
#include "grade/bench.h"
#include "link/links.h"
#include "topo/topo.h"

enum { FILE_BYTES = 10 << 20, SEGMENT_BYTES = 1164, SEED = 8 };

static const char profile[] =
    "delay 20ms loss 5% reorder 10% 50% duplicate 1% rate 20mbit";
static const char data[] = "udp[11] = 2 and src host sender";

struct demo {
    char *capture, *fates;
};

static void line(const char *what, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void line(const char *what, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("  %-26s ", what);
    (void)vprintf(format, args);
    puts("");
    va_end(args);
}

static void tell_link(struct net *net, const struct link *link)
{
    struct link_counters there, back;
    struct link_lateness lateness;
    link_count(link, 0, &there);
    link_count(link, 1, &back);
    links_lateness(net, &lateness);
    line("datagrams there / back", "%llu / %llu",
         (unsigned long long)there.packets, (unsigned long long)back.packets);
    line("of these lost", "%llu / %llu", (unsigned long long)there.lost,
         (unsigned long long)back.lost);
    line("duplicated, reordered", "%llu, %llu",
         (unsigned long long)there.duplicated + back.duplicated,
         (unsigned long long)there.reordered + back.reordered);
    line("emulator's error", "p50 %.3f ms, p99 %.3f ms",
         (double)lateness.p50_ns / 1e6, (double)lateness.p99_ns / 1e6);
}

static void tell_transfer(struct net *net, int64_t took_ns)
{
    int segments = (FILE_BYTES + SEGMENT_BYTES - 1) / SEGMENT_BYTES;
    int sent = capture_count(net, data) -
               capture_count_fate(net, FATE_DUPLICATE, data);
    line("time", "%.2f s", (double)took_ns / 1e9);
    line("goodput", "%.2f Mbit/s of 20",
         (double)FILE_BYTES * 8e3 / (double)took_ns);
    line("DATA sent", "%d for %d segments: %d retransmissions, %.1f %%", sent,
         segments, sent - segments,
         100.0 * (sent - segments) / (double)segments);
}

/* Returns the goodput, as a bench does. */
static double transfer(void *context)
{
    const struct demo *demo = context;
    struct net *net = net_new(_seed());
    links_capture_to(net, demo->capture, demo->fates);
    struct host *sender = net_host(net, "sender");
    struct host *receiver = net_host(net, "receiver");
    struct link *link = net_link(sender, receiver, profile);
    file_random(net, "sender:in.bin", FILE_BYTES);
    struct proc *rx =
        host_start(receiver, reference("rrecv"), "9000", "out.bin");
    proc_await_udp(rx, 9000);
    int64_t started_ns = clock_now_ns();
    struct proc *tx = host_start(sender, reference("rsend"),
                                 host_addr(receiver), "9000", "in.bin");
    expect_exit(tx, 0, SECONDS(120));
    int64_t took_ns = clock_now_ns() - started_ns;
    expect_exit(rx, 0, SECONDS(20));
    expect_same_file(net, "sender:in.bin", "receiver:out.bin");
    line("received file", "identical, byte for byte");
    tell_transfer(net, took_ns);
    tell_link(net, link);
    (void)fflush(stdout);
    return (double)FILE_BYTES * 8e9 / (double)took_ns;
}

static int run(const char *programs, const char *out)
{
    struct demo demo = {.capture = str_format("%s/capture.pcapng", out),
                        .fates = str_format("%s/fates.tsv", out)};
    char work_dir[256];
    int error = work_dir_make(work_dir, sizeof(work_dir));
    if (error == 0) {
        const struct bench_job job = {.name = "demo",
                                      .fn = transfer,
                                      .context = &demo,
                                      .seed = SEED,
                                      .programs_dir = programs,
                                      .work_dir = work_dir};
        double rate;
        printf("10 MB across \"%s\", seed %d\n", profile, SEED);
        (void)fflush(stdout);
        error = bench_measure(&job, &rate);
        work_dir_remove(work_dir);
    }
    if (error == 0) {
        line("capture, for Wireshark", "%s", demo.capture);
        line("what the link decided", "%s", demo.fates);
        puts("");
    } else {
        (void)fprintf(stderr, "demo: the transfer failed: %s\n",
                      strerror(-error));
    }
    free(demo.capture);
    free(demo.fates);
    return error == 0 ? 0 : 3;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fputs("usage: demo PROGRAMS_DIR OUT_DIR\n", stderr);
        return 2;
    }
    if (mkdir(argv[2], 0777) < 0 && errno != EEXIST) {
        (void)fprintf(stderr, "demo: cannot make %s: %s\n", argv[2],
                      strerror(errno));
        return 3;
    }
    return run(argv[1], argv[2]);
}

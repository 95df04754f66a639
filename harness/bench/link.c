/* The link emulator against a bare veth pair, and against its own promise.
 *
 *      bench/link [--pairs N] [--only NAME] [--json]
 *      bench/link --delay-error        only the histograms
 *
 * The veth pair has its offloads off (theirs), as a link whose every packet is
 * to be seen must; both carry the same traffic of the same program.  The pairs
 * named delay_* compare the emulator's error with the bound it is held to:
 * theirs is one over the bound, ours one over what was measured. */
#include <math.h>
#include <stdio.h>
#include <sys/mman.h>

#include <wirelab/bench.h>

#include "base/testrun.h"
#include "bench/delay.h"
#include "topo/topo.h"

/* ---- Speed --------------------------------------------------------------- */

enum kind { KIND_EXACT, KIND_FAST, KIND_VETH };

struct speed {
    double (*traffic)(struct host *a, struct host *b);
    enum kind kind;
};

static double speed(const struct speed *speed, enum kind kind)
{
    struct net *net = net_new(_seed());
    struct host *a = net_host(net, "left"), *b = net_host(net, "right");
    if (kind == KIND_VETH) {
        struct host *const hosts[] = {a, b};
        link_open_veth(link_new(net, hosts, 2, true), 1500, false);
    } else {
        struct link *link = net_link(a, b, "");
        if (kind == KIND_FAST)
            link_fast(link);
    }
    return speed->traffic(a, b);
}

static double ours(void *context)
{
    const struct speed *s = context;
    return speed(s, s->kind);
}

static double theirs(void *context)
{
    return speed(context, KIND_VETH);
}

/* ---- Punctuality --------------------------------------------------------- */

struct punctuality {
    bool loaded;
    double quantile;
    int64_t bound_ns;
};

static double error_rate(void *context)
{
    const struct punctuality *p = context;
    struct lateness errors;
    delay_measure(p->loaded, &errors);
    return 1e9 / (double)lateness_quantile_ns(&errors, p->quantile);
}

static double bound_rate(void *context)
{
    const struct punctuality *p = context;
    return 1e9 / (double)p->bound_ns;
}

/* ---- The histograms ------------------------------------------------------ */

enum { BAR_COLUMNS = 50, FIRST_EDGE_US = 5 };

static uint64_t between(const struct lateness *errors, int64_t low_ns,
                        int64_t high_ns)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < LATENESS_BUCKETS; i++) {
        int64_t top_ns = lateness_bucket_ns(i);
        if (top_ns > low_ns && top_ns <= high_ns)
            count += errors->buckets[i];
    }
    return count;
}

/* One row for each doubling of the error. */
static void draw(const char *title, const struct lateness *errors)
{
    printf("\n|delay error| %s: p50 %.0f us, p90 %.0f us, p99 %.0f us, max "
           "%.0f us of %llu packets\n",
           title, (double)lateness_quantile_ns(errors, 0.5) / 1e3,
           (double)lateness_quantile_ns(errors, 0.9) / 1e3,
           (double)lateness_quantile_ns(errors, 0.99) / 1e3,
           (double)errors->max_ns / 1e3, (unsigned long long)errors->packets);
    int64_t low_ns = -1;
    for (int64_t high_ns = USECONDS(FIRST_EDGE_US); low_ns < errors->max_ns;
         low_ns = high_ns, high_ns *= 2) {
        uint64_t count = between(errors, low_ns, high_ns);
        int bar = (int)((double)count * BAR_COLUMNS / (double)errors->packets);
        printf("%8.0f us %6llu ", (double)high_ns / 1e3,
               (unsigned long long)count);
        for (int i = 0; i < bar; i++)
            putchar('#');
        puts(count > 0 && bar == 0 ? "." : "");
    }
}

static int measure_errors(void *context)
{
    struct lateness *errors = context;
    char work_dir[256];
    traffic_check(work_dir_make(work_dir, sizeof(work_dir)) == 0, "work dir");
    struct testrun run = *testrun();
    run.work_dir = work_dir;
    testrun_begin(&run);
    for (int loaded = 0; loaded < 2; loaded++) {
        delay_measure(loaded == 1, &errors[loaded]);
        net_free(net_current());
    }
    work_dir_remove(work_dir);
    return 0;
}

/* Returns an exit status. */
static int draw_errors(void)
{
    char error[CELL_ERROR_BYTES];
    int status = 0;
    struct lateness *errors =
        mmap(NULL, 2 * sizeof(*errors), PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (errors == MAP_FAILED)
        return 3;
    pid_t pid = cell_start(measure_errors, errors, error);
    if (pid < 0)
        fprintf(stderr, "no cell to measure in: %s\n", error);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        return 3;
    draw("idle", &errors[0]);
    draw("beside a hog on every core", &errors[1]);
    munmap(errors, 2 * sizeof(*errors));
    return 0;
}

static struct speed tcp_exact = {traffic_tcp, KIND_EXACT};
static struct speed tcp_fast = {traffic_tcp, KIND_FAST};
static struct speed packets = {traffic_datagrams, KIND_EXACT};
static struct punctuality p50_idle = {false, 0.5, 100000};
static struct punctuality p99_idle = {false, 0.99, 1000000};
static struct punctuality p99_loaded = {true, 0.99, 500000};

static const struct bench_pair pairs[] = {
    {.name = "tcp_exact",
     .what = "kernel TCP, packet by packet",
     .unit = "Gbit/s",
     .scale = 1e9,
     .goal = 0.25,
     .ours = ours,
     .theirs = theirs,
     .context = &tcp_exact},
    {.name = "tcp_fast",
     .what = "kernel TCP, super-packets",
     .unit = "Gbit/s",
     .scale = 1e9,
     .goal = 1.0,
     .ours = ours,
     .theirs = theirs,
     .context = &tcp_fast},
    {.name = "packets_exact",
     .what = "UDP, 64 bytes",
     .unit = "kpkt/s",
     .scale = 1e3,
     .goal = 0.45,
     .ours = ours,
     .theirs = theirs,
     .context = &packets},
    {.name = "delay_p50_idle",
     .what = "1/|error|, bound 100 us",
     .unit = "1/ms",
     .scale = 1e3,
     .goal = 1.0,
     .ours = error_rate,
     .theirs = bound_rate,
     .context = &p50_idle},
    {.name = "delay_p99_idle",
     .what = "1/|error|, bound 1 ms",
     .unit = "1/ms",
     .scale = 1e3,
     .goal = 1.0,
     .ours = error_rate,
     .theirs = bound_rate,
     .context = &p99_idle},
    {.name = "delay_p99_loaded",
     .what = "1/|error| beside hogs, bound 500 us",
     .unit = "1/ms",
     .scale = 1e3,
     .goal = 1.0,
     .ours = error_rate,
     .theirs = bound_rate,
     .context = &p99_loaded},
};

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--delay-error") == 0)
        return draw_errors();
    int status =
        bench_main(argc, argv, pairs, sizeof(pairs) / sizeof(pairs[0]));
    if (argc == 1 && status <= 1 && draw_errors() != 0)
        return 3;
    return status;
}

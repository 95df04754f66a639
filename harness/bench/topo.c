/* How long a topology takes: two hosts with a TUN link up, and everything down
 * again, in a cell of its own each time, as a test has it.
 *
 *      bench/topo [--runs N] [--json]
 *
 * Goal: 60 ms for up and down together.  "cell" is the time until a process
 * runs in new namespaces, "up" the net, "down" taking it down and ending the
 * cell. */
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>
#include <wirelab/time.h>

#include "base/testrun.h"
#include "grade/bench.h"
#include "topo/topo.h"

enum { DEFAULT_RUNS = 40, MAX_RUNS = 10000, MTU_BYTES = 1500 };
static const double goal_ms = 60;

/* Times of one run, absolute; the child's are written by it. */
struct times {
    int64_t begun_ns, celled_ns, up_ns, ended_ns;
};

enum phase { PHASE_CELL, PHASE_UP, PHASE_DOWN, PHASE_ALL, PHASES };
static const char *const phase_names[PHASES] = {"cell", "up", "down",
                                                "up and down"};

static int up_and_down(void *context)
{
    struct times *times = context;
    times->celled_ns = clock_now_ns();
    struct net *net = net_new(1);
    struct host *hosts[] = {net_host(net, "a"), net_host(net, "b")};
    struct link *link = link_new(net, hosts, 2, false);
    int fds[2];
    for (int i = 0; i < 2; i++)
        fds[i] = port_open_tun(&link->ports[i], MTU_BYTES, false);
    times->up_ns = clock_now_ns();
    for (int i = 0; i < 2; i++)
        close(fds[i]);
    net_free(net);
    return 0;
}

static bool measure(struct times *times)
{
    char error[CELL_ERROR_BYTES];
    int status;
    times->begun_ns = clock_now_ns();
    pid_t pid = cell_start(up_and_down, times, error);
    if (pid < 0) {
        fprintf(stderr, "no cell: %s\n", error);
        return false;
    }
    bool ok = waitpid(pid, &status, 0) == pid && status == 0;
    times->ended_ns = clock_now_ns();
    return ok;
}

static double phase_ms(const struct times *times, enum phase phase)
{
    int64_t begin_ns[PHASES] = {times->begun_ns, times->celled_ns, times->up_ns,
                                times->begun_ns};
    int64_t end_ns[PHASES] = {times->celled_ns, times->up_ns, times->ended_ns,
                              times->ended_ns};
    return (double)(end_ns[phase] - begin_ns[phase]) / 1e6;
}

static bool tell(double (*ms)[MAX_RUNS], int runs, bool json)
{
    json_t *phases = json_array();
    if (!json)
        printf("%-12s %8s %8s %8s   ms, %d runs\n", "", "median", "min", "max",
               runs);
    for (int i = 0; i < PHASES; i++) {
        struct bench_spread spread = bench_spread_of(ms[i], runs);
        json_array_append_new(
            phases, json_pack("{s:s, s:f, s:f, s:f}", "name", phase_names[i],
                              "median_ms", spread.median, "min_ms", spread.min,
                              "max_ms", spread.max));
        if (!json)
            printf("%-12s %8.2f %8.2f %8.2f\n", phase_names[i], spread.median,
                   spread.min, spread.max);
    }
    bool met = bench_spread_of(ms[PHASE_ALL], runs).median <= goal_ms;
    json_t *all = json_pack("{s:o, s:i, s:f, s:b}", "phases", phases, "runs",
                            runs, "goal_ms", goal_ms, "met", met);
    if (json)
        json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(5));
    else
        printf("goal: up and down in %.0f ms: %s", goal_ms,
               met ? "met" : "NOT met");
    printf("\n");
    json_decref(all);
    return met;
}

static int run(int runs, bool json)
{
    static double ms[PHASES][MAX_RUNS];
    char dir[256];
    struct testrun testing = *testrun();
    struct times *times = mmap(NULL, sizeof(*times), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (times == MAP_FAILED || work_dir_make(dir, sizeof(dir)) < 0) {
        fprintf(stderr, "no memory, or no work directory\n");
        return 3;
    }
    testing.work_dir = dir;
    testrun_begin(&testing);
    bool ok = true;
    for (int i = 0; i < runs && ok; i++) {
        ok = measure(times);
        for (int phase = 0; phase < PHASES; phase++)
            ms[phase][i] = phase_ms(times, (enum phase)phase);
    }
    work_dir_remove(dir);
    if (!ok)
        return 3;
    return tell(ms, runs, json) ? 0 : 1;
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        {"runs", required_argument, NULL, 'r'},
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0}};
    int runs = DEFAULT_RUNS;
    bool json = false;
    for (int o; (o = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (o == 'j')
            json = true;
        else if (o == 'r')
            runs = (int)strtol(optarg, NULL, 10);
        if (o == '?' || runs < 1 || runs > MAX_RUNS) {
            fprintf(stderr, "usage: %s [--runs 1..%d] [--json]\n", argv[0],
                    MAX_RUNS);
            return 2;
        }
    }
    return run(runs, json);
}

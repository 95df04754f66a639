/* Checkpoint 4: the program's figures are the wire's. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

enum { ATTEMPTS = 7, MAX_ATTEMPTS = 16, BESIDE = 4, BESIDE_RUNS = 3 };

/* ---- Against the capture
 * ------------------------------------------------------ */

static const char *const paths[] = {"40ms-each-way", "jitter", "narrow", NULL};
static const char *const profiles[] = {"delay 40ms",
                                       "delay 25ms 5ms distribution normal",
                                       "delay 10ms rate 1mbit"};

START_TEST(connect_is_one_round_trip)
{
    struct world world = world_new(profiles[_i]);
    web_start(&world, "page", 1000);
    struct proc *probe = probe_start(&world, "-4", "-n", "7", "-t", "5",
                                     "server", "80", "/page");
    const struct answer *answer = probe_end(probe, 0, ATTEMPTS, true);
    struct wire_times wire[ATTEMPTS];
    struct span handshakes[ATTEMPTS], replies[ATTEMPTS];
    size_t count = wire_connections(world.net, wire, ATTEMPTS);
    expect_equal((int64_t)count, ATTEMPTS, "connections on the wire");
    for (size_t i = 0; i < ATTEMPTS; i++) {
        handshakes[i] = (struct span){wire[i].syn_ns, wire[i].synack_ns};
        replies[i] = (struct span){wire[i].request_ns, wire[i].reply_ns};
    }
    expect_agreement(&world, answer, "connect_ms", handshakes, ATTEMPTS,
                     ONE_OFF);
    expect_agreement(&world, answer, "ttfb_ms", replies, ATTEMPTS, ONE_OFF);
}
END_TEST

START_TEST(the_server_thinks)
{
    enum { TIMES = 5 };
    struct world world = world_new("delay 40ms 2ms");
    int listener = host_listen(world.server, DRIVER_PORT);
    struct proc *probe =
        probe_start(&world, "-4", "-n", "5", "-t", "5", "server", "8080", "/");
    for (int i = 0; i < TIMES; i++) {
        int fd = serve_request(listener);
        think(MSECONDS(120));
        serve_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
        think(MSECONDS(60));
        serve_text(fd, "done");
    }
    const struct answer *answer = probe_end(probe, 0, TIMES, true);
    struct wire_times wire[TIMES];
    struct span replies[TIMES];
    size_t count = wire_connections(world.net, wire, TIMES);
    expect_equal((int64_t)count, TIMES, "connections on the wire");
    for (int i = 0; i < TIMES; i++)
        replies[i] = (struct span){wire[i].request_ns, wire[i].reply_ns};
    expect_agreement(&world, answer, "ttfb_ms", replies, TIMES, ONE_OFF);
}
END_TEST

START_TEST(names_are_not_connections)
{
    enum { TIMES = 5, SOME_OFF = 3 };
    struct world world = world_with_dns("delay 15ms", "delay 60ms 5ms");
    char record[128];
    snprintf(record, sizeof(record), "host-record=web.test,%s\n",
             host_addr(world.server));
    names_start(&world, record);
    web_start(&world, "page", 10);
    struct proc *probe = probe_start(&world, "-4", "-n", "5", "-t", "5",
                                     "web.test", "80", "/page");
    const struct answer *answer = probe_end(probe, 0, TIMES, true);
    struct wire_times wire[TIMES];
    struct span questions[TIMES], handshakes[TIMES];
    wire_connections(world.net, wire, TIMES);
    for (int i = 0; i < TIMES; i++) {
        struct packet asked, told;
        if (!capture_nth(world.net, "udp dst port 53", i + 1, &asked) ||
            !capture_nth(world.net, "udp src port 53", i + 1, &told))
            test_fail("probe asked the name server fewer than %d times for %d "
                      "attempts: each attempt is to be a whole one",
                      TIMES, TIMES);
        questions[i] = (struct span){asked.sent_ns, told.delivered_ns};
        handshakes[i] = (struct span){wire[i].syn_ns, wire[i].synack_ns};
    }
    expect_agreement(&world, answer, "dns_ms", questions, TIMES, SOME_OFF);
    expect_agreement(&world, answer, "connect_ms", handshakes, TIMES, SOME_OFF);
}
END_TEST

/* ---- Among each other
 * ---------------------------------------------------------- */

START_TEST(stages_add_up)
{
    static const char *const stages[] = {"dns_ms", "connect_ms", "send_ms",
                                         "ttfb_ms"};
    struct world world = world_new("delay 20ms rate 2mbit");
    web_start(&world, "page", 50000); /* 200 ms of 2 Mbit/s */
    struct proc *probe =
        probe_start(&world, "-4", "-t", "10", "server", "80", "/page");
    const json_t *result = probe_result(probe, 0);
    double sum_ms = 0;
    for (int i = 0; i < 4; i++) {
        double one_ms = number_of(result, stages[i]);
        expect_true(one_ms >= 0, "%s is %.3f, which no stage can take",
                    stages[i], one_ms);
        sum_ms += one_ms;
    }
    double body_ms = number_of(result, "total_ms") - sum_ms;
    if (!(body_ms >= 150))
        test_fail("the stages before the body add up to %.1f of total_ms %.1f; "
                  "expected 150 ms or more to be left for 50 kB at 2 Mbit/s",
                  sum_ms, number_of(result, "total_ms"));
    step("check: %.1f ms are left for the body", body_ms);
}
END_TEST

static void expect_summary(const struct answer *answer, const char *key,
                           size_t attempts)
{
    const json_t *summary = json_object_get(answer->objects[attempts], key);
    double sorted[MAX_ATTEMPTS], median, off;
    size_t n = 0;
    for (size_t i = 0; i < attempts; i++) {
        double value = number_of(answer->objects[i], key);
        size_t at = n;
        if (isnan(value))
            continue;
        for (; at > 0 && sorted[at - 1] > value; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = value;
        n++;
    }
    if (n == 0)
        test_fail("no attempt has a number for %s", key);
    median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    off = fabs(number_of(summary, "min") - sorted[0]) +
          fabs(number_of(summary, "median") - median) +
          fabs(number_of(summary, "max") - sorted[n - 1]);
    if (!(off < 0.003)) /* of rounding */
        test_fail("the summary of %s is min %.3f median %.3f max %.3f; the "
                  "%zu attempts have %.3f, %.3f, %.3f",
                  key, number_of(summary, "min"), number_of(summary, "median"),
                  number_of(summary, "max"), n, sorted[0], median,
                  sorted[n - 1]);
}

/* Four attempts, the third of which fails: three figures of connect, two of
 * ttfb in an even number when the last is cut as well. */
START_TEST(many_attempts_are_summed_up)
{
    static const int fails[] = {0, 1, 0, 0, 1, 0};
    enum { TIMES = 6 };
    struct world world = world_new("delay 10ms 8ms");
    int listener = host_listen(world.server, DRIVER_PORT);
    struct proc *probe =
        probe_start(&world, "-4", "-n", "6", "-t", "5", "server", "8080", "/");
    for (int i = 0; i < TIMES; i++) {
        int fd = serve_request(listener);
        think(MSECONDS(((i * 5) % TIMES) * 8)); /* not in order of size */
        if (!fails[i])
            serve_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
        sock_half_close(fd);
    }
    const struct answer *answer = probe_end(probe, 1, TIMES, true);
    const json_t *summary = answer->objects[TIMES];
    expect_equal((int64_t)number_of(summary, "attempts"), TIMES,
                 "\"attempts\" of the summary");
    expect_equal((int64_t)number_of(summary, "failed"), 2,
                 "\"failed\" of the summary");
    expect_summary(answer, "connect_ms", TIMES);
    expect_summary(answer, "ttfb_ms", TIMES);
    expect_summary(answer, "total_ms", TIMES);
}
END_TEST

/* ---- A clock that somebody sets
 * -------------------------------------------------- */

/* Each look at the time of day is an hour later than the one before. */
static const char shim[] =
    "#define _GNU_SOURCE\n"
    "#include <sys/syscall.h>\n#include <sys/time.h>\n"
    "#include <time.h>\n#include <unistd.h>\n"
    "static long hours;\n"
    "int clock_gettime(clockid_t id, struct timespec *t)\n"
    "{ int r = (int)syscall(SYS_clock_gettime, id, t);\n"
    "  if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)\n"
    "    t->tv_sec += 3600 * ++hours;\n"
    "  return r; }\n"
    "int gettimeofday(struct timeval *restrict t, void *restrict z)\n"
    "{ struct timespec s; (void)z; clock_gettime(CLOCK_REALTIME, &s);\n"
    "  t->tv_sec = s.tv_sec; t->tv_usec = s.tv_nsec / 1000; return 0; }\n"
    "time_t time(time_t *t)\n"
    "{ struct timespec s; clock_gettime(CLOCK_REALTIME, &s);\n"
    "  if (t) *t = s.tv_sec; return s.tv_sec; }\n";

START_TEST(the_clock_is_set)
{
    /* The shim comes before a sanitizer's library, which minds that. */
    static const char *const env[] = {
        "LD_PRELOAD=/work/shim.so",
        "ASAN_OPTIONS=verify_asan_link_order=0:exitcode=86", NULL};
    static const char *const args[] = {"-4",     "-t", "5",     "-n", "1",
                                       "server", "80", "/page", NULL};
    struct world world = world_new("delay 20ms 1ms");
    web_start(&world, "page", 1000);
    file_write(world.net, "client:shim.c", shim, strlen(shim));
    struct proc *gcc = host_start(world.client, peer("gcc"), "-shared", "-fPIC",
                                  "-o", "shim.so", "shim.c");
    expect_exit(gcc, 0, PATIENCE);
    struct start_options options = {.env = env};
    struct proc *probe =
        host_start_with(world.client, program("probe"), &options, args);
    step("the time of day jumps by an hour each time it is asked for");
    const struct answer *answer = probe_end(probe, 0, 1, true);
    const json_t *result = answer->objects[0];
    double total_ms = number_of(result, "total_ms");
    double connect_ms = number_of(result, "connect_ms");
    if (!(total_ms < 60e3 && connect_ms < 60e3))
        test_fail("probe says that an exchange of a fraction of a second took "
                  "%.0f ms, %.0f of them to connect",
                  total_ms, connect_ms);
    expect_true(connect_ms > 0, "connect_ms is not there");
}
END_TEST

/* ---- curl
 * ----------------------------------------------------------------------- */

/* curl tells moments since its beginning; the stages lie between them. */
static void read_curl(const char *output, double stage_ms[BESIDE])
{
    double at[BESIDE];
    int fields =
        sscanf(output, "%lf %lf %lf %lf", &at[0], &at[1], &at[2], &at[3]);
    if (fields != BESIDE)
        test_infra("curl -w printed \"%.60s\"", output);
    for (int i = 0; i < BESIDE; i++)
        stage_ms[i] = at[i] * 1e3;
    stage_ms[2] -= stage_ms[1];
    stage_ms[1] -= stage_ms[0];
}

/* The best of a few runs: what is left when nobody was in the way. */
static void best_of_curl(struct world *world, double best_ms[BESIDE])
{
    for (int run = 0; run < BESIDE_RUNS; run++) {
        double stage_ms[BESIDE];
        struct proc *curl = host_start(world->client, peer("curl"), "-4", "-s",
                                       "-o", "/dev/null", "-w",
                                       "%{time_namelookup} %{time_connect} "
                                       "%{time_starttransfer} %{time_total}",
                                       "http://web.test/page");
        expect_exit(curl, 0, PATIENCE);
        read_curl(proc_stdout(curl, NULL), stage_ms);
        for (int i = 0; i < BESIDE; i++)
            best_ms[i] = run ? fmin(best_ms[i], stage_ms[i]) : stage_ms[i];
    }
}

static double best_of_probe(const struct answer *answer, const char *key)
{
    double best_ms = NAN;
    for (size_t i = 0; i < BESIDE_RUNS; i++)
        best_ms = fmin(best_ms, number_of(answer->objects[i], key));
    return best_ms;
}

START_TEST(beside_curl)
{
    static const char *const keys[BESIDE] = {"dns_ms", "connect_ms", "ttfb_ms",
                                             "total_ms"};
    struct world world = world_with_dns("delay 30ms", "delay 40ms 1ms");
    char record[128];
    snprintf(record, sizeof(record), "host-record=web.test,%s\n",
             host_addr(world.server));
    names_start(&world, record);
    web_start(&world, "page", 20000);
    double theirs[BESIDE];
    best_of_curl(&world, theirs);
    struct proc *probe = probe_start(&world, "-4", "-n", "3", "-t", "5",
                                     "web.test", "80", "/page");
    const struct answer *answer = probe_end(probe, 0, BESIDE_RUNS, true);
    for (int i = 0; i < BESIDE; i++) {
        double yours = best_of_probe(answer, keys[i]);
        compare(keys[i], "ms", yours, "curl", theirs[i]);
        /* Two programs: neither is the truth. */
        double may_ms = 10 + theirs[i] * 0.1 + (double)answer->late_ns / 1e6;
        if (!(fabs(yours - theirs[i]) <= may_ms))
            test_fail("%s is %.3f at best, and curl measures %.3f ms; expected "
                      "to be within %.1f ms of it",
                      keys[i], yours, theirs[i], may_ms);
    }
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(connect_is_one_round_trip),
        .id = "01.4.agrees_with_the_wire",
        .title =
            "connect_ms is the handshake's round trip, ttfb_ms the reply's",
        .checkpoint = 4,
        .points = 5,
        .why = "A figure that is not the wire's sends people to look in the "
               "wrong place.",
        .cause = "a moment was noted too late or too early, or the figure is "
                 "the time between the wrong two.",
        .see = "README.md#figures",
        .variants = paths,
    },
    {
        TEST(the_server_thinks),
        .id = "01.4.think_time",
        .title = "ttfb_ms holds the server's thinking, but not its body",
        .checkpoint = 4,
        .points = 3,
        .why = "Round trip known, the rest of ttfb_ms is the server's.",
        .cause = "first_byte_ns was noted when the head was parsed, or the "
                 "body read, instead of when the first byte came.",
        .see = "README.md#figures",
    },
    {
        TEST(names_are_not_connections),
        .id = "01.4.dns_is_not_connect",
        .title = "The name's time is in dns_ms and not in connect_ms",
        .checkpoint = 4,
        .points = 2,
        .why = "A slow resolver is repaired elsewhere than a slow path.",
        .cause = "connect_ms begins at the beginning instead of where the "
                 "name was resolved.",
        .see = "README.md#figures",
    },
    {
        TEST(stages_add_up),
        .id = "01.4.stages_add_up",
        .title = "No stage is negative, and the rest is the body's",
        .checkpoint = 4,
        .points = 1,
        .why = "A budget whose parts do not add up convinces nobody.",
        .cause = "a moment is noted after the body instead of before it, or "
                 "stages overlap.",
        .see = "README.md#figures",
    },
    {
        TEST(many_attempts_are_summed_up),
        .id = "01.4.summary",
        .title = "-n sums up: min, median, max of what was completed",
        .checkpoint = 4,
        .points = 2,
        .why = "One measurement is an anecdote, and a mean hides the one that "
               "took a second.",
        .cause = "figures were not sorted as numbers, the median of an even "
                 "count is not the mean of the middle two, or stages that were "
                 "not completed count as 0.",
        .see = "README.md#the-specification",
    },
    {
        TEST(the_clock_is_set),
        .id = "01.4.clock_is_set",
        .title = "Setting the clock changes no duration",
        .checkpoint = 4,
        .points = 2,
        .why = "NTP steps clocks, people set them, and leap seconds exist.",
        .cause = "durations were taken from CLOCK_REALTIME, gettimeofday or "
                 "time; clock_ns() uses CLOCK_MONOTONIC.",
        .see = "README.md#figures",
    },
    {
        TEST(beside_curl),
        .id = "01.4.beside_curl",
        .title = "curl, over the same link, sees what probe sees",
        .checkpoint = 4,
        .points = 1,
        .why = "The first thing that others will do with your figures is to "
               "compare them with these.",
        .cause = "a figure has another meaning than its name.",
        .see = "README.md#figures",
    },
};
SUITE_THEME(timing_theme, tests)

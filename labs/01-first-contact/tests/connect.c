/* Checkpoint 2: a connection, or a reason why not, by the deadline. */
#include <math.h>
#include <string.h>

#include "common.h"

#define PORT_TEXT "8080"
#define SYNS "src host client and tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn"

static void expect_beyond_connect(const json_t *result)
{
    const char *stage = text_of(result, "stage");
    bool here = strcmp(stage, "dns") == 0 || strcmp(stage, "connect") == 0;
    if (here)
        expect_done(result);
    if (here)
        test_fail("probe did not get beyond stage \"%s\", though the server "
                  "takes connections: it says \"%s\"",
                  stage, text_of(result, "error"));
}

START_TEST(connects)
{
    struct world world = world_new("delay 20ms 5ms reorder 10%");
    int listener = host_listen(world.server, DRIVER_PORT);
    struct proc *probe =
        probe_start(&world, "-4", "-t", "2", "server", PORT_TEXT);
    int fd = sock_accept(listener, SOON);
    if (fd < 0)
        expect_beyond_connect(probe_result(probe, 1));
    expect_true(fd >= 0, "probe did not connect within 4 s");
    step("take the connection, and close it");
    sock_reset(fd);
    const json_t *result = probe_result(probe, 1);
    expect_beyond_connect(result);
    expect_text(text_of(result, "address"), host_addr(world.server),
                "member \"address\"");
}
END_TEST

START_TEST(refused)
{
    struct world world = world_new("delay 30ms 5ms");
    struct proc *probe = probe_start(&world, "-4", "-t", "5", "server", "81");
    const json_t *result = probe_result(probe, 1);
    expect_outcome(result, "refused", "connect");
    expect_packets(world.net,
                   "src host server and tcp[tcpflags] & tcp-rst != 0", 1, 1,
                   "RST from the server");
    expect_at_most((int64_t)number_of(result, "total_ms"), 1000,
                   "milliseconds until probe said so");
}
END_TEST

START_TEST(black_hole)
{
    struct world world = world_new("delay 10ms");
    host_listen(world.server, DRIVER_PORT);
    link_script(world.link, "drop all of \"tcp\" client->server");
    step("a filter drops each SYN without a word");
    struct proc *probe =
        probe_start(&world, "-4", "-t", "1.5", "server", PORT_TEXT);
    const struct answer *answer = probe_end(probe, 1, 1, false);
    expect_outcome(answer->objects[0], "timeout", "connect");
    need_faults(world.net, FATE_LOST, SYNS, 1);
    expect_deadline(answer, 1.5);
}
END_TEST

/* A router in the middle that knows no way, or may not tell it. */
static const char *const routers[] = {"no-route", "prohibited", NULL};

START_TEST(unreachable)
{
    struct net *net = net_new(_seed());
    struct host *client = net_host(net, "client");
    struct host *router = net_host(net, "router");
    net_link(client, router, "delay 15ms 3ms");
    host_forward(router);
    host_route(client, "default", host_addr(router));
    if (_i == 1)
        host_run(router, "ip route add prohibit 192.0.2.0/24");
    struct proc *probe =
        host_start(client, program("probe"), "-t", "2", "192.0.2.1", "80");
    const json_t *result = probe_result(probe, 1);
    expect_outcome(result, "unreachable", "connect");
    expect_packets(net, "icmp[icmptype] = icmp-unreach", 1, 10,
                   "ICMP \"unreachable\" from the router");
    expect_at_most((int64_t)number_of(result, "total_ms"), 1000,
                   "milliseconds until probe said so");
}
END_TEST

START_TEST(one_deadline_for_all_stages)
{
    struct world world = world_with_dns("delay 10ms", "delay 250ms");
    char record[128];
    snprintf(record, sizeof(record), "host-record=web.test,%s\n",
             host_addr(world.server));
    names_start(&world, record);
    link_script(world.link, "drop all of \"tcp\" client->server");
    step("the name takes 500 ms, the SYN is lost; -t 1");
    struct proc *probe = probe_start(&world, "-4", "-t", "1", "web.test", "80");
    const struct answer *answer = probe_end(probe, 1, 1, false);
    expect_outcome(answer->objects[0], "timeout", "connect");
    expect_deadline(answer, 1);
}
END_TEST

START_TEST(waits_without_working)
{
    struct world world = world_new("delay 10ms");
    link_script(world.link, "drop all of \"tcp\" client->server");
    struct proc *probe =
        probe_start(&world, "-4", "-t", "3", "server", PORT_TEXT);
    bool sent = capture_await(world.net, SYNS, 1, SOON);
    if (!sent)
        expect_done(probe_result(probe, 1));
    expect_true(sent, "probe sent no SYN within 4 s");
    expect_idle(probe, SECONDS(1));
    probe_result(probe, 1);
}
END_TEST

/* What the command line may be.  The last word of each row is NULL. */
static const char *const usages[][6] = {
    {"server"},
    {"server", "0"},
    {"server", "65536"},
    {"server", "80x"},
    {"server", "80", "path"},
    {"server", "80", "/a b"},
    {"server", "80", "/\r\nX: y"},
    {"server", "80", "/", "more"},
    {"", "80"},
    {"ser ver", "80"},
    {"-t", "0", "server", "80"},
    {"-t", "-1", "server", "80"},
    {"-t", "nan", "server", "80"},
    {"-t", "1e3", "server", "80"},
    {"-t", "3601", "server", "80"},
    {"-n", "0", "server", "80"},
    {"-n", "1001", "server", "80"},
    {"-n", "2x", "server", "80"},
    {"-4", "-6", "server", "80"},
    {"-z", "server", "80"},
};

START_TEST(wrong_usage_is_told)
{
    struct world world = world_new("delay 5ms loss 1%");
    static const struct start_options none = {0};
    for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]); i++) {
        struct proc *probe =
            host_start_with(world.client, program("probe"), &none, usages[i]);
        expect_exit(probe, 2, PATIENCE);
        size_t bytes;
        proc_stdout(probe, &bytes);
        expect_equal((int64_t)bytes, 0, "bytes on stdout, where JSON belongs");
        expect_contains(proc_stderr(probe, NULL), "usage", "stderr");
    }
    step("and what is right goes out");
    struct proc *probe =
        probe_start(&world, "-4", "-t", "5", "server", PORT_TEXT, "/a?b=c");
    expect_outcome(probe_result(probe, 1), "refused", "connect");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(connects),
        .id = "01.2.connects",
        .title = "A server that takes connections is connected to",
        .checkpoint = 2,
        .points = 3,
        .why = "All that follows needs it.",
        .cause = "connect on a socket that does not block says EINPROGRESS, "
                 "which is no error: wait for POLLOUT, then ask SO_ERROR.",
        .see = "README.md#checkpoint-2",
    },
    {
        TEST(refused),
        .id = "01.2.refused",
        .title = "A port that nobody has is refused, after one round trip",
        .checkpoint = 2,
        .points = 3,
        .why = "The host lives and the service does not: that is worth "
               "knowing.",
        .cause = "POLLOUT was taken for success, or ECONNREFUSED is not told "
                 "from other errors.",
        .see = "RFC 9293 section 3.5.2",
    },
    {
        TEST(black_hole),
        .id = "01.2.black_hole",
        .title = "When no SYN is answered, probe gives up at its deadline",
        .checkpoint = 2,
        .points = 4,
        .why = "The kernel's own patience is two minutes.",
        .cause = "connect blocks, or is waited for without a limit; or the "
                 "wait is rounded to seconds.",
        .see = "README.md#deadlines",
    },
    {
        TEST(unreachable),
        .id = "01.2.unreachable",
        .title = "A router's \"unreachable\" is heard at once",
        .checkpoint = 2,
        .points = 3,
        .why = "Somebody has told what is wrong; a program that waits for its "
               "deadline instead has not listened.",
        .cause = "ENETUNREACH, EHOSTUNREACH and EACCES in SO_ERROR, or from "
                 "connect itself, come from ICMP or the routing table.",
        .see = "RFC 1122 section 4.2.3.9",
        .variants = routers,
    },
    {
        TEST(one_deadline_for_all_stages),
        .id = "01.2.one_deadline",
        .title = "Names and connection share one deadline",
        .checkpoint = 2,
        .points = 2,
        .why = "A user who allows one second does not mean one second each.",
        .cause = "each stage was given the whole time-out anew.  Hand a moment "
                 "down, not a duration.",
        .see = "README.md#deadlines",
    },
    {
        TEST(waits_without_working),
        .id = "01.2.waits_without_working",
        .title = "probe uses no CPU while it waits for a connection",
        .checkpoint = 2,
        .points = 2,
        .why = "Waiting is free if the kernel does it.",
        .cause = "a loop that asks again and again instead of one poll that "
                 "sleeps; or poll with a time-out of 0.",
        .see = "README.md#deadlines",
    },
    {
        TEST(wrong_usage_is_told),
        .id = "01.2.usage",
        .title = "A command line that makes no sense ends with status 2",
        .checkpoint = 2,
        .points = 1,
        .why = "A path with a line end in it would be a second request.",
        .cause = "an argument is not checked, or not to its last character.",
        .see = "README.md#the-specification",
    },
};
SUITE_THEME(connect_theme, tests)

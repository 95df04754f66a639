/* Checkpoint 6: a path whose middle carries less than its ends.
 *
 *      client ---- r1 ==== r2 ---- server
 *             1500    1280    1500
 */
#include <string.h>

#include "common.h"

enum { BODY_BYTES = 300000, NARROW_BYTES = 1280 };

struct path {
    struct net *net;
    struct host *client, *server;
    struct link *first;
};

static struct path path_new(bool icmp)
{
    struct path path = {.net = net_new(_seed())};
    path.client = net_host(path.net, "client");
    struct host *r1 = net_host(path.net, "r1"), *r2 = net_host(path.net, "r2");
    path.server = net_host(path.net, "server");
    path.first = net_link(path.client, r1, "delay 5ms");
    struct link *middle = net_link(r1, r2, "delay 10ms 2ms");
    net_link(r2, path.server, "delay 2ms");
    host_forward(r1);
    host_forward(r2);
    net_route_all(path.net);
    link_mtu(middle, NARROW_BYTES, icmp);
    file_mkdir(path.net, "server:site");
    file_random(path.net, "server:site/page", BODY_BYTES);
    /* With sendfile nginx sends the head of a reply alone, before the file. */
    server_web(path.server, "sendfile on;");
    return path;
}

static struct proc *start(struct path *path, const char *deadline)
{
    return host_start(path->client, program("probe"), "-4", "-t", deadline,
                      "server", "80", "/page");
}

START_TEST(a_black_hole_is_named)
{
    struct path path = path_new(false);
    struct proc *probe = start(&path, "1.5");
    const struct answer *answer = probe_end(probe, 1, 1, false);
    const json_t *result = answer->objects[0];
    expect_outcome(result, "timeout", "body");
    need_faults(path.net, FATE_LOST, "icmp[icmptype] = icmp-unreach", 1);
    expect_deadline(answer, 1.5);
    expect_contains(text_of(result, "hint"), "possible path-MTU black hole",
                    "member \"hint\"");
}
END_TEST

START_TEST(with_icmp_all_is_well)
{
    struct path path = path_new(true);
    const json_t *result = probe_result(start(&path, "10"), 0);
    expect_success(result, BODY_BYTES);
    expect_packets(path.net, "icmp[icmptype] = icmp-unreach", 1, 1000,
                   "\"fragmentation needed\" from the router");
    expect_text(text_of(result, "hint"), "null", "member \"hint\"");
}
END_TEST

START_TEST(a_cable_that_is_cut_is_something_else)
{
    struct world world = world_new("delay 10ms rate 4mbit");
    web_start(&world, "page", BODY_BYTES);
    struct proc *probe =
        probe_start(&world, "-4", "-t", "1.5", "server", "80", "/page");
    bool flows = capture_await(
        world.net, "src host server and greater 1400 and tcp", 20, PATIENCE);
    if (!flows)
        test_fail("probe's body did not begin within 10 s");
    step("the link goes down in the midst of the body");
    link_down(world.link);
    const struct answer *answer = probe_end(probe, 1, 1, false);
    expect_outcome(answer->objects[0], "timeout", "body");
    expect_deadline(answer, 1.5);
    expect_text(text_of(answer->objects[0], "hint"), "null",
                "member \"hint\", after full segments had come,");
}
END_TEST

START_TEST(a_server_that_thinks_is_something_else)
{
    struct world world = world_new("delay 10ms 2ms");
    int listener = host_listen(world.server, DRIVER_PORT);
    struct proc *probe =
        probe_start(&world, "-4", "-t", "1", "server", "8080", "/");
    serve_request(listener);
    const struct answer *answer = probe_end(probe, 1, 1, false);
    expect_outcome(answer->objects[0], "timeout", "ttfb");
    expect_deadline(answer, 1);
    expect_text(text_of(answer->objects[0], "hint"), "null",
                "member \"hint\", before a reply had begun,");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(a_black_hole_is_named),
        .id = "01.6.black_hole_is_named",
        .title = "A body that stalls on a narrow path is diagnosed",
        .checkpoint = 6,
        .points = 5,
        .why = "\"Small pages work, large ones hang\" has cost many a night.",
        .cause = "probe waits for ever, or says no more than \"timeout\".  "
                 "TCP_INFO knows how large the segments were that came.",
        .see = "README.md#the-mtu-trap",
    },
    {
        TEST(with_icmp_all_is_well),
        .id = "01.6.icmp_cures",
        .title = "Where ICMP passes, the same path works, without a hint",
        .checkpoint = 6,
        .points = 2,
        .why = "The narrow link is not the fault; the silence is.",
        .cause = "the hint is given for a narrow path as such, or the reply is "
                 "not read to its end.",
        .see = "RFC 1191 section 3",
    },
    {
        TEST(a_cable_that_is_cut_is_something_else),
        .id = "01.6.cut_is_no_black_hole",
        .title = "A link that dies in mid-body is no MTU black hole",
        .checkpoint = 6,
        .points = 2,
        .why = "A diagnosis that is always given is none.",
        .cause = "each time-out in the body gets the hint.  Where full "
                 "segments came before, their size is not what is wrong.",
        .see = "README.md#the-mtu-trap",
    },
    {
        TEST(a_server_that_thinks_is_something_else),
        .id = "01.6.thinking_is_no_black_hole",
        .title = "A server that says nothing is no MTU black hole",
        .checkpoint = 6,
        .points = 2,
        .why = "Blaming the network for a slow database helps nobody.",
        .cause = "each time-out gets the hint, whatever the stage.",
        .see = "README.md#the-mtu-trap",
    },
};
SUITE_THEME(mtu_theme, tests)

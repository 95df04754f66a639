/* Checkpoint 3: the whole request goes out, the whole reply comes in. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

#define PORT_TEXT "8080"

/* ---- nginx ------------------------------------------------------------------
 */

static const char *const sizes[] = {"empty", "one-byte", "300-kb", NULL};

START_TEST(whole_bodies)
{
    static const size_t bytes[] = {0, 1, 300000};
    struct world world = world_new("delay 5ms loss 5% reorder 25% 50%");
    web_start(&world, "page", bytes[_i]);
    struct proc *probe =
        probe_start(&world, "-4", "-t", "18", "server", "80", "/page");
    expect_success(probe_result(probe, 0), bytes[_i]);
    if (_i == 2) {
        need_faults(world.net, FATE_LOST, "src host server and tcp", 1);
        need_faults(world.net, FATE_REORDERED, "src host server and tcp", 1);
    }
}
END_TEST

START_TEST(eight_mebibytes)
{
    enum { BYTES = 8 << 20 };
    struct world world = world_new("delay 1ms loss 5% reorder 25% 50%");
    web_start(&world, "page", BYTES);
    struct proc *probe =
        probe_start(&world, "-4", "-t", "18", "server", "80", "/page");
    expect_success(probe_result(probe, 0), BYTES);
    need_faults(world.net, FATE_LOST, "src host server and tcp", 20);
    need_faults(world.net, FATE_REORDERED, "src host server and tcp", 20);
}
END_TEST

/* A home, and the line to the rest of the world:
 *
 *      client --+-- router ==== server       the router translates addresses
 *      dns -----'                            dns has a web page too
 */
struct home {
    struct net *net;
    struct host *client, *dns, *router, *server;
};

static struct home home_new(void)
{
    struct home home = {.net = net_new(_seed())};
    net_want_ipv6(home.net);
    home.client = net_host(home.net, "client");
    home.dns = net_host(home.net, "dns");
    home.router = net_host(home.net, "router");
    home.server = net_host(home.net, "server");
    struct link *lan =
        net_lan(home.net, "delay 1ms", home.client, home.dns, home.router);
    struct link *line =
        net_link(home.router, home.server, "delay 15ms loss 1%");
    host_forward(home.router);
    host_masquerade(home.router, line);
    host_route(home.client, "default", host_addr_on(home.router, lan));
    host_nameserver(home.client, host_addr(home.dns));
    show_dns();
    return home;
}

static struct proc *serve_page(struct home *home, struct host *host,
                               size_t bytes)
{
    char file[32];
    snprintf(file, sizeof(file), "%s:site", host_name(host));
    file_mkdir(home->net, file);
    snprintf(file, sizeof(file), "%s:site/page", host_name(host));
    file_random(home->net, file, bytes);
    return server_web(host, NULL);
}

START_TEST(through_a_home_router)
{
    struct home home = home_new();
    const char *outside = host_addr(home.server);
    char record[64];
    snprintf(record, sizeof(record), "host-record=web.test,%s\n", outside);
    server_names(home.dns, record);
    struct proc *web = serve_page(&home, home.server, 3000);
    serve_page(&home, home.dns, 100);
    struct proc *probe = host_start(home.client, program("probe"), "-4", "-t",
                                    "10", "web.test", "80", "/page");
    expect_success(probe_result(probe, 0), 3000);
    expect_contains(proc_stdout(web, NULL), "10.77.2.1 ",
                    "nginx's log, which knows the router alone,");
    step("and from a neighbour, by IPv6");
    probe = host_start(home.client, program("probe"), "-6", "-t", "10", "dns",
                       "80", "/page");
    expect_success(probe_result(probe, 0), 100);
    expect_packets(home.net, "arp", 2, 1000, "ARP on the home's Ethernet");
    expect_packets(home.net, "icmp6 and ip6[40] = 135", 1, 1000,
                   "neighbour solicitations");
}
END_TEST

/* ---- A server that the test plays
 * -------------------------------------------- */

struct play {
    struct world world;
    int listener;
    struct proc *probe;
};

static struct play play_begin(const char *profile, const char *path)
{
    struct play play = {.world = world_new(profile)};
    play.listener = host_listen(play.world.server, DRIVER_PORT);
    play.probe =
        probe_start(&play.world, "-4", "-t", "10", "server", PORT_TEXT, path);
    return play;
}

START_TEST(the_request_is_right)
{
    static const char *const lines[] = {"GET /a/b?c=d HTTP/1.1\r",
                                        "Host: server:8080\r",
                                        "Connection: close\r"};
    struct play play = play_begin("delay 10ms loss 2%", "/a/b?c=d");
    int fd = sock_accept(play.listener, SOON);
    expect_true(fd >= 0, "probe did not connect within 4 s");
    char line[256], request[4096] = "\n";
    size_t used = 1;
    while (sock_gets(fd, line, sizeof(line), PATIENCE) > 0 &&
           strcmp(line, "\r") != 0 && used + strlen(line) + 2 < sizeof(request))
        used += (size_t)snprintf(request + used, sizeof(request) - used, "%s\n",
                                 line);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char wanted[64];
        snprintf(wanted, sizeof(wanted), "\n%s\n", lines[i]);
        expect_contains(request, wanted, "the request");
    }
    serve_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    expect_success(probe_result(play.probe, 0), 2);
}
END_TEST

/* Sends each byte as a segment of its own. */
static void dribble(struct play *play, int fd, const char *text)
{
    for (int sent = 1; *text; text++, sent++) {
        char one[2] = {*text, '\0'};
        serve_text(fd, one);
        capture_await(play->world.net,
                      "src host server and tcp[tcpflags] & tcp-push != 0", sent,
                      MSECONDS(200));
    }
}

START_TEST(replies_in_single_bytes)
{
    struct play play = play_begin("delay 5ms loss 1%", "/");
    int fd = serve_request(play.listener);
    dribble(&play, fd,
            "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello, world");
    const json_t *result = probe_result(play.probe, 0);
    expect_success(result, 12);
}
END_TEST

START_TEST(chunks)
{
    struct play play = play_begin("delay 5ms reorder 20%", "/");
    int fd = serve_request(play.listener);
    dribble(&play, fd,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\nhello\r\nA;note=x\r\n, chunks!!\r\n0\r\nMore: y\r\n\r\n");
    expect_success(probe_result(play.probe, 0), 15);
}
END_TEST

START_TEST(a_body_up_to_the_end_of_the_stream)
{
    struct play play = play_begin("delay 5ms loss 1%", "/");
    int fd = serve_request(play.listener);
    serve_text(fd, "HTTP/1.1 100 Continue\r\n\r\n"
                   "HTTP/1.1 200 OK\r\n\r\nas long as it is");
    sock_half_close(fd);
    expect_success(probe_result(play.probe, 0), 16);
}
END_TEST

/* A path of 60 kB, buffers of 4 kB, and a server that does not read at once. */
START_TEST(short_writes)
{
    enum { PATH_BYTES = 60000 };
    char *path = calloc(1, PATH_BYTES + 1);
    if (path == NULL)
        test_infra("out of memory");
    memset(path, 'p', PATH_BYTES);
    path[0] = '/';
    struct world world = world_new("delay 5ms loss 1%");
    host_sysctl(world.client, "net.ipv4.tcp_wmem", "4096 4096 4096");
    host_sysctl(world.server, "net.ipv4.tcp_rmem", "4096 4096 4096");
    int listener = host_listen(world.server, DRIVER_PORT);
    struct proc *probe =
        probe_start(&world, "-4", "-t", "15", "server", PORT_TEXT, path);
    int fd = sock_accept(listener, SOON);
    expect_true(fd >= 0, "probe did not connect within 4 s");
    char *request = calloc(1, PATH_BYTES + 16);
    ssize_t n = sock_recv(fd, request, PATH_BYTES + 4, PATIENCE);
    if (n != PATH_BYTES + 4)
        test_fail("a request of %d bytes did not arrive whole: %s", PATH_BYTES,
                  n == -ETIMEDOUT ? "the rest of it has not come for 10 s"
                  : n < 0         ? strerror((int)-n)
                                  : "the stream ended");
    expect_bytes(request + 4, PATH_BYTES, path, PATH_BYTES, "the path");
    expect_true(sock_gets(fd, request, 64, PATIENCE) > 0,
                "the request line has no end");
    serve_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    expect_success(probe_result(probe, 0), 2);
    free(request);
    free(path);
}
END_TEST

START_TEST(waits_for_a_reply_without_working)
{
    struct play play = play_begin("delay 10ms 3ms", "/");
    int fd = serve_request(play.listener);
    step("the server has the request and says nothing");
    expect_idle(play.probe, SECONDS(1));
    serve_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    expect_idle(play.probe, MSECONDS(500));
    serve_text(fd, "ok");
    expect_success(probe_result(play.probe, 0), 2);
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(whole_bodies),
        .id = "01.3.whole_bodies",
        .title = "Bodies of 0 B, 1 B and 300 kB arrive whole from nginx",
        .checkpoint = 3,
        .points = 2,
        .why = "5 % loss and reordering are a bad day on Wi-Fi.",
        .cause = "one recv was taken for the whole reply.  What arrives at "
                 "once is decided by the network.",
        .see = "README.md#a-stream-has-no-boundaries",
        .variants = sizes,
    },
    {
        TEST(eight_mebibytes),
        .id = "01.3.eight_mebibytes",
        .title = "8 MiB arrive whole under 5 % loss and reordering",
        .checkpoint = 3,
        .points = 3,
        .why = "Half an update is worse than none.",
        .cause = "reading ends too soon: only Content-Length, the last chunk "
                 "or the end of the stream say where a body ends.",
        .see = "README.md#a-stream-has-no-boundaries",
        .time_limit_s = 60,
        .lasts_s = 5,
        .load = LOAD_MEDIUM,
    },
    {
        TEST(through_a_home_router),
        .id = "01.3.home_router",
        .title = "A page comes through Ethernet, DNS, a router and its NAT",
        .checkpoint = 3,
        .points = 1,
        .why = "This is the way from your sofa.  The handout's questions are "
               "asked about this test's capture.",
        .cause = "the request or the reply is not complete.",
        .see = "README.md#the-journey-of-one-request",
    },
    {
        TEST(the_request_is_right),
        .id = "01.3.request",
        .title = "The request names path, host and port, and closes",
        .checkpoint = 3,
        .points = 1,
        .why = "A server with many sites knows by the Host line which one is "
               "meant.",
        .cause = "the request was built by hand, or only its beginning was "
                 "sent.",
        .see = "RFC 9112 section 3.2",
    },
    {
        TEST(replies_in_single_bytes),
        .id = "01.3.single_bytes",
        .title = "A reply that comes byte by byte is the same reply",
        .checkpoint = 3,
        .points = 1,
        .why = "TCP keeps the order of bytes and nothing else.",
        .cause = "a head that is not complete yet (-EAGAIN of the parser) was "
                 "taken for an error, or bytes behind it were lost.",
        .see = "README.md#a-stream-has-no-boundaries",
    },
    {
        TEST(chunks),
        .id = "01.3.chunks",
        .title = "A body in chunks ends with its last chunk",
        .checkpoint = 3,
        .points = 1,
        .why = "Servers that do not know a length in advance send these.",
        .cause = "bytes of the stream were counted instead of the body's: let "
                 "http_body_take() see all of them.",
        .see = "RFC 9112 section 7.1",
    },
    {
        TEST(a_body_up_to_the_end_of_the_stream),
        .id = "01.3.until_close",
        .title = "Without any length the end of the stream ends the body",
        .checkpoint = 3,
        .points = 1,
        .why = "Old servers and small devices answer so.",
        .cause = "the end of the stream was taken for an error, or the interim "
                 "reply (100) for the one that counts.",
        .see = "RFC 9112 section 6.3",
    },
    {
        TEST(short_writes),
        .id = "01.3.short_writes",
        .title = "A long request is sent whole when writes are cut short",
        .checkpoint = 3,
        .points = 3,
        .why = "Half a request waits for its other half until somebody gives "
               "up.",
        .cause = "send returned less than it was asked for, and the rest was "
                 "forgotten; or EAGAIN was taken for an error.",
        .see = "README.md#a-stream-has-no-boundaries",
    },
    {
        TEST(waits_for_a_reply_without_working),
        .id = "01.3.waits_without_working",
        .title = "probe uses no CPU while the server thinks",
        .checkpoint = 3,
        .points = 1,
        .why = "A program that spins heats the laptop on which it waits.",
        .cause = "recv on a socket that does not block says EAGAIN: wait with "
                 "poll before you ask again.",
        .see = "README.md#deadlines",
    },
};
SUITE_THEME(reply_theme, tests)

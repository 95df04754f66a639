/* Checkpoint 6: IPv4 alone, IPv6, and both. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

static void expect_udp_echo(struct pair *pair, const char *addr,
                            const char *text)
{
    int fd = host_udp_connected(pair->client, addr, ECHO_PORT);
    step("send a datagram to %s", addr);
    sock_sendto(fd, NULL, 0, text, strlen(text));
    char back[64] = "";
    ssize_t n =
        sock_recvfrom(fd, back, sizeof(back) - 1, NULL, NULL, SECONDS(5));
    if (n < 0)
        test_fail("a datagram sent to %s should come back: %s", addr,
                  n == -ETIMEDOUT ? "nothing came for 5 s" : strerror((int)-n));
    expect_text(back, text, "echoed datagram");
    close(fd);
}

static int expect_tcp_echo(struct pair *pair, const char *addr)
{
    step("connect to %s", addr);
    int fd = host_connect(pair->client, addr, ECHO_PORT, SECONDS(5));
    if (fd < 0)
        test_fail("echod should take a client at %s: %s", addr, strerror(-fd));
    expect_echo(fd, addr, strlen(addr));
    return fd;
}

START_TEST(ipv4_alone)
{
    struct pair pair = pair_new("delay 10ms loss 1%");
    host_sysctl(pair.server, "net.ipv6.conf.all.disable_ipv6", "1");
    struct proc *echod = start_echod(&pair);
    proc_await_udp(echod, ECHO_PORT);
    expect_tcp_echo(&pair, host_addr(pair.server));
    struct proc *fetchd = start_fetchd(&pair);
    file_random(pair.net, "server:files/doc", 20000);
    struct proc *fetch = host_start(pair.client, program("fetch"), "server",
                                    FILE_PORT_TEXT, "doc", "out");
    expect_exit(fetch, 0, SECONDS(8));
    expect_same_file(pair.net, "server:files/doc", "client:out");
    expect_running(fetchd);
}
END_TEST

START_TEST(ipv6_clients)
{
    struct pair pair = pair_new6("delay 10ms loss 1%");
    struct proc *echod = start_echod(&pair);
    proc_await_udp(echod, ECHO_PORT);
    int fd = expect_tcp_echo(&pair, host_addr6(pair.server));
    sock_half_close(fd);
    expect_end_of_stream(fd, "echod");
    start_fetchd(&pair);
    file_random(pair.net, "server:files/doc", 20000);
    struct proc *fetch =
        host_start(pair.client, program("fetch"), host_addr6(pair.server),
                   FILE_PORT_TEXT, "doc", "out");
    expect_exit(fetch, 0, SECONDS(8));
    expect_same_file(pair.net, "server:files/doc", "client:out");
}
END_TEST

START_TEST(both_at_once)
{
    struct pair pair = pair_new6("delay 10ms");
    struct proc *echod = start_echod(&pair);
    proc_await_udp(echod, ECHO_PORT);
    int six = expect_tcp_echo(&pair, host_addr6(pair.server));
    int four = expect_tcp_echo(&pair, host_addr(pair.server));
    expect_udp_echo(&pair, host_addr6(pair.server), "over IPv6");
    expect_udp_echo(&pair, host_addr(pair.server), "over IPv4");
    expect_echo(six, "six", 3);
    expect_echo(four, "four", 4);
}
END_TEST

START_TEST(fanout_over_ipv6)
{
    struct pair pair = pair_new6("delay 10ms loss 3%");
    struct proc *echod = start_echod(&pair);
    proc_await_udp(echod, ECHO_PORT);
    struct proc *fanout =
        host_start(pair.client, program("fanout"), host_addr6(pair.server),
                   ECHO_PORT_TEXT, "100");
    expect_exit(fanout, 0, SECONDS(10));
    expect_output(fanout, "answered=100 unanswered=0", SECONDS(1));
    need_faults(pair.net, FATE_LOST, "ip6", 1);
}
END_TEST

/* The name "server" has two addresses, and a service on one of them. */
static void fetch_from(struct pair *pair, const char *listen, const char *out)
{
    file_write(pair->net, "server:reply", "OK 5\nhello", 10);
    struct proc *socat = host_start(pair->server, peer("socat"), listen,
                                    "SYSTEM:cat reply; cat >/dev/null");
    proc_await_tcp(socat, FILE_PORT);
    struct proc *fetch = host_start(pair->client, program("fetch"), "-t", "5",
                                    "server", FILE_PORT_TEXT, "doc", out);
    expect_exit(fetch, 0, SECONDS(8));
    char name[32];
    size_t bytes;
    snprintf(name, sizeof(name), "client:%s", out);
    char *text = file_read(pair->net, name, &bytes);
    expect_text(text ? text : "(no file)", "hello", "what was fetched");
    free(text);
    proc_kill(socat);
}

START_TEST(tries_the_next_address)
{
    struct pair pair = pair_new6("delay 10ms");
    step("the server listens on IPv4 alone");
    fetch_from(&pair, "TCP4-LISTEN:" FILE_PORT_TEXT ",reuseaddr", "four");
    step("the server listens on IPv6 alone");
    fetch_from(&pair, "TCP6-LISTEN:" FILE_PORT_TEXT ",reuseaddr,ipv6only=1",
               "six");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(ipv4_alone),
        .id = "04.6.ipv4_alone",
        .title = "Everything works on a host without IPv6",
        .checkpoint = 6,
        .points = 2,
        .why = "Containers without IPv6 are the rule.",
        .cause = "an IPv6 socket could not be made or bound, and that ended "
                 "the program; or IPV6_V6ONLY is on, and IPv4 clients find "
                 "nobody.",
        .see = "README.md#two-families",
    },
    {
        TEST(ipv6_clients),
        .id = "04.6.ipv6_clients",
        .title = "Clients that have IPv6 alone are served",
        .checkpoint = 6,
        .points = 2,
        .why = "Half of the phones of this world have no IPv4 address of "
               "their own.",
        .cause = "the socket is of family AF_INET, or an address is kept in a "
                 "struct sockaddr_in, which is too short for IPv6.",
        .see = "RFC 3493 section 5.3",
    },
    {
        TEST(both_at_once),
        .id = "04.6.both_at_once",
        .title = "IPv4 and IPv6 clients at the same time, on TCP and UDP",
        .checkpoint = 6,
        .points = 2,
        .why = "A server does not choose its clients' family.",
        .cause = "only one family is bound, on TCP or on UDP; or an answer to "
                 "a datagram is built for the other family.  Give sendmsg the "
                 "very address that recvmsg gave.",
        .see = "RFC 3493 section 5.3",
    },
    {
        TEST(fanout_over_ipv6),
        .id = "04.6.fanout_over_ipv6",
        .title = "fanout reaches an IPv6 address over a lossy link",
        .checkpoint = 6,
        .points = 1,
        .why = "getaddrinfo knows both families, so the program need not.",
        .cause = "the address is parsed by hand, or the socket's family does "
                 "not come from what getaddrinfo returned.",
        .see = "RFC 3493 section 6.1",
    },
    {
        TEST(tries_the_next_address),
        .id = "04.6.tries_the_next_address",
        .title = "When an address is refused the next one is tried",
        .checkpoint = 6,
        .points = 2,
        .why = "Names get their IPv6 address before the service does.",
        .cause = "only the first result of getaddrinfo is tried.  Walk the "
                 "list; each address needs a socket of its own family.",
        .see = "RFC 6724 section 2",
    },
};
THEME(family_theme, tests)

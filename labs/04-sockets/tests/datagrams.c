/* Checkpoint 3, the server's half: datagrams keep their boundaries. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common.h"

enum { LARGEST_ECHOED = 4096 };

/* echod with its UDP port, and a connected socket to it. */
static int start_with_udp(struct pair *pair)
{
    struct proc *echod = start_echod(pair);
    proc_await_udp(echod, ECHO_PORT);
    return host_udp_connected(pair->client, host_addr(pair->server), ECHO_PORT);
}

static void send_datagram(int fd, const void *data, size_t bytes)
{
    step("send a datagram of %zu bytes", bytes);
    int error = sock_sendto(fd, NULL, 0, data, bytes);
    if (error < 0)
        test_fail("UDP port %d should be there: %s", ECHO_PORT,
                  strerror(-error));
}

static void expect_datagram(int fd, const void *data, size_t bytes)
{
    static char back[65536];
    ssize_t n = sock_recvfrom(fd, back, sizeof(back), NULL, NULL, SECONDS(5));
    if (n == -ETIMEDOUT)
        test_fail("a datagram of %zu bytes should come back, and none did for "
                  "5 s",
                  bytes);
    if (n < 0)
        test_fail("a datagram of %zu bytes should come back: %s", bytes,
                  strerror((int)-n));
    expect_equal(n, (int64_t)bytes, "the datagram that came back has %zd bytes",
                 n);
    expect_bytes(back, (size_t)n, data, bytes, "echoed datagram");
}

START_TEST(datagrams_keep_their_boundaries)
{
    struct pair pair = pair_new("delay 10ms");
    int fd = start_with_udp(&pair);
    const size_t sizes[] = {
        1, (size_t)param_int("bytes", 1000, 6, 1472), 5, 1400, 5, 512};
    enum { COUNT = sizeof(sizes) / sizeof(sizes[0]) };
    char data[2048];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (char)(i * 7);
    for (int i = 0; i < COUNT; i++)
        send_datagram(fd, data + i, sizes[i]);
    for (int i = 0; i < COUNT; i++)
        expect_datagram(fd, data + i, sizes[i]);
}
END_TEST

START_TEST(empty_datagram)
{
    struct pair pair = pair_new("delay 10ms");
    int fd = start_with_udp(&pair);
    send_datagram(fd, "", 0);
    expect_datagram(fd, "", 0);
    send_datagram(fd, "more", 4);
    expect_datagram(fd, "more", 4);
}
END_TEST

START_TEST(no_half_echo)
{
    struct pair pair = pair_new("delay 10ms");
    int fd = start_with_udp(&pair);
    static char data[20000];
    memset(data, 'x', sizeof(data));
    send_datagram(fd, data, LARGEST_ECHOED);
    expect_datagram(fd, data, LARGEST_ECHOED);
    because("recv cuts a datagram that is longer than the buffer, and says "
            "nothing.  recvmsg sets MSG_TRUNC in msg_flags.");
    send_datagram(fd, data, LARGEST_ECHOED + 1);
    send_datagram(fd, data, sizeof(data));
    send_datagram(fd, "the end", 7);
    step("the next datagram to come back must be the last one sent");
    expect_datagram(fd, "the end", 7);
}
END_TEST

/* 10.99.0.1 (or another) is an address of the server that its link does not
 * have. */
START_TEST(answers_from_the_address_asked)
{
    char second[32], prefix[40], answers[64];
    snprintf(second, sizeof(second), "10.99.0.%ld",
             param_int("last_octet", 1, 1, 254));
    snprintf(prefix, sizeof(prefix), "%s/32", second);
    snprintf(answers, sizeof(answers), "udp and src host %s", second);
    struct pair pair = pair_new("delay 10ms");
    host_run(pair.server, "ip addr add %s dev lo", prefix);
    host_route(pair.client, prefix, host_addr(pair.server));
    struct proc *echod = start_echod(&pair);
    proc_await_udp(echod, ECHO_PORT);
    step("ask the server at its second address, %s", second);
    int fd = host_udp_connected(pair.client, second, ECHO_PORT);
    send_datagram(fd, "which", 5);
    bool answered =
        capture_await(pair.net, "udp and src port 9000", 1, SECONDS(5));
    expect_true(answered, "a datagram is not answered within 5 s");
    look_at("udp");
    expect_equal(capture_count(pair.net, answers), 1,
                 "answers that came from the address that was asked, %s",
                 second);
    expect_datagram(fd, "which", 5);
}
END_TEST

START_TEST(tcp_and_udp_at_once)
{
    struct pair pair = pair_new("delay 5ms");
    int udp = start_with_udp(&pair);
    int tcp = connect_to(&pair, ECHO_PORT);
    expect_echo(tcp, "stream", 6);
    step("a TCP client is connected and silent; a datagram comes");
    send_datagram(udp, "message", 7);
    expect_datagram(udp, "message", 7);
    expect_echo(tcp, "stream", 6);
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(datagrams_keep_their_boundaries),
        .id = "04.3.datagrams_keep_their_boundaries",
        .figures = "bytes",
        .title = "Six datagrams come back as six, each whole",
        .checkpoint = 3,
        .points = 3,
        .why = "In UDP the boundary is a part of the message.",
        .cause = "there is no socket of type SOCK_DGRAM on the port, or "
                 "datagrams are collected in a buffer as if they were a "
                 "stream: each recvfrom needs a sendto of exactly as many "
                 "bytes, to the address it came from.",
        .see = "RFC 768",
    },
    {
        TEST(empty_datagram),
        .id = "04.3.empty_datagram",
        .title = "A datagram without a byte is echoed too",
        .checkpoint = 3,
        .points = 2,
        .why = "A server that takes it for an end can be stopped by anybody.",
        .cause = "0 from recv means the end on a stream; on UDP it is a "
                 "message of length 0.",
        .see = "README.md#datagrams-have-nothing-else",
    },
    {
        TEST(no_half_echo),
        .id = "04.3.no_half_echo",
        .title = "A datagram too long for the buffer is not answered by half",
        .checkpoint = 3,
        .points = 3,
        .why = "Half a message with a whole one's authority is worse than "
               "none.",
        .cause = "no datagram up to 4096 bytes may be refused: the buffer is "
                 "too small.",
        .see = "README.md#datagrams-have-nothing-else",
    },
    {
        TEST(answers_from_the_address_asked),
        .id = "04.3.answers_from_the_address_asked",
        .figures = "last_octet",
        .title = "An answer leaves from the address that was asked",
        .checkpoint = 3,
        .points = 2,
        .why = "A client whose socket is connected, and each NAT, drops an "
               "answer from a stranger: DNS servers with two addresses fell "
               "for this.",
        .cause = "the socket is bound to every address, so the kernel chooses "
                 "the answer's source by its route.  Ask for the arrival "
                 "address (IPV6_RECVPKTINFO), and give it back to sendmsg.",
        .see = "RFC 1122 section 4.1.3.5",
    },
    {
        TEST(tcp_and_udp_at_once),
        .id = "04.3.tcp_and_udp_at_once",
        .title = "A silent TCP client does not keep datagrams waiting",
        .checkpoint = 3,
        .points = 2,
        .why = "One program, two transports, neither in the other's way.",
        .cause = "the thread that should receive datagrams is busy with a TCP "
                 "client, or waits in accept.  poll both sockets.",
        .see = "README.md#checkpoint-3",
    },
};
THEME(datagram_theme, tests)

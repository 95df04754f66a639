/* Checkpoint 2: reads and writes do a part of what was asked. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common.h"

enum { MIB = 1024 * 1024 };

START_TEST(one_byte_segments)
{
    struct pair pair = pair_new("delay 5ms 3ms");
    start_echod(&pair);
    int fd = connect_to(&pair, ECHO_PORT);
    enum { MOST = 400 };
    size_t bytes = (size_t)param_int("bytes", 200, 50, MOST);
    char data[MOST], back[MOST];
    for (size_t i = 0; i < bytes; i++)
        data[i] = (char)('a' + i % 26);
    send_dribbling(fd, data, bytes);
    ssize_t n = sock_recv(fd, back, bytes, PATIENCE);
    if (n < 0)
        test_fail("echod should send back %zu bytes that came one by one: %s",
                  bytes, strerror((int)-n));
    expect_bytes(back, (size_t)n, data, bytes, "echo");
    /* Behind netem the driver's kernel puts a few of them together. */
    int segments = capture_count(pair.net, "src host client and ip[2:2] < 60");
    if (segments < (int)bytes / 2)
        test_infra("the driver sent %zu bytes in %d segments only", bytes,
                   segments);
}
END_TEST

START_TEST(tiny_buffers)
{
    struct pair pair = pair_new("delay 1ms 500us duplicate 5%");
    pair_small_buffers(&pair, "4096");
    start_echod(&pair);
    int fd = connect_to(&pair, ECHO_PORT);
    pump(fd, 256 * 1024, NULL, NULL);
    sock_half_close(fd);
    expect_end_of_stream(fd, "echod");
}
END_TEST

START_TEST(short_writes)
{
    struct pair pair = pair_new("delay 2ms");
    pair_small_buffers(&pair, "65536");
    struct proc *echod = start_echod(&pair);
    int fd = connect_to(&pair, ECHO_PORT);
    size_t bytes = send_until_blocked(fd, 8 * MIB);
    step("stop and continue echod five times, while it waits for room");
    for (int i = 0; i < 5; i++)
        stop_and_continue(echod);
    expect_pattern(fd, bytes);
    sock_half_close(fd);
    expect_end_of_stream(fd, "echod");
}
END_TEST

START_TEST(back_pressure)
{
    struct pair pair = pair_new("delay 2ms");
    pair_small_buffers(&pair, "65536");
    struct proc *echod = start_echod(&pair);
    int fd = connect_to(&pair, ECHO_PORT);
    expect_echo(fd, "warm", 4);
    int64_t before_bytes = proc_rss_bytes(echod);
    size_t bytes = send_until_blocked(fd, 16 * MIB);
    expect_at_most((int64_t)bytes, 4 * MIB,
                   "echod took %zu bytes while nobody read its echo", bytes);
    int64_t grown_bytes = proc_rss_bytes(echod) - before_bytes;
    expect_at_most(grown_bytes, 4 * MIB,
                   "echod's memory grew by %lld bytes with what a client sent",
                   (long long)grown_bytes);
    expect_pattern(fd, bytes);
}
END_TEST

#define FIRST_BYTE "tcp[((tcp[12] & 0xf0) >> 2)]"

/* The second byte is sent when the echo of the first has just left: it reaches
 * the server one way later, the ACK of that echo a whole round trip later. */
START_TEST(keystrokes_do_not_wait)
{
    struct pair pair = pair_new("delay 40ms");
    start_echod(&pair);
    int fd = connect_to(&pair, ECHO_PORT), on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    sock_puts(fd, "a");
    bool echoed = capture_await(
        pair.net, "src host server and " FIRST_BYTE " = 0x61", 1, SECONDS(5));
    expect_true(echoed, "one byte is not echoed within 5 s");
    step("send another byte while the first one's echo is on its way");
    sock_puts(fd, "b");
    char back[2];
    ssize_t n = sock_recv(fd, back, 2, SECONDS(5));
    expect_equal(n, 2, "of two bytes that were sent %zd came back", n);
    expect_delay_between(pair.net, "src host client and " FIRST_BYTE " = 0x62",
                         "src host server and " FIRST_BYTE " = 0x62",
                         MSECONDS(40), MSECONDS(65),
                         "the second keystroke and its echo");
}
END_TEST

START_TEST(both_ways_at_once)
{
    struct pair pair = pair_new("");
    link_fast(pair.link);
    struct proc *echod = start_echod(&pair);
    file_random(pair.net, "client:in.bin", 64 * MIB);
    struct proc *socat = host_start(
        pair.client, peer("socat"), "-t", "20", "-b", "131072",
        "OPEN:in.bin,rdonly!!CREATE:out.bin", "TCP:server:" ECHO_PORT_TEXT);
    expect_exit(socat, 0, SECONDS(25));
    expect_same_file(pair.net, "client:in.bin", "client:out.bin");
    expect_running(echod);
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(one_byte_segments),
        .id = "04.2.one_byte_segments",
        .figures = "bytes",
        .title = "200 bytes in 200 segments come back in order",
        .checkpoint = 2,
        .points = 3,
        .why = "How the sender cut the stream is no business of the reader's; "
               "networks cut it again.",
        .cause = "one read was taken for one message.  A read returns what is "
                 "there: one byte, or the bytes of many writes.",
        .see = "README.md#streams-have-no-boundaries",
    },
    {
        TEST(tiny_buffers),
        .id = "04.2.tiny_buffers",
        .title = "256 KiB pass through socket buffers of 4 KiB",
        .checkpoint = 2,
        .points = 3,
        .why = "Buffers are small on busy machines and on small ones.",
        .cause = "a write did less than it was asked to, or a read returned "
                 "less than the buffer holds, and the program did not go on "
                 "from there.",
        .see = "README.md#streams-have-no-boundaries",
    },
    {
        TEST(short_writes),
        .id = "04.2.short_writes",
        .title = "A write that is cut short loses no byte",
        .checkpoint = 2,
        .points = 3,
        .why = "A short write comes once a month, and corrupts a backup.",
        .cause = "the return value of write is ignored or only compared with "
                 "-1.  A write that waits for room and is interrupted returns "
                 "how much it did; the rest is yours to send.",
        .see = "README.md#streams-have-no-boundaries",
    },
    {
        TEST(back_pressure),
        .id = "04.2.back_pressure",
        .title = "A client that does not read is not read from",
        .checkpoint = 2,
        .points = 3,
        .why = "Otherwise one slow client fills the server's memory.",
        .cause = "the server reads on while its echo cannot be written, and "
                 "keeps what it reads.  A blocking write into a full buffer is "
                 "just what is wanted: TCP's window then stops the client.",
        .see = "RFC 9293 section 3.8.6",
    },
    {
        TEST(both_ways_at_once),
        .id = "04.2.both_ways_at_once",
        .title = "socat sends 64 MiB and reads them back at the same time",
        .checkpoint = 2,
        .points = 2,
        .why = "Two sides that both write before they read wait for each other "
               "for ever.",
        .cause = "echod waits for something that only comes when its client "
                 "has read: for the end of the stream, or for a buffer to be "
                 "full.",
        .see = "README.md#streams-have-no-boundaries",
        .load = LOAD_MEDIUM,
        .needs = NEEDS_THROUGHPUT,
        .time_limit_s = 45,
    },
    {
        TEST(keystrokes_do_not_wait),
        .id = "04.2.keystrokes_do_not_wait",
        .title = "A small echo does not wait for the ACK of the one before",
        .checkpoint = 2,
        .points = 2,
        .why = "On a path of 100 ms every second keystroke would take twice as "
               "long.",
        .cause = "TCP_NODELAY is not set on the accepted socket: Nagle's "
                 "algorithm holds a small segment back while another is not "
                 "acknowledged.",
        .see = "RFC 1122 section 4.2.3.4",
    },
};
THEME(partial_theme, tests)

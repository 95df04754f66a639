/* Checkpoint 1: one client gets back what it sends. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

enum { STATUS_NOT_DONE = 9 };

/* Waits until echod listens.  The very first test of the lab meets a skeleton,
 * and has to say that this is as it should be. */
static void expect_begun(struct proc *echod)
{
    struct proc_end end = {0};
    int64_t deadline_ns = clock_now_ns() + PATIENCE;
    while (!proc_listens(echod, ECHO_PORT) && clock_now_ns() < deadline_ns &&
           !proc_wait(echod, MSECONDS(5), &end))
        ;
    if (end.ended && end.exit_code == STATUS_NOT_DONE) {
        because("nothing is wrong: the skeleton does nothing yet");
        test_fail("echod says that it is not written yet.  This failure is "
                  "intended: the lab begins here.  Write listen_on() in "
                  "listen.c first, then serve() in serve.c and echo_stream() "
                  "in echod.c; README.md#checkpoint-1 tells how");
    }
    proc_await_tcp(echod, ECHO_PORT); /* says what is wrong */
}

START_TEST(echoes_a_line)
{
    long number = param_int("number", 0, 0, 999999);
    char line[32] = "hello, world\n";
    if (number)
        snprintf(line, sizeof(line), "hello, %ld\n", number);
    struct pair pair = pair_new("delay 10ms");
    struct proc *echod =
        host_start(pair.server, program("echod"), ECHO_PORT_TEXT);
    expect_begun(echod);
    int fd = connect_to(&pair, ECHO_PORT);
    step("send \"%.*s\\n\"", (int)strcspn(line, "\n"), line);
    expect_echo(fd, line, strlen(line));
    step("send a second line on the same connection");
    expect_echo(fd, "and again\n", 10);
    expect_running(echod);
}
END_TEST

START_TEST(echoes_every_byte)
{
    struct pair pair = pair_new("delay 10ms 4ms duplicate 20%");
    start_echod(&pair);
    int fd = connect_to(&pair, ECHO_PORT);
    unsigned char bytes[1024];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)i; /* a NUL is the very first */
    step("send the bytes 0x00 to 0xff, four times");
    expect_echo(fd, bytes, sizeof(bytes));
    step("send a single NUL");
    expect_echo(fd, "", 1);
}
END_TEST

START_TEST(serves_the_next_client)
{
    struct pair pair = pair_new("delay 10ms loss 1%");
    struct proc *echod = start_echod(&pair);
    for (int i = 0; i < 3; i++) {
        int fd = connect_to(&pair, ECHO_PORT);
        expect_echo(fd, "one of three\n", 13);
        sock_half_close(fd);
        expect_end_of_stream(fd, "echod");
        close(fd);
    }
    expect_running(echod);
}
END_TEST

START_TEST(echoes_to_socat)
{
    struct pair pair = pair_new("delay 5ms loss 2%");
    start_echod(&pair);
    file_random(pair.net, "client:in.bin", 200000);
    struct proc *socat = host_start(pair.client, peer("socat"), "-t", "10",
                                    "OPEN:in.bin,rdonly!!CREATE:out.bin",
                                    "TCP:server:" ECHO_PORT_TEXT);
    expect_exit(socat, 0, SECONDS(15));
    expect_same_file(pair.net, "client:in.bin", "client:out.bin");
    need_faults(pair.net, FATE_LOST, "tcp", 1);
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(echoes_a_line),
        .id = "04.1.echoes_a_line",
        .figures = "number",
        .title = "A client gets back the line it sends",
        .checkpoint = 1,
        .points = 3,
        .why = "Everything later is this, made to last.",
        .cause = "read what is there, write it back, and do so again until "
                 "read returns 0.  A server that waits for more than has come "
                 "(a full buffer, the end of the stream) never answers a "
                 "client that waits for its answer.",
        .see = "README.md#checkpoint-1",
    },
    {
        TEST(echoes_every_byte),
        .id = "04.1.echoes_every_byte",
        .title = "Bytes come back whatever their values are",
        .checkpoint = 1,
        .points = 3,
        .why = "A stream carries images and ciphers, not only text.",
        .cause = "bytes from the network are not a string: strlen, strcpy and "
                 "printf(\"%s\") stop at the first NUL.  The count that read "
                 "returned is the only length there is.",
        .see = "README.md#bytes-are-not-strings",
    },
    {
        TEST(serves_the_next_client),
        .id = "04.1.serves_the_next_client",
        .title = "When a client has gone the next one is served",
        .checkpoint = 1,
        .points = 3,
        .why = "A server outlives its clients.",
        .cause = "accept is called once only, or the connection is not closed "
                 "when read has returned 0, so the client waits for the end of "
                 "the stream.",
        .see = "README.md#checkpoint-1",
    },
    {
        TEST(echoes_to_socat),
        .id = "04.1.echoes_to_socat",
        .title = "socat sends 200 kB over a lossy link and gets them back",
        .checkpoint = 1,
        .points = 3,
        .why = "A client that nobody wrote for this server must be content "
               "with it.",
        .cause = "the connection was closed before everything that was read "
                 "had been written back.",
        .see = "README.md#streams-have-no-boundaries",
    },
};
THEME(echo_theme, tests)

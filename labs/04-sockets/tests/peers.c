/* Checkpoint 4, the server and its clients: those who reset, half-close,
 * vanish; and signals in between. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

enum { MIB = 1024 * 1024 };

/* The client sends a byte, FIN and RST while the server stands still.  When it
 * goes on it reads that byte, and its write meets a connection that is gone:
 * EPIPE, and SIGPIPE for who has not ignored it. */
START_TEST(survives_a_reset)
{
    struct pair pair = pair_new("delay 5ms");
    struct proc *echod = start_echod(&pair);
    int other = connect_to(&pair, ECHO_PORT);
    expect_echo(other, "I stay", 6);
    step("stop echod, and send it a client that leaves before it is served");
    proc_stop(echod);
    int fd = connect_to(&pair, ECHO_PORT);
    sock_puts(fd, "x");
    sock_half_close(fd);
    sock_reset(fd);
    await_delivered(&pair, "src host client and tcp[tcpflags] & tcp-rst != 0",
                    "the client's RST");
    proc_signal(echod, SIGCONT);
    step("echod goes on, and must serve the others");
    struct proc_end end;
    (void)proc_wait(echod, MSECONDS(300), &end); /* it is to go on */
    expect_running(echod);
    expect_echo(other, "still here", 10);
    fd = connect_to(&pair, ECHO_PORT);
    expect_echo(fd, "and new ones", 12);
    expect_running(echod);
}
END_TEST

START_TEST(survives_a_reset_in_mid_echo)
{
    struct pair pair = pair_new("delay 5ms");
    pair_small_buffers(&pair, "65536");
    struct proc *echod = start_echod(&pair);
    struct holdings before = proc_holdings(echod);
    for (int i = 0; i < 3; i++) {
        int fd = connect_to(&pair, ECHO_PORT);
        send_until_blocked(fd, 2 * MIB);
        step("RST, while echod waits to write");
        sock_reset(fd);
    }
    expect_let_go(echod, before, SECONDS(5), "after three resets");
    int fd = connect_to(&pair, ECHO_PORT);
    expect_echo(fd, "next", 4);
}
END_TEST

static void send_usr1(void *context)
{
    proc_signal(context, SIGUSR1);
}

START_TEST(signals_disturb_nobody)
{
    struct pair pair = pair_new("delay 2ms loss 0.5% rate 200mbit");
    struct proc *echod = start_echod(&pair);
    int idle = connect_to(&pair, ECHO_PORT);
    expect_echo(idle, "idle", 4);
    step("SIGUSR1 while echod waits for clients");
    proc_signal(echod, SIGUSR1);
    expect_output(echod, "clients: 1", SECONDS(3));
    int fd = connect_to(&pair, ECHO_PORT);
    step("SIGUSR1 after each 64 KiB of an echo of 4 MiB");
    pump(fd, 4 * MIB, send_usr1, echod);
    sock_half_close(fd);
    expect_end_of_stream(fd, "echod");
    expect_echo(idle, "idle", 4);
    expect_running(echod);
}
END_TEST

START_TEST(half_close_keeps_the_tail)
{
    struct pair pair = pair_new("delay 20ms loss 2%");
    start_echod(&pair);
    enum { BYTES = 150000 };
    int fd = connect_to(&pair, ECHO_PORT);
    char *data = malloc(BYTES), *back = malloc(BYTES);
    for (size_t i = 0; i < BYTES; i++)
        data[i] = (char)(i * 2654435761u >> 9);
    int error = sock_send(fd, data, BYTES, SECONDS(10));
    if (error != 0)
        test_fail("echod should take %d bytes: %s", BYTES, strerror(-error));
    step("half-close with most of the echo still to come");
    sock_half_close(fd);
    ssize_t n = sock_recv(fd, back, BYTES, SECONDS(15));
    if (n < 0)
        test_fail("all %d bytes should come back after the half-close: %s",
                  BYTES, strerror((int)-n));
    expect_bytes(back, (size_t)n, data, BYTES, "echo");
    expect_end_of_stream(fd, "echod");
    need_faults(pair.net, FATE_LOST, "tcp", 1);
    free(data);
    free(back);
}
END_TEST

START_TEST(echoes_to_nc)
{
    struct pair pair = pair_new("delay 10ms loss 1%");
    start_echod(&pair);
    enum { BYTES = 60000 };
    char *data = malloc(BYTES);
    for (size_t i = 0; i < BYTES; i++)
        data[i] = (char)(' ' + i * 2654435761u % 90);
    const char *const argv[] = {"-N", "server", ECHO_PORT_TEXT, NULL};
    struct start_options options = {.stdin_open = true};
    struct proc *nc = host_start_with(pair.client, peer("nc"), &options, argv);
    proc_feed(nc, data, BYTES);
    proc_close_stdin(nc);
    expect_exit(nc, 0, SECONDS(12));
    size_t bytes;
    const char *back = proc_stdout(nc, &bytes);
    expect_bytes(back, bytes, data, BYTES, "what nc got back");
    free(data);
}
END_TEST

START_TEST(lets_vanished_clients_go)
{
    struct pair pair = pair_new("delay 5ms");
    pair_small_buffers(&pair, "65536");
    struct proc *echod =
        host_start(pair.server, program("echod"), "-t", "2", ECHO_PORT_TEXT);
    await_server(echod, ECHO_PORT);
    struct holdings before = proc_holdings(echod);
    int silent = connect_to(&pair, ECHO_PORT);
    expect_echo(silent, "silent", 6);
    int blocked = connect_to(&pair, ECHO_PORT);
    send_until_blocked(blocked, 2 * MIB);
    struct holdings with = proc_holdings(echod);
    expect_at_least(with.descriptors + with.threads,
                    before.descriptors + before.threads + 2,
                    "descriptors and threads with two clients connected");
    step("unplug the cable; neither client says a word more");
    link_down(pair.link);
    expect_let_go(echod, before, SECONDS(6),
                  "2 s (-t 2) after two clients have vanished");
    link_up(pair.link);
    step("plug it in again");
    int fd = connect_to(&pair, ECHO_PORT);
    expect_echo(fd, "a new one", 9);
}
END_TEST

START_TEST(keeps_quiet_clients)
{
    struct pair pair = pair_new("delay 5ms 2ms duplicate 20%");
    struct proc *echod =
        host_start(pair.server, program("echod"), "-t", "2", ECHO_PORT_TEXT);
    await_server(echod, ECHO_PORT);
    int fd = connect_to(&pair, ECHO_PORT);
    expect_echo(fd, "quiet", 5);
    step("say nothing for 3.5 s, with a host that answers");
    char byte;
    ssize_t n = sock_recv(fd, &byte, 1, SECONDS(3.5));
    expect_true(n == -ETIMEDOUT,
                "echod ended the connection of a client that was quiet for "
                "less than 3.5 s, and still there");
    expect_echo(fd, "still here", 10);
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(survives_a_reset),
        .id = "04.4.survives_a_reset",
        .title = "A write to a client that has gone does not kill echod",
        .checkpoint = 4,
        .points = 2,
        .why = "Any client could end the service for all the others.",
        .cause = "SIGPIPE ends a process that writes to a connection which was "
                 "reset.  Ignore it (or send with MSG_NOSIGNAL), and treat "
                 "EPIPE as the end of that one client.",
        .see = "README.md#a-servers-life",
    },
    {
        TEST(survives_a_reset_in_mid_echo),
        .id = "04.4.survives_a_reset_in_mid_echo",
        .title = "Resets in the midst of a write are cleaned up after",
        .checkpoint = 4,
        .points = 1,
        .why = "Browsers are closed while pages load, all day long.",
        .cause = "ECONNRESET from write ends the client: close its socket, "
                 "and end its thread or process, not the server.",
        .see = "README.md#a-servers-life",
    },
    {
        TEST(signals_disturb_nobody),
        .id = "04.4.signals_disturb_nobody",
        .title = "Signals with a handler end no wait for good",
        .checkpoint = 4,
        .points = 2,
        .why = "A server that reopens its log on a signal must not drop its "
               "clients for it.",
        .cause = "EINTR is no error: the call was interrupted before it did "
                 "anything.  accept, read, write and poll are then simply "
                 "called again.",
        .see = "README.md#signals",
    },
    {
        TEST(half_close_keeps_the_tail),
        .id = "04.4.half_close_keeps_the_tail",
        .title = "After a client's FIN it still gets the whole echo",
        .checkpoint = 4,
        .points = 2,
        .why = "\"I have no more to say\" does not mean \"I do not listen\".",
        .cause = "read returned 0 and the server closed although bytes it had "
                 "read were not written yet, or it closed with SO_LINGER 0, "
                 "which throws away what is still to be sent.",
        .see = "RFC 9293 section 3.6",
    },
    {
        TEST(echoes_to_nc),
        .id = "04.4.echoes_to_nc",
        .title = "nc -N sends 60 kB, half-closes, and gets all of them back",
        .checkpoint = 4,
        .points = 1,
        .why = "nc is how people will try your server.",
        .cause = "see half_close_keeps_the_tail: it is the same mistake, seen "
                 "by a client that nobody wrote for this test.",
        .see = "README.md#half-close",
    },
    {
        TEST(lets_vanished_clients_go),
        .id = "04.4.lets_vanished_clients_go",
        .title = "Clients that vanish without a word are let go",
        .checkpoint = 4,
        .points = 2,
        .why = "A laptop that is closed sends no FIN; its connection would "
               "stay for ever.",
        .cause = "without keepalive a silent connection lives as long as the "
                 "process; and a write that is never acknowledged ends after "
                 "15 minutes unless TCP_USER_TIMEOUT (or a deadline on the "
                 "write) says otherwise.",
        .see = "README.md#who-vanishes",
    },
    {
        TEST(keeps_quiet_clients),
        .id = "04.4.keeps_quiet_clients",
        .lasts_s = 4,
        .title = "A client that is quiet but there is kept",
        .checkpoint = 4,
        .points = 1,
        .why = "Silence is not absence: only the network can tell them apart.",
        .cause = "echod closes after a time without data.  TCP keepalive asks "
                 "the other kernel instead, which answers for a quiet program.",
        .see = "README.md#who-vanishes",
    },
};
THEME(peer_theme, tests)

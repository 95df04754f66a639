/* Checkpoint 4, the server alone: how it starts, stops, and what it keeps. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

START_TEST(restarts_at_once)
{
    struct pair pair = pair_new("delay 5ms");
    struct proc *echod = start_echod(&pair);
    int fd = connect_to(&pair, ECHO_PORT);
    expect_echo(fd, "before", 6);
    step("kill echod while a client is connected: its side closes first");
    proc_kill(echod);
    expect_end_of_stream(fd, "the kernel of a killed server");
    close(fd);
    bool closed = capture_await(
        pair.net, "src host client and tcp[tcpflags] & tcp-fin != 0", 1,
        SECONDS(5));
    expect_true(closed, "the client's FIN was not seen");
    step("start echod again: its port is in TIME_WAIT");
    echod = host_start(pair.server, program("echod"), ECHO_PORT_TEXT);
    proc_await_tcp(echod, ECHO_PORT);
    fd = connect_to(&pair, ECHO_PORT);
    expect_echo(fd, "after", 5);
}
END_TEST

/* Tries until the server takes no more clients. */
static void expect_refusal(struct pair *pair)
{
    int64_t deadline_ns = clock_now_ns() + SECONDS(3);
    int fd = 0;
    while (fd >= 0 && clock_now_ns() < deadline_ns) {
        fd = host_connect(pair->client, host_addr(pair->server), ECHO_PORT,
                          SECONDS(3));
        if (fd >= 0)
            close(fd);
    }
    if (fd >= 0)
        test_fail("echod still lets new clients in, 3 s after SIGTERM");
    if (fd != -ECONNREFUSED)
        test_fail("after SIGTERM new clients should be refused: %s",
                  strerror(-fd));
}

START_TEST(sigterm_lets_clients_finish)
{
    struct pair pair = pair_new("delay 10ms loss 1%");
    struct proc *echod = start_echod(&pair);
    int fd = connect_to(&pair, ECHO_PORT);
    expect_echo(fd, "first half ", 11);
    proc_signal(echod, SIGTERM);
    struct proc_end end;
    expect_true(!proc_wait(echod, MSECONDS(200), &end),
                "on SIGTERM echod ended at once, with a client connected");
    expect_refusal(&pair);
    expect_echo(fd, "second half", 11);
    sock_half_close(fd);
    expect_end_of_stream(fd, "echod");
    close(fd);
    step("the last client has gone: echod has nothing to wait for");
    expect_exit(echod, 0, SECONDS(2.5));
}
END_TEST

START_TEST(sigterm_does_not_wait_for_ever)
{
    struct pair pair = pair_new("delay 5ms");
    struct proc *echod = start_echod(&pair);
    int fd = connect_to(&pair, ECHO_PORT);
    expect_echo(fd, "I stay", 6);
    int64_t began_ns = clock_now_ns();
    proc_signal(echod, SIGTERM);
    expect_exit(echod, 0, SECONDS(7));
    int64_t ms = (clock_now_ns() - began_ns) / 1000000;
    expect_between(ms, 4000, 7000, "a client that stayed was given %lld ms",
                   (long long)ms);
}
END_TEST

/* ---- 200 clients at once ------------------------------------------------- */

enum { CROWD = 200 };

/* Begins a connection without waiting for it. */
static int begin_connection(struct pair *pair)
{
    int fd = host_socket(pair->client, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(ECHO_PORT)};
    inet_pton(AF_INET, host_addr(pair->server), &to.sin_addr);
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 &&
        errno != EINPROGRESS)
        test_infra("connect: %s", strerror(errno));
    return fd;
}

static void expect_connected(int fd, int number)
{
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof(error);
    if (poll(&wait, 1, 5000) == 0)
        error = ETIMEDOUT;
    else
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
        test_fail("client %d of %d should be let in: %s", number, CROWD,
                  strerror(error));
}

START_TEST(two_hundred_clients)
{
    struct pair pair = pair_new("delay 10ms 2ms");
    struct proc *echod = start_echod(&pair);
    int fds[CROWD];
    step("connect %d clients at once", CROWD);
    for (int i = 0; i < CROWD; i++)
        fds[i] = begin_connection(&pair);
    for (int i = 0; i < CROWD; i++)
        expect_connected(fds[i], i + 1);
    char line[CROWD][32];
    step("each sends a line of its own, then all echoes are read");
    for (int i = 0; i < CROWD; i++) {
        snprintf(line[i], sizeof(line[i]), "client %d", i);
        sock_send(fds[i], line[i], strlen(line[i]), SECONDS(5));
    }
    for (int i = CROWD - 1; i >= 0; i--) {
        char back[32] = "";
        ssize_t n = sock_recv(fds[i], back, strlen(line[i]), PATIENCE);
        if (n < 0)
            test_fail("client %d of %d should get its line back: %s", i + 1,
                      CROWD, strerror((int)-n));
        expect_text(back, line[i], "echo of one of many clients");
    }
    expect_running(echod);
}
END_TEST

START_TEST(clients_leave_nothing)
{
    struct pair pair = pair_new("delay 1ms");
    struct proc *echod = start_echod(&pair);
    struct holdings before = proc_holdings(echod);
    step("100 clients come and go, one after another; every other one leaves "
         "with a RST");
    for (int i = 0; i < 100; i++) {
        int fd = connect_to(&pair, ECHO_PORT);
        expect_echo(fd, "x", 1);
        if (i % 2)
            sock_reset(fd);
        else
            close(fd);
    }
    expect_let_go(echod, before, SECONDS(5), "after 100 clients");
}
END_TEST

START_TEST(waits_without_working)
{
    struct pair pair = pair_new("delay 1ms");
    struct proc *echod = start_echod(&pair);
    for (int i = 0; i < 3; i++) {
        int fd = connect_to(&pair, ECHO_PORT);
        expect_echo(fd, "then silence", 12);
        if (i == 0)
            sock_half_close(fd);
    }
    expect_idle(echod, MSECONDS(1500));
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(restarts_at_once),
        .id = "04.4.restarts_at_once",
        .title = "echod can be started again on the port it just had",
        .checkpoint = 4,
        .points = 2,
        .why = "A service that cannot restart for a minute is down for a "
               "minute.",
        .cause = "SO_REUSEADDR is not set, or set after bind.  The side that "
                 "closes first keeps the connection in TIME_WAIT, and with it "
                 "the port.",
        .see = "RFC 9293 section 3.6.1",
    },
    {
        TEST(two_hundred_clients),
        .id = "04.4.two_hundred_clients",
        .title = "200 clients are served at the same time",
        .checkpoint = 4,
        .points = 2,
        .why = "Clients come in crowds: after a network was away, all at once.",
        .cause = "clients are served one after another, or there is a small "
                 "limit: of listen's backlog, of threads, of a table.",
        .see = "README.md#checkpoint-4",
        .load = LOAD_MEDIUM,
    },
    {
        TEST(clients_leave_nothing),
        .id = "04.4.clients_leave_nothing",
        .title = "100 clients that have left cost nothing",
        .checkpoint = 4,
        .points = 2,
        .why = "One descriptor lost per client stops a server after 1024.",
        .cause = "a path on which the connection is not closed, or a process "
                 "that has ended and was never waited for.",
        .see = "README.md#a-servers-life",
    },
    {
        TEST(sigterm_lets_clients_finish),
        .id = "04.4.sigterm_lets_clients_finish",
        .title = "On SIGTERM clients in hand are served to the end",
        .checkpoint = 4,
        .points = 3,
        .why = "Every deployment stops every server; no user should notice.",
        .cause = "on SIGTERM: close the listening sockets at once, serve on "
                 "those who are connected, exit with 0 when the last has gone.",
        .see = "README.md#a-servers-life",
    },
    {
        TEST(sigterm_does_not_wait_for_ever),
        .id = "04.4.sigterm_does_not_wait_for_ever",
        .lasts_s = 5,
        .title = "A client who stays is given 5 s",
        .checkpoint = 4,
        .points = 1,
        .why = "Who does not stop by himself is killed, and then it is not "
               "clean.",
        .cause = "the wait for the last client has no deadline, or the exit "
                 "status after it is not 0.",
        .see = "README.md#a-servers-life",
    },
    {
        TEST(waits_without_working),
        .id = "04.4.waits_without_working",
        .title = "echod uses no CPU while its clients are silent",
        .checkpoint = 4,
        .points = 1,
        .why = "Waiting is free if the kernel does it.",
        .cause = "a loop around a call that does not block: a non-blocking "
                 "accept or recv without poll, or poll told about an event "
                 "that is never dealt with.",
        .see = "README.md#a-servers-life",
    },
};
THEME(life_theme, tests)

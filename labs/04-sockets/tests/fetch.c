/* Checkpoint 5, the client: fetch believes a file when its last byte is there.
 * Where the server has to misbehave, the test is the server. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

/* Plays the server for one connection; the request line is read and checked. */
static int accept_request(int listener, const char *request)
{
    int fd = sock_accept(listener, PATIENCE);
    expect_true(fd >= 0, "fetch did not connect within 5 s");
    char line[512];
    ssize_t n = sock_gets(fd, line, sizeof(line), SECONDS(5));
    expect_true(n >= 0, "fetch sent no request line within 5 s");
    expect_text(line, request, "request");
    return fd;
}

static struct proc *start_fetch(struct pair *pair)
{
    return host_start(pair->client, program("fetch"), "-t", "2",
                      host_addr(pair->server), FILE_PORT_TEXT, "doc", "out");
}

/* "out" is as it was and nothing lies beside it. */
static void expect_untouched(struct pair *pair)
{
    size_t bytes;
    char *out = file_read(pair->net, "client:out", &bytes);
    expect_text(out ? out : "(no file)", "old", "the file that was there");
    free(out);
    expect_equal(file_count(pair->net, "client:"), 1,
                 "files in fetch's directory, where the old one alone should "
                 "be");
}

START_TEST(survives_a_bad_link)
{
    char profile[64];
    snprintf(profile, sizeof(profile),
             "delay 50ms loss %ld%% reorder 25%% 50%%",
             param_int("loss", 3, 1, 5));
    struct pair pair = pair_new(profile);
    start_fetchd(&pair);
    file_random(pair.net, "client:in.bin",
                (size_t)param_int("bytes", 60000, 30000, 120000));
    struct proc *put = host_start(pair.client, program("fetch"), "-p", "server",
                                  FILE_PORT_TEXT, "doc", "in.bin");
    expect_exit(put, 0, SECONDS(15));
    expect_same_file(pair.net, "client:in.bin", "server:files/doc");
    struct proc *get = host_start(pair.client, program("fetch"), "server",
                                  FILE_PORT_TEXT, "doc", "out.bin");
    expect_exit(get, 0, SECONDS(15));
    expect_same_file(pair.net, "client:in.bin", "client:out.bin");
    need_faults(pair.net, FATE_LOST, "tcp", 1);
    need_faults(pair.net, FATE_REORDERED, "tcp", 1);
}
END_TEST

/* Counts the client's connections by their ports: a SYN may be sent again. */
static int count_connections(struct pair *pair)
{
    static const char syn[] =
        "src host client and tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn";
    int count = 0, last_port = -1;
    struct packet packet = {0};
    while (capture_next(pair->net, syn, packet.number, &packet)) {
        const uint8_t *tcp = packet.ip + (packet.ip[0] & 0xf) * 4;
        int port = tcp[0] << 8 | tcp[1];
        count += port != last_port;
        last_port = port;
    }
    return count;
}

START_TEST(several_files_on_one_connection)
{
    struct pair pair = pair_new("delay 10ms loss 1%");
    file_mkdir(pair.net, "server:files");
    file_random(pair.net, "server:files/a", 40000);
    file_random(pair.net, "server:files/c", 30000);
    start_fetchd(&pair);
    struct proc *fetch =
        host_start(pair.client, program("fetch"), "server", FILE_PORT_TEXT, "a",
                   "a.out", "b", "b.out", "c", "c.out");
    because("an ERR is an answer like any other: the stream is in step behind "
            "it, and the next pair can be asked for");
    expect_exit(fetch, 1, SECONDS(10));
    expect_same_file(pair.net, "server:files/a", "client:a.out");
    expect_no_file(pair.net, "client:b.out");
    expect_same_file(pair.net, "server:files/c", "client:c.out");
    because("each pair was fetched by a connection of its own");
    int opened = count_connections(&pair);
    expect_equal(opened, 1, "fetch opened %d connections", opened);
}
END_TEST

START_TEST(believes_whole_files_only)
{
    struct pair pair = pair_new("delay 5ms");
    file_write(pair.net, "client:out", "old", 3);
    int listener = host_listen(pair.server, FILE_PORT);
    struct proc *fetch = start_fetch(&pair);
    int fd = accept_request(listener, "GET doc");
    step("promise 1000 bytes, send 5, end the stream");
    sock_puts(fd, "OK 1000\nbegin");
    close(fd);
    expect_exit(fetch, 3, SECONDS(4));
    expect_untouched(&pair);
    fetch = start_fetch(&pair);
    fd = accept_request(listener, "GET doc");
    step("promise 1000 bytes, send 5; then the link goes down");
    sock_puts(fd, "OK 1000\nbegin");
    bool sent = capture_await(
        pair.net, "src host client and tcp[tcpflags] & tcp-syn != 0", 2,
        SECONDS(2));
    expect_true(sent, "fetch did not connect a second time");
    link_down(pair.link);
    expect_exit(fetch, 3, SECONDS(6));
    expect_untouched(&pair);
}
END_TEST

START_TEST(replies_are_not_trusted)
{
    static const char *const replies[] = {
        "HELLO\n",      "OK\n",
        "OK -5\nabcde", "OK 5 6\nabcde",
        "OK 5x\nabcde", "ERR 12\n",
        "ERR x y\n",    "OK 9223372036854775808\nabc",
    };
    struct pair pair = pair_new("delay 2ms");
    file_write(pair.net, "client:out", "old", 3);
    int listener = host_listen(pair.server, FILE_PORT);
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
        struct proc *fetch = start_fetch(&pair);
        int fd = accept_request(listener, "GET doc");
        step("reply %zu: %.*s", i, (int)strcspn(replies[i], "\n"), replies[i]);
        sock_puts(fd, replies[i]);
        expect_exit(fetch, 4, SECONDS(4));
        close(fd);
    }
    expect_untouched(&pair);
    step("a name with LF in it would be two requests");
    struct proc *fetch =
        host_start(pair.client, program("fetch"), host_addr(pair.server),
                   FILE_PORT_TEXT, "doc\nPUT evil 0", "out");
    expect_exit(fetch, 2, SECONDS(4));
}
END_TEST

START_TEST(a_pause_is_no_error)
{
    struct pair pair = pair_new("delay 5ms");
    int listener = host_listen(pair.server, FILE_PORT);
    struct proc *fetch =
        host_start(pair.client, program("fetch"), "-t", "20",
                   host_addr(pair.server), FILE_PORT_TEXT, "doc", "out");
    int fd = accept_request(listener, "GET doc");
    sock_puts(fd, "OK 10\n");
    step("stop and continue fetch five times, while it waits for a body");
    for (int i = 0; i < 5; i++) {
        stop_and_continue(fetch);
        sock_puts(fd, "xy");
    }
    expect_exit(fetch, 0, SECONDS(5));
    size_t bytes;
    char *out = file_read(pair.net, "client:out", &bytes);
    expect_text(out ? out : "(no file)", "xyxyxyxyxy", "what was fetched");
    free(out);
}
END_TEST

START_TEST(hears_an_early_refusal)
{
    struct pair pair = pair_new("delay 5ms");
    pair_small_buffers(&pair, "65536");
    file_random(pair.net, "client:in.bin", 3000000);
    int listener = host_listen(pair.server, FILE_PORT);
    struct proc *fetch =
        host_start(pair.client, program("fetch"), "-p", "-t", "5",
                   host_addr(pair.server), FILE_PORT_TEXT, "doc", "in.bin");
    int fd = accept_request(listener, "PUT doc 3000000");
    step("refuse at once, without reading the body, and close");
    sock_puts(fd, "ERR 413 too large\n");
    close(fd);
    expect_exit(fetch, 1, SECONDS(8));
    expect_contains(proc_stderr(fetch, NULL), "413", "fetch's complaint");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(survives_a_bad_link),
        .id = "04.5.survives_a_bad_link",
        .figures = "loss bytes",
        .title = "60 kB there and back, with 3 % loss, 50 ms, reordering",
        .checkpoint = 5,
        .points = 2,
        .why = "This is a train's network, and nothing special.",
        .cause = "a time-out is shorter than TCP's own patience, or a read "
                 "that returned little is taken for the last one.",
        .see = "README.md#checkpoint-5",
        .time_limit_s = 40,
    },
    {
        TEST(several_files_on_one_connection),
        .id = "04.5.several_files_on_one_connection",
        .title = "fetch gets several files by one connection",
        .checkpoint = 5,
        .points = 1,
        .why = "Each new connection costs a round trip and begins slowly.",
        .cause = "what was read beyond the end of one body was lost: it is the "
                 "beginning of the next reply.",
        .see = "README.md#the-file-service",
    },
    {
        TEST(believes_whole_files_only),
        .id = "04.5.believes_whole_files_only",
        .title = "A download that breaks off leaves the old file",
        .checkpoint = 5,
        .points = 1,
        .why = "A script that runs half an update has no way to know.",
        .cause = "the end of the stream is not the end of the file: count the "
                 "bytes that OK promised.  And without a deadline a dead link "
                 "is waited for until morning.",
        .see = "README.md#whole-or-not-at-all",
    },
    {
        TEST(replies_are_not_trusted),
        .id = "04.5.replies_are_not_trusted",
        .title = "What is no reply ends fetch with status 4",
        .checkpoint = 5,
        .points = 1,
        .why = "Servers lie too: by mistake, or because they are not yours.",
        .cause = "the parser takes signs, tails, overflow, or a line that is "
                 "neither OK nor ERR.",
        .see = "README.md#the-file-service",
    },
    {
        TEST(a_pause_is_no_error),
        .id = "04.5.a_pause_is_no_error",
        .title = "fetch can be stopped (Ctrl-Z) and continued",
        .checkpoint = 5,
        .points = 1,
        .why = "A debugger, a laptop's lid and a shell do just this.",
        .cause = "EINTR from read on a socket with a time-out: even without a "
                 "signal handler it comes when a stopped process goes on.",
        .see = "README.md#signals",
    },
    {
        TEST(hears_an_early_refusal),
        .id = "04.5.hears_an_early_refusal",
        .title = "fetch -p reports why the server hung up",
        .checkpoint = 5,
        .points = 1,
        .why = "\"Broken pipe\" tells the user nothing.",
        .cause = "when a write fails with EPIPE or ECONNRESET there may be a "
                 "reply waiting to be read; or SIGPIPE ended the program.",
        .see = "README.md#half-close",
    },
};
THEME(fetch_theme, tests)

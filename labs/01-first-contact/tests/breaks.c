/* Checkpoint 3: replies that break off, and how each is told. */
#include <string.h>

#include "common.h"

#define PORT_TEXT "8080"
#define HEAD "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"

/* What a server says before it breaks off, and what probe should say then. */
struct broken {
    const char *text;
    const char *stage; /* that had begun */
    int64_t bytes;     /* of content until then */
};

/* Plays the server up to that point.  Returns the connection. */
static int break_off(struct world *world, const struct broken *broken,
                     struct proc **probe, const char *deadline)
{
    int listener = host_listen(world->server, DRIVER_PORT);
    *probe = probe_start(world, "-4", "-t", deadline, "server", PORT_TEXT);
    int fd = serve_request(listener);
    serve_text(fd, broken->text);
    return fd;
}

static const char *const truncations[] = {"nothing", "head", "body", "chunk",
                                          NULL};

START_TEST(truncated)
{
    static const struct broken cases[] = {
        {"", "ttfb", 0},
        {"HTTP/1.1 200 OK\r\nContent-Le", "body", 0},
        {HEAD "hello", "body", 5},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
         "body", 5},
    };
    struct world world = world_new("delay 10ms loss 2%");
    struct proc *probe;
    int fd = break_off(&world, &cases[_i], &probe, "10");
    step("the server closes");
    sock_half_close(fd);
    const json_t *result = probe_result(probe, 1);
    expect_outcome(result, "truncated", cases[_i].stage);
    expect_equal((int64_t)number_of(result, "bytes"), cases[_i].bytes,
                 "bytes of the body that came");
}
END_TEST

static const char *const resets[] = {"before-the-reply", "in-the-body", NULL};

START_TEST(reset)
{
    static const struct broken cases[] = {
        {"", "ttfb", 0},
        {HEAD "hello", "body", 5},
    };
    struct world world = world_new("delay 10ms loss 1%");
    struct proc *probe;
    int fd = break_off(&world, &cases[_i], &probe, "10");
    /* A RST may overtake nothing, but it discards what was not read yet. */
    if (_i == 1 &&
        !capture_await(world.net, "src host client and tcp[tcpflags] = tcp-ack",
                       2, PATIENCE))
        test_fail("probe left in the midst of a body that had begun well");
    step("the server resets the connection");
    sock_reset(fd);
    expect_outcome(probe_result(probe, 1), "reset", cases[_i].stage);
}
END_TEST

START_TEST(malformed)
{
    static const char *const texts[] = {
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    };
    struct world world = world_new("delay 2ms reorder 10%");
    int listener = host_listen(world.server, DRIVER_PORT);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct proc *probe =
            probe_start(&world, "-4", "-t", "5", "server", PORT_TEXT);
        int fd = serve_request(listener);
        step("reply %zu: %.*s", i, (int)strcspn(texts[i], "\r"), texts[i]);
        serve_text(fd, texts[i]);
        expect_outcome(probe_result(probe, 1), "malformed", "body");
    }
}
END_TEST

/* Each byte is a sign of life; together they are an hour of waiting. */
START_TEST(a_deadline_in_the_body)
{
    struct world world = world_new("delay 10ms 3ms");
    static const struct broken beginning = {HEAD, "body", 0};
    struct proc *probe;
    struct proc_end end;
    int fd = break_off(&world, &beginning, &probe, "1.2");
    int64_t began_ns = clock_now_ns(), tick_ns = began_ns, late_ns = 0;
    step("a byte of the body every 50 ms, and no end");
    while (tick_ns < began_ns + SECONDS(4) &&
           !proc_wait(probe, MSECONDS(50), &end) &&
           sock_send(fd, "x", 1, SECONDS(1)) == 0) {
        int64_t over_ns = clock_now_ns() - tick_ns - MSECONDS(50);
        late_ns = over_ns > late_ns ? over_ns : late_ns;
        tick_ns = clock_now_ns();
    }
    /* It may have closed a moment before its end. */
    bool ended = proc_wait(probe, MSECONDS(500), &end);
    expect_true(ended, "probe is still waiting after 4 s, and was told to "
                       "wait for 1.2 s at most (-t 1.2)");
    const struct answer *answer = probe_end(probe, 1, 1, false);
    expect_outcome(answer->objects[0], "timeout", "body");
    expect_total(answer->objects[0], 1.2, late_ns);
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(truncated),
        .id = "01.3.truncated",
        .title = "A reply whose end is missing is truncated",
        .checkpoint = 3,
        .points = 3,
        .why = "The end of a stream says that the server closed, not that it "
               "was done.",
        .cause = "recv returned 0 and that was taken for success; the body "
                 "knows (http_body_close()) whether it is whole.",
        .see = "RFC 9112 section 8",
        .variants = truncations,
    },
    {
        TEST(reset),
        .id = "01.3.reset",
        .title = "A connection that is torn down is reset, not truncated",
        .checkpoint = 3,
        .points = 2,
        .why = "A crash, a firewall and an orderly close look alike only to "
               "who does not look.",
        .cause = "ECONNRESET is not told from the end of the stream.",
        .see = "RFC 9293 section 3.10.7.4",
        .variants = resets,
    },
    {
        TEST(malformed),
        .id = "01.3.malformed",
        .title = "What is no HTTP reply is malformed",
        .checkpoint = 3,
        .points = 1,
        .why = "There are other services on other ports, and servers lie.",
        .cause = "-EBADMSG of the parsers is not passed on.",
        .see = "README.md#the-specification",
    },
    {
        TEST(a_deadline_in_the_body),
        .id = "01.3.deadline_in_the_body",
        .title = "A body that trickles is given up at the deadline",
        .checkpoint = 3,
        .points = 2,
        .why = "A time-out of each read never ends what sends a byte in time.",
        .cause = "the time left was computed once, or anew for each read, "
                 "instead of from a moment that stays.",
        .see = "README.md#deadlines",
    },
};
SUITE_THEME(breaks_theme, tests)

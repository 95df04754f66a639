/* Checkpoint 3, the client's half: fanout asks again and counts once. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"
#include "message.h"

static void put_be32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* The number behind "name=" in fanout's line, or -1. */
static long figure(struct proc *fanout, const char *name)
{
    const char *at = strstr(proc_stdout(fanout, NULL), name);
    return at ? atol(at + strlen(name)) : -1;
}

static void expect_figure(struct proc *fanout, const char *name, long wanted)
{
    long is = figure(fanout, name);
    char line[160];
    snprintf(line, sizeof(line), "%s", proc_stdout(fanout, NULL));
    line[strcspn(line, "\n")] = '\0';
    expect_equal(is, wanted, "fanout printed %s%ld in \"%s\"", name, is, line);
}

START_TEST(refused_is_seen_at_once)
{
    struct pair pair = pair_new("delay 20ms");
    step("nobody has UDP port 9000 on the server");
    struct proc *fanout = host_start(pair.client, program("fanout"),
                                     host_addr(pair.server), "9000", "5");
    expect_exit(fanout, 3, SECONDS(2));
    expect_figure(fanout, "answered=", 0);
    need_faults(pair.net, FATE_DELIVERED, "icmp[0] = 3 and icmp[1] = 3", 1);
    int sent = capture_count(pair.net, "udp and src host client");
    expect_between(sent, 1, 5,
                   "of 5 questions to a closed port fanout sent %d datagrams",
                   sent);
}
END_TEST

START_TEST(counts_each_answer_once)
{
    struct pair pair = pair_new("delay 10ms 5ms loss 3% duplicate 20%");
    struct proc *echod = start_echod(&pair);
    proc_await_udp(echod, ECHO_PORT);
    struct proc *fanout = host_start(pair.client, program("fanout"), "server",
                                     ECHO_PORT_TEXT, "300");
    expect_exit(fanout, 0, SECONDS(12));
    need_faults(pair.net, FATE_LOST, "udp", 3);
    need_faults(pair.net, FATE_DUPLICATE, "udp", 20);
    const char *asked = "udp and src host client";
    int sent = capture_count(pair.net, asked) -
               capture_count_fate(pair.net, FATE_DUPLICATE, asked);
    long retries = figure(fanout, "retries=");
    expect_equal(sent - retries, 300,
                 "fanout sent %d datagrams, %ld of them retries: that is %ld "
                 "different questions",
                 sent, retries, sent - retries);
    expect_figure(fanout, "requests=", 300);
    expect_figure(fanout, "answered=", 300);
    expect_figure(fanout, "unanswered=", 0);
    long duplicates = figure(fanout, "duplicates=");
    expect_at_least(duplicates, 20,
                    "of the answers that the link doubled fanout saw %ld",
                    duplicates);
}
END_TEST

/* Sends back `request` with one thing changed. */
struct forgery {
    const char *what;
    size_t bytes;   /* of the datagram */
    size_t offset;  /* of a byte to change … */
    uint8_t change; /* … by this */
};

static const struct forgery forgeries[] = {
    {"of another run", MESSAGE_BYTES, 7, 1},
    {"to a question not asked", MESSAGE_BYTES, 8, 0x40},
    {"to a later attempt", MESSAGE_BYTES, 13, 0x40},
    {"of another version", MESSAGE_BYTES, 3, 2},
    {"with another payload", MESSAGE_BYTES, 40, 1},
    {"one byte too short", MESSAGE_BYTES - 1, 0, 0},
    {"one byte too long", MESSAGE_BYTES + 1, 0, 0},
    {"far too long", 8000, 0, 0},
    {"without a byte", 0, 0, 0},
};
enum { FORGERIES = sizeof(forgeries) / sizeof(forgeries[0]), ASKED = 3 };

struct question {
    uint8_t data[8192]; /* with room for a forged tail */
    char addr[46];
    uint16_t port;
};

static void receive_questions(int fd, struct question questions[ASKED])
{
    for (int i = 0; i < ASKED; i++) {
        struct question *q = &questions[i];
        memset(q->data, 0, sizeof(q->data));
        ssize_t n = sock_recvfrom(fd, q->data, sizeof(q->data), q->addr,
                                  &q->port, SECONDS(5));
        expect_true(n >= 0,
                    "of the %d questions that fanout should send at once "
                    "number %d did not come",
                    ASKED, i + 1);
        expect_equal(n, MESSAGE_BYTES, "a question had %zd bytes", n);
        const uint8_t magic[] = {'F', 'A', 'N', 1};
        expect_bytes(q->data, 4, magic, 4, "magic and version");
        uint8_t id[4];
        put_be32(id, (uint32_t)i);
        expect_bytes(q->data + 8, 4, id, 4, "request id");
    }
}

static void answer(int fd, const struct question *q, size_t bytes)
{
    sock_sendto(fd, q->addr, q->port, q->data, bytes);
}

START_TEST(ignores_what_is_no_answer)
{
    struct pair pair = pair_new("delay 5ms");
    int fd = host_udp(pair.server, ECHO_PORT);
    struct proc *fanout =
        host_start(pair.client, program("fanout"), host_addr(pair.server),
                   ECHO_PORT_TEXT, "3");
    static struct question questions[ASKED];
    receive_questions(fd, questions);
    for (int i = 0; i < FORGERIES; i++) {
        const struct forgery *forgery = &forgeries[i];
        struct question forged = questions[0];
        step("send an answer %s", forgery->what);
        forged.data[forgery->offset] ^= forgery->change;
        answer(fd, &forged, forgery->bytes);
    }
    step("send right answers: two to question 0, three to 1, one to 2");
    for (int i = 0; i < 5; i++)
        answer(fd, &questions[i / 3 + (i == 2)], MESSAGE_BYTES);
    answer(fd, &questions[2], MESSAGE_BYTES);
    expect_exit(fanout, 0, SECONDS(5));
    expect_figure(fanout, "answered=", 3);
    expect_figure(fanout, "duplicates=", 3);
    expect_figure(fanout, "ignored=", FORGERIES);
}
END_TEST

/* The n-th sending of question 0, by the time it entered the link. */
static int64_t sent_ms(struct pair *pair, int n)
{
    struct packet packet;
    bool found = capture_nth(pair->net, "udp and udp[16:4] = 0", n, &packet);
    expect_true(found,
                "question 0, which should be sent 5 times, was not sent a %d. "
                "time",
                n);
    return packet.sent_ns / 1000000;
}

START_TEST(backs_off_and_gives_up)
{
    struct pair pair = pair_new("delay 10ms");
    host_udp(pair.server, ECHO_PORT); /* takes everything, answers nothing */
    struct proc *fanout =
        host_start(pair.client, program("fanout"), host_addr(pair.server),
                   ECHO_PORT_TEXT, "2");
    expect_exit(fanout, 1, SECONDS(6));
    expect_figure(fanout, "answered=", 0);
    expect_figure(fanout, "unanswered=", 2);
    expect_figure(fanout, "retries=", 8);
    static const int waits_ms[] = {200, 400, 800, 800};
    for (int i = 0; i < 4; i++) {
        int64_t wait_ms = sent_ms(&pair, i + 2) - sent_ms(&pair, i + 1);
        expect_between(wait_ms, waits_ms[i] * 9 / 10, waits_ms[i] * 13 / 10,
                       "before it asked for the %d. time fanout waited %lld ms",
                       i + 2, (long long)wait_ms);
    }
    int sent = capture_count(pair.net, "udp and src host client");
    expect_equal(sent, 10,
                 "for two questions, each to be asked five times, fanout sent "
                 "%d datagrams",
                 sent);
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(refused_is_seen_at_once),
        .id = "04.3.refused_is_seen_at_once",
        .title = "fanout ends at once when nobody has the port",
        .checkpoint = 3,
        .points = 2,
        .why = "The network told the truth in 40 ms; a program that listens "
               "saves its user three seconds.",
        .cause = "the kernel hands an ICMP error to a UDP socket only if that "
                 "is connected.  connect it, use send and recv, and look for "
                 "ECONNREFUSED from either.",
        .see = "RFC 1122 section 4.1.3.3",
    },
    {
        TEST(counts_each_answer_once),
        .id = "04.3.counts_each_answer_once",
        .title = "300 questions over a link that loses and doubles",
        .checkpoint = 3,
        .points = 3,
        .why = "A payment that was answered twice was still one payment.",
        .cause = "answers are counted instead of answered requests.  The id in "
                 "the datagram tells which request it answers; the second "
                 "answer to one is a duplicate.",
        .see = "README.md#fanout",
    },
    {
        TEST(ignores_what_is_no_answer),
        .id = "04.3.ignores_what_is_no_answer",
        .title = "Answers that are late, forged or cut are not counted",
        .checkpoint = 3,
        .points = 1,
        .why = "Anybody can send a datagram to a port.",
        .cause = "a field is not compared: run id, request id, attempt, "
                 "version, length, payload.  Or the buffer is just as long as "
                 "a message, so that a longer one looks right when cut.",
        .see = "README.md#fanout",
    },
    {
        TEST(backs_off_and_gives_up),
        .id = "04.3.backs_off_and_gives_up",
        .lasts_s = 3,
        .title = "Unanswered, fanout asks five times, ever less often",
        .checkpoint = 3,
        .points = 2,
        .why = "Retries at a fixed pace turn an overload into an outage.",
        .cause = "each request has its own wait, which doubles from 200 ms to "
                 "800 ms, and five attempts.",
        .see = "RFC 8085 section 3.1.3",
    },
};
THEME(fanout_theme, tests)

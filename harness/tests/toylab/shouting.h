/* What the suites of labs 90 (toylab) and 91 (attacks/target) share: a network
 * in which a shouter answers what an asker asks, and the second test. */
#ifndef TOYLAB_SHOUTING_H
#define TOYLAB_SHOUTING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wirelab/wirelab.h>

enum { PORT = 9000, QUESTIONS = 200 };

static struct host *asker, *shouter;

/* Starts the network and the tested program in it, with such options. */
static struct net *start(const char *profile,
                         const struct start_options *options)
{
    struct net *net = net_new(_seed());
    asker = net_host(net, "asker");
    shouter = net_host(net, "shouter");
    net_link(asker, shouter, profile);
    proc_await_udp(host_start_with(shouter, program("shout"), options,
                                   (const char *[]){"9000", NULL}),
                   PORT);
    return net;
}

/* Waits for answers until so many different ones came, or time is up: a packet
 * that answers no question is none.  Returns how many came. */
static int collect(int fd, int enough)
{
    bool came[QUESTIONS] = {false};
    int count = 0;
    int64_t deadline_ns = clock_now_ns() + SECONDS(2);
    while (count < enough && clock_now_ns() < deadline_ns) {
        char text[64] = "", again[64] = "";
        (void)sock_recvfrom(fd, text, sizeof(text) - 1, NULL, NULL,
                            deadline_ns - clock_now_ns());
        int number = atoi(text);
        snprintf(again, sizeof(again), "%d", number);
        if (strcmp(text, again) == 0 && number >= 0 && number < QUESTIONS &&
            !came[number]) {
            came[number] = true;
            count++;
        }
    }
    return count;
}

static void ask_all(const struct start_options *options)
{
    struct net *net = start("delay 2ms loss 20% duplicate 5%", options);
    int fd = host_udp(asker, 0);
    for (int i = 0; i < QUESTIONS; i++) {
        char question[16];
        int n = snprintf(question, sizeof(question), "%d", i);
        (void)sock_sendto(fd, host_addr(shouter), PORT, question, (size_t)n);
    }
    /* Of 200, about 128 go and come back: 94 is 5 deviations off. */
    enum { ENOUGH = 94 };
    int count = collect(fd, ENOUGH);
    expect_true(count >= ENOUGH,
                "%d of %d questions were answered, though only every fifth "
                "packet was lost",
                count, QUESTIONS);
    need_faults(net, FATE_LOST, "udp and src host asker", 1);
}

/* How the two tests are registered in a lab of this number. */
#define ANSWERS(lab)                                                           \
    .id = lab ".1.answers", .title = "An answer comes, in capitals",           \
    .checkpoint = 1, .points = 60,                                             \
    .why = "Without it nothing else can be asked.",                            \
    .cause = "toupper is not applied to what was received.",                   \
    .see = "README.md"
#define ANSWERS_ALL(lab)                                                       \
    .id = lab ".2.answers_all", .title = "Whatever arrives is answered",       \
    .checkpoint = 2, .points = 40,                                             \
    .why = "A server that serves once is no server.",                          \
    .cause = "shout ends after its first answer.", .see = "README.md"

#endif

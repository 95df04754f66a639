/* The suite of the toy lab: small enough for the tests of wirelab itself, with
 * one test of each kind that these need. */
#include <stdio.h>
#include <string.h>

#include <wirelab/wirelab.h>

enum { PORT = 9000, QUESTIONS = 200 };

static struct host *asker, *shouter;

static struct net *start(const char *profile)
{
    struct net *net = net_new(_seed());
    asker = net_host(net, "asker");
    shouter = net_host(net, "shouter");
    net_link(asker, shouter, profile);
    proc_await_udp(host_start(shouter, program("shout"), "9000"), PORT);
    return net;
}

START_TEST(answers)
{
    long number = param_int("number", 0, 0, 9999);
    char question[32] = "hello", wanted[32] = "HELLO", text[64] = "";
    if (number) {
        snprintf(question, sizeof(question), "hello %ld", number);
        snprintf(wanted, sizeof(wanted), "HELLO %ld", number);
    }
    (void)start("delay 1ms");
    int fd = host_udp(asker, 0);
    step("ask \"%s\"", question);
    (void)sock_sendto(fd, host_addr(shouter), PORT, question, strlen(question));
    (void)sock_recvfrom(fd, text, sizeof(text) - 1, NULL, NULL, SECONDS(1));
    expect_text(text, wanted, "the answer");
}
END_TEST

START_TEST(answers_all)
{
    struct net *net = start("delay 2ms loss 20% duplicate 5%");
    int fd = host_udp(asker, 0);
    for (int i = 0; i < QUESTIONS; i++)
        (void)sock_sendto(fd, host_addr(shouter), PORT, &i, sizeof(i));
    /* Of 200, about 160 arrive, and a few twice: 130 is 5 deviations off. */
    expect_true(capture_await(net, "udp and src host shouter", 130, SECONDS(2)),
                "%d of %d questions were answered, though only every fifth "
                "was lost",
                capture_count(net, "udp and src host shouter"), QUESTIONS);
    need_faults(net, FATE_LOST, "udp and src host asker", 1);
}
END_TEST

static const struct lab_test tests[] = {
    {TEST(answers), .id = "90.1.answers",
     .title = "An answer comes, in capitals", .checkpoint = 1, .points = 60,
     .figures = "number", .why = "Without it nothing else can be asked.",
     .cause = "toupper is not applied to what was received.",
     .see = "README.md"},
    {TEST(answers_all), .id = "90.2.answers_all",
     .title = "Whatever arrives is answered", .checkpoint = 2, .points = 40,
     .why = "A server that serves once is no server.",
     .cause = "shout ends after its first answer.", .see = "README.md"},
};

LAB_SUITE("90", tests)

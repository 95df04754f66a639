/* The suite that hostile submissions are judged by: a program that answers each
 * datagram in capitals, with limits small enough to be reached soon. */
#include <wirelab/wirelab.h>

#include <ctype.h>

enum { PORT = 9000, QUESTIONS = 200, LETTERS = 12, MIB = 1 << 20 };

static struct host *asker, *shouter;

static struct net *start(const char *profile)
{
    static const struct start_options options = {.memory_bytes = 128 * MIB,
                                                 .file_bytes = 64 * MIB,
                                                 .output_bytes = 4096,
                                                 .max_processes = 64};
    struct net *net = net_new(_seed());
    asker = net_host(net, "asker");
    shouter = net_host(net, "shouter");
    net_link(asker, shouter, profile);
    proc_await_udp(host_start_with(shouter, program("shout"), &options,
                                   (const char *[]){"9000", NULL}),
                   PORT);
    return net;
}

/* Of this run's seed: what was answered in another does not do. */
static void make_question(char *question, char *answer)
{
    uint64_t seed = _seed();
    for (int i = 0; i < LETTERS; i++, seed /= 26) {
        question[i] = (char)('a' + seed % 26);
        answer[i] = (char)toupper(question[i]);
    }
    question[LETTERS] = answer[LETTERS] = '\0';
}

START_TEST(answers)
{
    (void)start("delay 1ms");
    char question[LETTERS + 1], answer[LETTERS + 1], text[64] = "";
    make_question(question, answer);
    int fd = host_udp(asker, 0);
    step("ask \"%s\"", question);
    (void)sock_sendto(fd, host_addr(shouter), PORT, question, LETTERS);
    (void)sock_recvfrom(fd, text, sizeof(text) - 1, NULL, NULL, SECONDS(1));
    expect_text(text, answer, "the answer");
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
    {TEST(answers), .id = "91.1.answers",
     .title = "An answer comes, in capitals", .checkpoint = 1, .points = 60,
     .why = "Without it nothing else can be asked.",
     .cause = "toupper is not applied to what was received.",
     .see = "README.md"},
    {TEST(answers_all), .id = "91.2.answers_all",
     .title = "Whatever arrives is answered", .checkpoint = 2, .points = 40,
     .why = "A server that serves once is no server.",
     .cause = "shout ends after its first answer.", .see = "README.md"},
};

LAB_SUITE("91", tests)

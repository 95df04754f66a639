/* The suite that hostile submissions are judged by: a program that answers each
 * datagram in capitals, with limits small enough to be reached soon. */
#include <ctype.h>

#include "tests/toylab/shouting.h"

enum { LETTERS = 12, MIB = 1 << 20 };

static const struct start_options limits = {.memory_bytes = 128 * MIB,
                                            .file_bytes = 64 * MIB,
                                            .output_bytes = 4096,
                                            .max_processes = 64};

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
    (void)start("delay 1ms", &limits);
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
    ask_all(&limits);
}
END_TEST

static const struct lab_test tests[] = {
    {TEST(answers), ANSWERS("91")},
    {TEST(answers_all), ANSWERS_ALL("91")},
};

LAB_SUITE("91", tests)

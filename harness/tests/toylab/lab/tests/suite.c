/* The suite of the toy lab: small enough for the tests of wirelab itself, with
 * one test of each kind that these need. */
#include <stdio.h>
#include <string.h>

#include "tests/toylab/shouting.h"

START_TEST(answers)
{
    long number = param_int("number", 0, 0, 9999);
    char question[32] = "hello", wanted[32] = "HELLO", text[64] = "";
    if (number) {
        snprintf(question, sizeof(question), "hello %ld", number);
        snprintf(wanted, sizeof(wanted), "HELLO %ld", number);
    }
    (void)start("delay 1ms", NULL);
    int fd = host_udp(asker, 0);
    step("ask \"%s\"", question);
    (void)sock_sendto(fd, host_addr(shouter), PORT, question, strlen(question));
    (void)sock_recvfrom(fd, text, sizeof(text) - 1, NULL, NULL, SECONDS(1));
    expect_text(text, wanted, "the answer");
}
END_TEST

START_TEST(answers_all)
{
    ask_all(NULL);
}
END_TEST

static const struct lab_test tests[] = {
    {TEST(answers), .figures = "number", ANSWERS("90")},
    {TEST(answers_all), ANSWERS_ALL("90")},
};

LAB_SUITE("90", tests)

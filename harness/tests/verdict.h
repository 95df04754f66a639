/* What a run says: the body of a test, run as a suite would run it, and its
 * verdict.  Functions stand in a header because every test program is one
 * source file. */
#ifndef TESTS_VERDICT_H
#define TESTS_VERDICT_H

#include "attack.h"

#include <jansson.h>

static const struct lab_test fake_test = {.id = "00.1.fake", .title = "fake"};

/* Runs `body` as a suite would, in a child.  Returns its verdict object. */
static inline json_t *verdict_of(void (*body)(void))
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct testrun run = *testrun();
        close(ends[0]);
        run.test = &fake_test;
        run.verdict_fd = ends[1];
        run.out_dir = incell_work_dir;
        testrun_begin(&run);
        attack_net = net_new(1);
        attack_host = net_host(attack_net, "victim");
        body();
        testrun_end(
            &(struct ending){.verdict = VERDICT_PASS, .message = "passed"});
    }
    close(ends[1]);
    FILE *answer = fdopen(ends[0], "r");
    json_error_t error;
    json_t *verdict = json_loadf(answer, 0, &error);
    ck_assert_msg(verdict != NULL, "no verdict: %s", error.text);
    fclose(answer);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    return verdict;
}

static inline const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "(none)";
}

static inline void says(const json_t *object, const char *key, const char *part)
{
    ck_assert_msg(strstr(text_of(object, key), part) != NULL,
                  "%s is \"%s\", without \"%s\"", key, text_of(object, key),
                  part);
}

static inline void fails_saying(void (*body)(void), const char *message)
{
    json_t *verdict = verdict_of(body);
    ck_assert_msg(strcmp(text_of(verdict, "verdict"), "fail") == 0, "%s: %s",
                  text_of(verdict, "verdict"), text_of(verdict, "message"));
    says(verdict, "message", message);
    json_decref(verdict);
}

#endif

/* Expectations about values and bytes.
 *
 * A sentence is told twice: as a step of the history, where it may have held,
 * and as the message of the failure.  A sentence with numbers is true in both
 * cases; one without tells only the failure, so the history then says that it
 * was ruled out. */
#include <wirelab/expect.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "expect/judge.h"
#include "expect/quote.h"

static char *vformat(const char *format, va_list args)
    __attribute__((format(printf, 1, 0)));
static char *vformat(const char *format, va_list args)
{
    struct strbuf text = {0};
    strbuf_vprintf(&text, format, args);
    return text.text ? text.text : mem_strdup("");
}

static bool is_digit(char c)
{
    return isdigit((unsigned char)c) != 0;
}

/* Whether the sentence names the number, not as a part of another. */
static bool says(const char *sentence, const char *number)
{
    const char *at = sentence;
    for (; (at = strstr(at, number)) != NULL; at++) {
        const char *end = at + strlen(number);
        bool before = at > sentence && (is_digit(at[-1]) || at[-1] == '.');
        bool after = is_digit(*end) || (*end == '.' && is_digit(end[1]));
        if (!before && !after)
            return true;
    }
    return false;
}

/* The sentence, followed by the limit, and by what was measured unless the
 * sentence says so itself. */
static void judge(bool holds, char *expected, char *actual, const char *format,
                  va_list args) __attribute__((format(printf, 4, 0)));
static void judge(bool holds, char *expected, char *actual, const char *format,
                  va_list args)
{
    char *sentence = vformat(format, args);
    journal_step("check: %s (expected %s)", sentence, expected);
    if (!holds) {
        const struct judgement judgement = {.expected = expected,
                                            .actual = actual};
        if (says(sentence, actual))
            judge_fail(&judgement, "%s; expected %s", sentence, expected);
        judge_fail(&judgement, "%s: %s; expected %s", sentence, actual,
                   expected);
    }
    free(sentence);
    free(expected);
    free(actual);
}

void expect_true(bool holds, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *sentence = vformat(format, args);
    va_end(args);
    journal_step("%s: %s", holds ? "ruled out" : "check", sentence);
    if (!holds)
        judge_fail(&(struct judgement){0}, "%s", sentence);
    free(sentence);
}

void expect_equal(int64_t actual, int64_t expected, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    judge(actual == expected, str_format("%" PRId64, expected),
          str_format("%" PRId64, actual), format, args);
    va_end(args);
}

void expect_at_most(int64_t actual, int64_t limit, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    judge(actual <= limit, str_format("at most %" PRId64, limit),
          str_format("%" PRId64, actual), format, args);
    va_end(args);
}

void expect_at_least(int64_t actual, int64_t limit, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    judge(actual >= limit, str_format("at least %" PRId64, limit),
          str_format("%" PRId64, actual), format, args);
    va_end(args);
}

void expect_between(int64_t actual, int64_t low, int64_t high,
                    const char *format, ...)
{
    va_list args;
    va_start(args, format);
    judge(low <= actual && actual <= high,
          str_format("%" PRId64 " to %" PRId64, low, high),
          str_format("%" PRId64, actual), format, args);
    va_end(args);
}

/* Ratios hold only for numbers: a NaN, nothing divided by nothing, holds
 * neither way. */
void expect_ratio_at_least(double actual, double limit, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    judge(actual >= limit, str_format("at least %.3g", limit),
          str_format("%.3g", actual), format, args);
    va_end(args);
}

void expect_ratio_at_most(double actual, double limit, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    judge(actual <= limit, str_format("at most %.3g", limit),
          str_format("%.3g", actual), format, args);
    va_end(args);
}

/* ---- Bytes and text ----------------------------------------------------- */

static size_t first_difference(const uint8_t *a, size_t a_bytes,
                               const uint8_t *b, size_t b_bytes)
{
    size_t i = 0;
    while (i < a_bytes && i < b_bytes && a[i] == b[i])
        i++;
    return i;
}

void expect_bytes(const void *actual, size_t actual_bytes, const void *expected,
                  size_t expected_bytes, const char *what)
{
    size_t at =
        first_difference(actual, actual_bytes, expected, expected_bytes);
    bool same = at == actual_bytes && at == expected_bytes;
    journal_step("check: %s, %zu bytes (expected %zu)", what, actual_bytes,
                 expected_bytes);
    if (same)
        return;
    const struct judgement judgement = {
        .expected = hex_around(expected, expected_bytes, at),
        .actual = hex_around(actual, actual_bytes, at),
    };
    if (at == actual_bytes || at == expected_bytes)
        judge_fail(&judgement,
                   "%s: %zu bytes instead of %zu; the first %zu "
                   "are right",
                   what, actual_bytes, expected_bytes, at);
    judge_fail(&judgement, "%s: byte %zu is %02x instead of %02x", what, at,
               ((const uint8_t *)actual)[at], ((const uint8_t *)expected)[at]);
}

void expect_text(const char *actual, const char *expected, const char *what)
{
    const struct judgement judgement = {
        .expected = quote(expected, strlen(expected)),
        .actual = actual ? quote(actual, strlen(actual)) : mem_strdup("none"),
    };
    journal_step("check: %s is %s", what, judgement.expected);
    if (actual == NULL || strcmp(actual, expected) != 0)
        judge_fail(&judgement, "%s is %s instead of %s", what, judgement.actual,
                   judgement.expected);
    free(judgement.expected);
    free(judgement.actual);
}

void expect_contains(const char *text, const char *part, const char *what)
{
    const struct judgement judgement = {
        .expected = quote(part, strlen(part)),
        .actual = text ? quote(text, strlen(text)) : mem_strdup("none"),
    };
    journal_step("check: %s contains %s", what, judgement.expected);
    if (text == NULL || strstr(text, part) == NULL)
        judge_fail(&judgement, "%s does not contain %s; it is %s", what,
                   judgement.expected, judgement.actual);
    free(judgement.expected);
    free(judgement.actual);
}

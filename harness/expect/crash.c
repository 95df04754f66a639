/* A program under test that crashed is the first thing to say: whatever test
 * then fails (a file that did not arrive, a peer that waits) only follows from
 * it.  Names of sources are shortened to their last part. */
#include "expect/crash.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/testrun.h"

/* Signals that a program brings on itself; SIGTERM and SIGKILL are sent by
 * tests. */
static bool is_crash(int signal)
{
    static const int signals[] = {SIGSEGV, SIGBUS,  SIGILL, SIGFPE, SIGABRT,
                                  SIGTRAP, SIGPIPE, SIGSYS, SIGXFSZ};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        if (signal == signals[i])
            return true;
    }
    return false;
}

/* Copies one word, without the directories before it. */
static const char *copy_word(struct strbuf *out, const char *word)
{
    size_t n = strcspn(word, " \n");
    const char *base = word;
    for (const char *p = word; p < word + n; p++) {
        if (*p == '/')
            base = p + 1;
    }
    strbuf_add(out, base, (size_t)(word + n - base));
    return word + n;
}

static void copy_line(struct strbuf *out, const char *line)
{
    while (*line && *line != '\n') {
        line = copy_word(out, line);
        if (*line == ' ') {
            strbuf_add(out, " ", 1);
            line++;
        }
    }
}

/* "SUMMARY: AddressSanitizer: heap-buffer-overflow /src/window.c:41 in add" */
static bool sanitizer_summary(const char *text, struct strbuf *out)
{
    const char *at = strstr(text, "SUMMARY: ");
    if (at == NULL || strstr(at, "Sanitizer: ") == NULL)
        return false;
    copy_line(out, at + strlen("SUMMARY: "));
    return true;
}

/* "/src/rto.c:12:5: runtime error: signed integer overflow: …" */
static bool runtime_error(const char *text, struct strbuf *out)
{
    const char *at = strstr(text, ": runtime error: ");
    if (at == NULL)
        return false;
    while (at > text && at[-1] != '\n')
        at--;
    copy_line(out, at);
    return true;
}

bool crash_describe(const char *stderr_text, int signal,
                    char text[CRASH_TEXT_BYTES])
{
    struct strbuf what = {0};
    const char *asan = strstr(stderr_text, "ERROR: AddressSanitizer: ");
    if (!runtime_error(stderr_text, &what) &&
        !sanitizer_summary(stderr_text, &what)) {
        if (asan)
            copy_line(&what, asan + strlen("ERROR: "));
        else if (is_crash(signal))
            strbuf_printf(&what, "signal %d (%s)", signal, strsignal(signal));
    }
    bool crashed = what.length > 0;
    snprintf(text, CRASH_TEXT_BYTES, "%s", strbuf_text(&what));
    strbuf_fini(&what);
    return crashed;
}

/* ---- As a witness ------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* The first tested program that crashed, or NULL. */
static const json_t *find_crash(const json_t *programs,
                                char text[CRASH_TEXT_BYTES])
{
    size_t i;
    json_t *program;
    json_array_foreach(programs, i, program)
    {
        int signal =
            (int)json_integer_value(json_object_get(program, "signal"));
        if (strcmp(text_of(program, "role"), "tested") == 0 &&
            crash_describe(text_of(program, "stderr_tail"), signal, text))
            return program;
    }
    return NULL;
}

static void tell_crash(json_t *verdict, const struct ending *ending,
                       void *unused)
{
    (void)unused;
    char what[CRASH_TEXT_BYTES];
    if (ending->verdict != VERDICT_FAIL)
        return;
    const json_t *program =
        find_crash(json_object_get(verdict, "programs"), what);
    if (program == NULL)
        return;
    const char *message = text_of(verdict, "message");
    char *both = strstr(message, what)
                     ? str_format("%s", message) /* it says so itself */
                     : str_format("%s on %s was ended by %s. Then: %s",
                                  text_of(program, "name"),
                                  text_of(program, "host"), what, message);
    json_object_set_new(verdict, "message", json_string(both));
    free(both);
}

void crash_begin(void)
{
    testrun_witness(tell_crash, NULL);
}

/* One run of one test; see testrun.h. */
#include "base/testrun.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "base/strbuf.h"

enum { MAX_HOOKS = 256 };

struct hook {
    witness_fn *witness;
    cleanup_fn *cleanup;
    void *context;
};

static struct {
    struct testrun run;
    struct hook hooks[MAX_HOOKS];
    size_t hook_count;
    json_t *steps;
    char *cause;
    pid_t owner; /* children that forked off must not end the run */
    bool ending;
} state = {
    .run = {.lab = "",
            .variant = "",
            .seed = 1,
            .out_dir = ".",
            .work_dir = ".",
            .impl_dir = "",
            .reference_dir = "",
            .engine = "wire",
            .verdict_fd = -1},
};

static const char *const verdict_names[] = {
    [VERDICT_PASS] = "pass",   [VERDICT_FAIL] = "fail",
    [VERDICT_SKIP] = "skip",   [VERDICT_BLOCKED] = "blocked",
    [VERDICT_FLAKY] = "flaky", [VERDICT_INFRA] = "infra",
};

const char *verdict_name(enum verdict verdict)
{
    return verdict_names[verdict];
}

int verdict_parse(const char *name, enum verdict *verdict)
{
    size_t n = sizeof(verdict_names) / sizeof(verdict_names[0]);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(name, verdict_names[i]) == 0) {
            *verdict = (enum verdict)i;
            return 0;
        }
    }
    return -EINVAL;
}

const struct testrun *testrun(void)
{
    return &state.run;
}

void testrun_begin(const struct testrun *run)
{
    state.run = *run;
    state.hook_count = 0;
    state.ending = false;
    state.owner = getpid();
    json_decref(state.steps);
    state.steps = json_array();
    if (state.run.started_ns == 0)
        state.run.started_ns = clock_now_ns();
}

void journal_vstep(const char *format, va_list args)
{
    struct strbuf text = {0};
    strbuf_vprintf(&text, format, args);
    if (state.steps == NULL)
        state.steps = json_array();
    double t_ms = (double)(clock_now_ns() - state.run.started_ns) / 1e6;
    json_array_append_new(state.steps, json_pack("{s:f, s:s}", "t_ms", t_ms,
                                                 "text", strbuf_text(&text)));
    strbuf_fini(&text);
}

void journal_step(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    journal_vstep(format, args);
    va_end(args);
}

void journal_mark_failed(void)
{
    size_t n = json_array_size(state.steps);
    if (n > 0)
        json_object_set_new(json_array_get(state.steps, n - 1), "failed",
                            json_true());
}

static void add_hook(struct hook hook)
{
    if (state.hook_count == MAX_HOOKS)
        infra("a test registered more than %d clean-ups", MAX_HOOKS);
    state.hooks[state.hook_count++] = hook;
}

void testrun_witness(witness_fn *fn, void *context)
{
    add_hook((struct hook){.witness = fn, .context = context});
}

void testrun_cleanup(cleanup_fn *fn, void *context)
{
    add_hook((struct hook){.cleanup = fn, .context = context});
}

void testrun_forget(void *context)
{
    size_t kept = 0;
    for (size_t i = 0; i < state.hook_count; i++) {
        if (state.hooks[i].context != context)
            state.hooks[kept++] = state.hooks[i];
    }
    state.hook_count = kept;
}

void testrun_set_cause(const char *cause)
{
    free(state.cause);
    state.cause = cause && *cause ? mem_strdup(cause) : NULL;
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text == NULL)
        return;
    json_t *value = json_string(text);
    if (value == NULL) /* not UTF-8: a program's bytes */
        value = json_string_nocheck("(bytes that are not UTF-8)");
    json_object_set_new(object, key, value);
}

static json_t *verdict_object(const struct ending *ending)
{
    const struct lab_test *test = state.run.test;
    json_t *object = json_object();
    char seed[32];
    snprintf(seed, sizeof(seed), "%llu", (unsigned long long)state.run.seed);
    if (test) {
        set_text(object, "id", test->id);
        set_text(object, "title", test->title);
        set_text(object, "why", test->why);
        set_text(object, "see", test->see);
    }
    set_text(object, "variant", state.run.variant);
    set_text(object, "seed", seed);
    set_text(object, "verdict", verdict_name(ending->verdict));
    set_text(object, "message", ending->message);
    set_text(object, "expected", ending->expected);
    set_text(object, "actual", ending->actual);
    if (ending->verdict == VERDICT_FAIL)
        set_text(object, "cause",
                 state.cause ? state.cause : (test ? test->cause : NULL));
    double ms = (double)(clock_now_ns() - state.run.started_ns) / 1e6;
    json_object_set_new(object, "duration_ms", json_real(ms));
    if (state.steps)
        json_object_set(object, "steps", state.steps);
    return object;
}

static void write_all(int fd, const char *text, size_t bytes)
{
    while (bytes > 0) {
        ssize_t n = write(fd, text, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* the scheduler is gone: nobody is left to tell */
        text += n;
        bytes -= (size_t)n;
    }
}

static void write_verdict(json_t *object)
{
    size_t flags = JSON_COMPACT | JSON_PRESERVE_ORDER;
    int fd = state.run.verdict_fd;
    if (fd < 0) {
        fd = STDOUT_FILENO;
        flags = JSON_INDENT(2) | JSON_PRESERVE_ORDER;
    }
    char *text = json_dumps(object, flags);
    if (text == NULL)
        return; /* the supervisor reports a missing verdict as infra */
    write_all(fd, text, strlen(text));
    write_all(fd, "\n", 1);
    free(text);
}

void testrun_end(const struct ending *ending)
{
    if (state.ending || (state.owner && getpid() != state.owner))
        _exit(0); /* a witness failed, or a forked child got here */
    state.ending = true;
    json_t *object = verdict_object(ending);
    for (size_t i = 0; i < state.hook_count; i++) {
        if (state.hooks[i].witness)
            state.hooks[i].witness(object, ending, state.hooks[i].context);
    }
    write_verdict(object);
    for (size_t i = state.hook_count; i-- > 0;) {
        if (state.hooks[i].cleanup)
            state.hooks[i].cleanup(state.hooks[i].context);
    }
    _exit(0);
}

void infra(const char *format, ...)
{
    struct strbuf message = {0};
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&message, format, args);
    va_end(args);
    if (state.run.test == NULL) {
        fprintf(stderr, "wirelab: %s\n", strbuf_text(&message));
        exit(3);
    }
    testrun_end(&(struct ending){.verdict = VERDICT_INFRA,
                                 .message = strbuf_text(&message)});
}

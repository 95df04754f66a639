/* One run of one test; see testrun.h. */
#include "base/testrun.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wirelab/net.h>
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
    pid_t owner;         /* children that forked off must not end the run */
    pthread_t ending_by; /* whose call of testrun_end is the one that counts */
    bool ending;
    pthread_mutex_t lock; /* of steps, cause, ending */
    /* How far the ending has come. */
    const struct ending *why;
    json_t *object;
    size_t unasked; /* hooks whose witness may still be heard */
    bool written;
} state = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .run = {.lab = "",
            .variant = "",
            .seed = 1,
            .out_dir = ".",
            .work_dir = ".",
            .impl_dir = "",
            .reference_dir = "",
            .engine = "wire",
            .params = "",
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

uint64_t _seed(void)
{
    return state.run.seed;
}

void testrun_begin(const struct testrun *run)
{
    state.run = *run;
    state.hook_count = 0;
    state.ending = state.written = false;
    free(state.cause);
    state.cause = NULL;
    state.lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    state.owner = getpid();
    json_decref(state.steps);
    state.steps = json_array();
    if (state.run.started_ns == 0)
        state.run.started_ns = clock_now_ns();
}

/* Takes the lock.  Once the run is ending, a thread other than the one that
 * ends it stops here for good: what it would say comes too late, and it must
 * not run on into a net that is being taken down. */
static void enter(void)
{
    pthread_mutex_lock(&state.lock);
    while (state.ending && !pthread_equal(state.ending_by, pthread_self())) {
        pthread_mutex_unlock(&state.lock);
        for (;;)
            pause();
    }
}

static void leave(void)
{
    pthread_mutex_unlock(&state.lock);
}

/* Text that JSON can hold: bytes of a program that are not UTF-8 become '?'. */
static json_t *json_text(const char *text)
{
    json_t *value = json_string(text);
    if (value)
        return value;
    char *clean = mem_strdup(text);
    for (char *p = clean; *p; p++) {
        if ((unsigned char)*p >= 0x80)
            *p = '?';
    }
    value = json_string(clean);
    free(clean);
    return value;
}

void journal_vstep(const char *format, va_list args)
{
    struct strbuf text = {0};
    strbuf_vprintf(&text, format, args);
    enter();
    if (state.steps == NULL)
        state.steps = json_array();
    double t_ms = (double)(clock_now_ns() - state.run.started_ns) / 1e6;
    json_t *step = json_pack("{s:f}", "t_ms", t_ms);
    json_object_set_new(step, "text", json_text(strbuf_text(&text)));
    json_array_append_new(state.steps, step);
    leave();
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
    enter();
    size_t n = json_array_size(state.steps);
    if (n > 0)
        json_object_set_new(json_array_get(state.steps, n - 1), "failed",
                            json_true());
    leave();
}

char *journal_last(void)
{
    enter();
    size_t n = json_array_size(state.steps);
    json_t *step = n > 0 ? json_array_get(state.steps, n - 1) : NULL;
    const char *text = json_string_value(json_object_get(step, "text"));
    char *copy = text ? mem_strdup(text) : NULL;
    leave();
    return copy;
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
    enter();
    free(state.cause);
    state.cause = cause && *cause ? mem_strdup(cause) : NULL;
    leave();
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL)
        json_object_set_new(object, key, json_text(text));
}

json_t *testrun_verdict(const struct ending *ending)
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
    set_text(object, "excused", ending->excused);
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

/* Does what is left of ending.  A witness or clean-up that ends the run itself
 * (it met infrastructure that is refused) comes back here through testrun_end,
 * and the rest goes on without it. */
static _Noreturn void finish(void)
{
    while (state.unasked > 0) {
        const struct hook *hook = &state.hooks[--state.unasked];
        if (hook->witness)
            hook->witness(state.object, state.why, hook->context);
    }
    if (!state.written) {
        state.written = true;
        write_verdict(state.object);
    }
    while (state.hook_count > 0) {
        const struct hook *hook = &state.hooks[--state.hook_count];
        if (hook->cleanup)
            hook->cleanup(hook->context);
    }
    _exit(0);
}

void testrun_end(const struct ending *ending)
{
    if (state.owner && getpid() != state.owner)
        _exit(0); /* a child that forked off got here */
    enter();
    bool first = !state.ending;
    state.ending = true;
    state.ending_by = pthread_self();
    leave();
    if (first) {
        state.why = ending;
        state.object = testrun_verdict(ending);
        state.unasked = state.hook_count;
    }
    finish();
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

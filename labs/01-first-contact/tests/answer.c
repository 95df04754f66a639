/* probe's answers: awaited, parsed, judged; see common.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

enum { LINE_SHOWN = 200 };

static const int64_t end_ns = SECONDS(16), last_ns = SECONDS(4);
static const int64_t look_ns = MSECONDS(2), least_ns = USECONDS(200);

/* ---- Its end ---------------------------------------------------------------
 */

static void note_late(struct answer *answer, int64_t at_ns, int64_t late_ns)
{
    if (late_ns > answer->late_ns)
        answer->late_ns = late_ns;
    if (late_ns < least_ns || answer->lates == ANSWER_LATES)
        return;
    answer->late[answer->lates++] = (struct late){at_ns, late_ns};
}

/* Waits in short naps and notes how late they ended: as late may whoever else
 * waited have been woken. */
static void await_end(struct answer *answer)
{
    int64_t deadline_ns = clock_now_ns() + end_ns;
    for (;;) {
        struct proc_end end;
        int64_t before_ns = clock_now_ns();
        if (proc_wait(answer->probe, look_ns, &end) || before_ns > deadline_ns)
            return;
        int64_t now_ns = clock_now_ns();
        note_late(answer, now_ns, now_ns - before_ns - look_ns);
    }
}

int64_t latest_between(const struct answer *answer, int64_t from_ns,
                       int64_t to_ns)
{
    int64_t most_ns = 0;
    for (size_t i = 0; i < answer->lates; i++) {
        const struct late *late = &answer->late[i];
        if (late->at_ns >= from_ns && late->at_ns - late->late_ns <= to_ns &&
            late->late_ns > most_ns)
            most_ns = late->late_ns;
    }
    return most_ns;
}

/* ---- Its lines -------------------------------------------------------------
 */

struct member {
    const char *key;
    char types[4]; /* s: text, n: number, i: integer, 0: null */
};

static const struct member members[] = {
    {"host", "s"},     {"address", "s0"},    {"family", "i0"},
    {"dns_ms", "n0"},  {"connect_ms", "n0"}, {"send_ms", "n0"},
    {"ttfb_ms", "n0"}, {"total_ms", "n0"},   {"bytes", "i"},
    {"status", "i0"},  {"error", "s0"},      {"stage", "s0"},
    {"hint", "s0"},
};
enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

static bool has_type(const json_t *value, char type)
{
    switch (type) {
    case 's':
        return json_is_string(value);
    case 'n':
        return json_is_number(value);
    case 'i':
        return json_is_integer(value);
    case '0':
        return json_is_null(value);
    default:
        return false;
    }
}

static void expect_members(const json_t *object)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        const struct member *member = &members[i];
        const json_t *value = json_object_get(object, member->key);
        bool right = false;
        if (value == NULL)
            test_fail("probe's object has no member \"%s\"", member->key);
        for (const char *type = member->types; *type; type++)
            right = right || has_type(value, *type);
        char *text = json_dumps(value, JSON_ENCODE_ANY);
        expect_true(right,
                    "member \"%s\" of probe's object is %s, which has "
                    "the wrong type",
                    member->key, text ? text : "?");
        free(text);
    }
}

/* Where the skeleton ends, and where to go on. */
static const struct {
    const char *stage, *write;
    int checkpoint;
} parts[] = {
    {"dns", "lookup() in resolve.c", 1},
    {"connect", "connect_within() in reach.c, and the two before it,", 2},
    {"send", "send_all() in exchange.c", 3},
    {"ttfb", "receive_reply() in exchange.c", 3},
};

void expect_done(const json_t *result)
{
    const char *stage = text_of(result, "stage");
    if (strcmp(text_of(result, "error"), "not_done") != 0)
        return;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strcmp(parts[i].stage, stage) != 0)
            continue;
        because("nothing is wrong: the skeleton ends here.  Go on with "
                "README.md#checkpoint-%d",
                parts[i].checkpoint);
        expect_true(false,
                    "probe has no stage \"%s\" yet: this failure is intended, "
                    "until %s is written",
                    stage, parts[i].write);
    }
}

static void parse_line(struct answer *answer, const char *line)
{
    json_error_t error;
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(object))
        test_fail("line %zu of probe's output is no JSON object (%s): \"%.*s\"",
                  answer->count + 1, error.text, LINE_SHOWN, line);
    if (answer->count == ANSWER_OBJECTS)
        test_fail("probe printed more than %d JSON objects", ANSWER_OBJECTS);
    answer->objects[answer->count++] = object;
}

static void parse_output(struct answer *answer, const char *output)
{
    char *copy = strdup(output), *rest = copy, *line;
    while (copy && (line = strsep(&rest, "\n")) != NULL) {
        if (*line)
            parse_line(answer, line);
    }
    free(copy);
}

/* A test's process keeps its answers to its end. */
static struct answer *answer_new(void)
{
    static struct answer *newest;
    struct answer *answer = calloc(1, sizeof(*answer));
    if (answer == NULL)
        test_infra("out of memory");
    answer->older = newest;
    newest = answer;
    return answer;
}

/* What probe says of a failure tells more than its exit status. */
static void expect_no_error(const struct answer *answer)
{
    for (size_t i = 0; i < answer->count; i++) {
        const json_t *object = answer->objects[i];
        const char *error = text_of(object, "error");
        expect_done(object);
        expect_true(strcmp(error, "null") == 0,
                    "probe reports \"%s\" in stage \"%s\", where nothing is "
                    "wrong with server or network",
                    error, text_of(object, "stage"));
    }
}

const struct answer *probe_end(struct proc *probe, int status, size_t attempts,
                               bool summary)
{
    struct answer *answer = answer_new();
    answer->probe = probe;
    await_end(answer);
    parse_output(answer, proc_stdout(probe, NULL));
    struct proc_end end;
    bool ended = proc_wait(probe, 0, &end);
    if (status == 0)
        expect_no_error(answer);
    else if (ended && end.exit_code == 0)
        test_fail("probe reports success, where the exchange cannot succeed");
    if (!ended)
        because("probe has been running for %.0f s: some wait has no limit, "
                "or begins again and again",
                (double)end_ns / 1e9);
    expect_exit(probe, status, last_ns);
    because_registered();
    size_t wanted = attempts + summary;
    if (answer->count != wanted)
        test_fail("probe printed %zu JSON objects instead of %zu: one for each "
                  "attempt%s",
                  answer->count, wanted, summary ? ", and the summary" : "");
    for (size_t i = 0; i < attempts; i++)
        expect_members(answer->objects[i]);
    return answer;
}

const json_t *probe_result(struct proc *probe, int status)
{
    return probe_end(probe, status, 1, false)->objects[0];
}

/* ---- Its members -----------------------------------------------------------
 */

const char *text_of(const json_t *result, const char *key)
{
    const char *text = json_string_value(json_object_get(result, key));
    return text ? text : "null";
}

double number_of(const json_t *result, const char *key)
{
    const json_t *value = json_object_get(result, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

void expect_outcome(const json_t *result, const char *error, const char *stage)
{
    expect_done(result);
    expect_text(text_of(result, "error"), error ? error : "null",
                "member \"error\"");
    expect_text(text_of(result, "stage"), stage ? stage : "null",
                "member \"stage\"");
}

void expect_success(const json_t *result, size_t bytes)
{
    expect_outcome(result, NULL, NULL);
    expect_equal((int64_t)number_of(result, "status"), 200, "\"status\"");
    int64_t got = (int64_t)number_of(result, "bytes");
    expect_equal(got, (int64_t)bytes, "probe counted %lld bytes of the body",
                 (long long)got);
}

void expect_total(const json_t *result, double seconds, int64_t late_ns)
{
    double total_ms = number_of(result, "total_ms");
    double late_ms = (double)late_ns / 1e6;
    bool holds = total_ms >= seconds * 1e3 - 1 &&
                 total_ms <= seconds * 1e3 + 50 + 2 * late_ms;
    if (!holds)
        test_fail("probe gave up after %.1f ms, told to do so after %.0f ms; "
                  "expected at most 50 ms more (and twice the %.1f ms by which "
                  "this machine was late)",
                  total_ms, seconds * 1e3, late_ms);
    step("check: gave up after %.1f ms, of %.0f", total_ms, seconds * 1e3);
}

void expect_deadline(const struct answer *answer, double seconds)
{
    expect_total(answer->objects[0], seconds, answer->late_ns);
}

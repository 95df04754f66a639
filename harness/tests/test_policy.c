/* Policies: what being late costs, who gets which attempt, and what is wrong
 * with a policy or with grades. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "grade/grades.h"
#include "grade/policy.h"
#include "grade/when.h"

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S };

static char dir[64];
static char error[POLICY_ERROR_BYTES];

static void make_dir(void)
{
    strcpy(dir, "/tmp/test_policy.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(chdir(dir), 0);
}

static void remove_dir(void)
{
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(tree_remove(dir), 0);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

/* JSON without its quotes' backslashes: 'a' stands for "a". */
static json_t *json(const char *text)
{
    char *copy = mem_strdup(text);
    for (char *at = copy; *at; at++)
        *at = (char)(*at == '\'' ? '"' : *at);
    json_t *value = json_loads(copy, 0, NULL);
    ck_assert_msg(value != NULL, "%s", text);
    free(copy);
    return value;
}

/* ---- Moments --------------------------------------------------------------
 */

static const struct {
    const char *text;
    int64_t unix_s; /* -1: it is none */
} moments[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"2026-11-20T23:59:00+01:00", 1795215540},
    {"2026-11-20T22:59:00.999Z", 1795215540},
    {"2026-11-20T17:29:00-05:30", 1795215540},
    {"2028-02-29T00:00:00Z", 1835395200},
    {"2026-02-29T00:00:00Z", -1}, /* no leap year */
    {"2026-13-01T00:00:00Z", -1},
    {"2026-11-20T24:00:00Z", -1},
    {"2026-11-20T23:60:00Z", -1},
    {"2026-11-20T23:59:00", -1}, /* no zone */
    {"2026-11-20 23:59:00Z", -1},
    {"2026-11-20T23:59Z", -1},
    {"2026-11-20T23:59:00.Z", -1},
    {"2026-11-20T23:59:00+1:00", -1},
    {"2026-11-20T23:59:00+24:00", -1},
    {"2026-11-20T23:59:00Zulu", -1},
    {"tomorrow", -1},
    {"", -1},
};
enum { MOMENTS = sizeof(moments) / sizeof(moments[0]) };

START_TEST(a_moment_has_a_zone_and_is_in_the_calendar)
{
    int64_t unix_s = -1;
    int result = when_parse(moments[_i].text, &unix_s);
    ck_assert_msg(unix_s == moments[_i].unix_s, "%s: %lld", moments[_i].text,
                  (long long)unix_s);
    ck_assert_int_eq(result, moments[_i].unix_s < 0 ? -EINVAL : 0);
}
END_TEST

START_TEST(no_beginning_of_a_moment_is_one)
{
    static const char text[] = "2026-11-20T23:59:00+01:00";
    for (size_t n = 0; n < sizeof(text) - 1; n++) {
        int64_t unix_s;
        char *cut = mem_zalloc(n + 1); /* sanitizers see its end */
        memcpy(cut, text, n);
        ck_assert_int_eq(when_parse(cut, &unix_s), -EINVAL);
        free(cut);
    }
}
END_TEST

START_TEST(moments_and_spans_are_written_as_people_read_them)
{
    char moment[WHEN_TEXT_BYTES], span[WHEN_SPAN_BYTES];
    when_text(1795215540, moment);
    ck_assert_str_eq(moment, "2026-11-20T22:59:00Z");
    when_span(0, span);
    ck_assert_str_eq(span, "0 s");
    when_span(DAY_S + 3 * HOUR_S, span);
    ck_assert_str_eq(span, "1 d 3 h");
    when_span(2 * DAY_S + 1, span); /* why it counts as three days */
    ck_assert_str_eq(span, "2 d 1 s");
    when_span(90 * 60 + 5, span);
    ck_assert_str_eq(span, "1 h 30 min 5 s");
}
END_TEST

/* ---- What it costs --------------------------------------------------------
 */

/* 10 % a day, and what else is asked for. */
#define DAILY(cap, grace, closes, each, here)                                  \
    {                                                                          \
        true, DAY_S, 10000, cap, false, grace, closes, each, here              \
    }
#define PLAIN DAILY(100000, 0, -1, 0, 0)
#define OF_MAX(unit, per_unit)                                                 \
    {                                                                          \
        true, unit, per_unit, 100000, true, 0, -1, 0, 0                        \
    }

static const struct {
    const char *name;
    struct late_rules rules;
    int64_t points, late_s, days_left; /* of 100 */
    int64_t penalty, days_spent;
} costs[] = {
    {"in time", PLAIN, 100, 0, 0, 0, 0},
    {"early", PLAIN, 100, -DAY_S, 0, 0, 0},
    {"a second is a day", PLAIN, 100, 1, 0, 10, 0},
    {"a day to the second", PLAIN, 100, DAY_S, 0, 10, 0},
    {"a day and a second", PLAIN, 100, DAY_S + 1, 0, 20, 0},
    {"no more than all", PLAIN, 100, 30 * DAY_S, 0, 100, 0},
    {"rounded down", PLAIN, 99, 1, 0, 9, 0},
    {"nothing earned", PLAIN, 0, DAY_S, 3, 0, 0},
    {"no rules", {.closes_s = -1}, 100, DAY_S, 0, 0, 0},
    {"grace", DAILY(100000, 600, -1, 0, 0), 100, 600, 0, 0, 0},
    {"not grace", DAILY(100000, 600, -1, 0, 0), 100, DAY_S + 300, 0, 20, 0},
    {"capped", DAILY(25000, 0, -1, 0, 0), 100, 4 * DAY_S, 0, 25, 0},
    {"of all points", OF_MAX(HOUR_S, 1500), 40, 3 * HOUR_S + 1, 0, 6, 0},
    {"no more than earned", OF_MAX(DAY_S, 50000), 30, DAY_S, 0, 30, 0},
    {"closed", DAILY(25000, 0, 2 * DAY_S, 9, 9), 80, 2 * DAY_S + 1, 9, 80, 0},
    {"nearly", DAILY(100000, 0, 2 * DAY_S, 0, 0), 80, 2 * DAY_S, 0, 16, 0},
    {"closed, but grace", DAILY(100000, 60, 0, 0, 0), 80, 60, 0, 0, 0},
    {"one late day", DAILY(100000, 0, -1, 5, 5), 100, DAY_S, 5, 0, 1},
    {"none left", DAILY(100000, 0, -1, 5, 5), 100, DAY_S, 0, 10, 0},
    {"overdrawn", DAILY(100000, 0, -1, 5, 5), 100, DAY_S, -2, 10, 0},
    {"not for this lab", DAILY(100000, 0, -1, 5, 1), 100, 3 * DAY_S, 5, 20, 1},
    {"no more than needed", DAILY(100000, 0, -1, 9, 9), 100, 1, 9, 0, 1},
    {"grace moves, too", DAILY(100000, 60, -1, 9, 9), 100, DAY_S + 60, 9, 0, 1},
    {"in vain", DAILY(10000, 0, -1, 2, 2), 100, 5 * DAY_S, 2, 10, 0},
    {"not in vain", DAILY(20000, 0, -1, 4, 4), 100, 5 * DAY_S, 4, 10, 4},
};
enum { COSTS = sizeof(costs) / sizeof(costs[0]) };

START_TEST(being_late_costs_what_the_rules_say)
{
    int64_t spent = -1;
    int64_t penalty =
        policy_penalty(&costs[_i].rules, costs[_i].points, 100,
                       costs[_i].late_s, costs[_i].days_left, &spent);
    ck_assert_msg(penalty == costs[_i].penalty, "%s: penalty %lld",
                  costs[_i].name, (long long)penalty);
    ck_assert_msg(spent == costs[_i].days_spent, "%s: %lld late days",
                  costs[_i].name, (long long)spent);
}
END_TEST

/* Handing in later, or having fewer late days, never gives more points. */
START_TEST(later_is_never_better)
{
    static const struct late_rules all[] = {
        PLAIN, DAILY(30000, 900, 5 * DAY_S, 3, 2), OF_MAX(HOUR_S, 700)};
    const struct late_rules *rules = &all[_i];
    for (int64_t days = 0; days < 4; days++) {
        int64_t before = 0, spent;
        for (int64_t late_s = 0; late_s < 7 * DAY_S; late_s += 577) {
            int64_t now = policy_penalty(rules, 83, 100, late_s, days, &spent);
            int64_t fewer = policy_penalty(rules, 83, 100, late_s, 0, &spent);
            ck_assert_msg(now >= before && now <= 83 && fewer >= now,
                          "%lld s, %lld days: %lld after %lld",
                          (long long)late_s, (long long)days, (long long)now,
                          (long long)before);
            before = now;
        }
    }
}
END_TEST

/* ---- The file -------------------------------------------------------------
 */

#define DUE "'due': '2026-11-20T22:59:00Z'"
#define LATE "'late': {'per': 'day', 'percent': 10}"

static const struct {
    const char *text, *says;
} wrongs[] = {
    {"{'schema': 1", "p.json: line 1, column "},
    {"[]", "p.json: must be an object"},
    {"{}", "p.json: schema is missing"},
    {"{'schema': 2}", "p.json: schema is 2; this wirelab reads 1"},
    {"{'schema': 1, 'Due': 'x'}", "Due is not known; did you mean due?"},
    {"{'schema': 1, 'take': 'first'}",
     "take is \"first\"; it must be \"last\""},
    {"{'schema': 1, 'due': '2026-11-20T22:59:00'}", "a time with its zone"},
    {"{'schema': 1, " LATE "}", "late is there, but no due"},
    {"{'schema': 1, " DUE ", 'late': {'percent': 1}}", "late.per is missing"},
    {"{'schema': 1, " DUE ", 'late': {'per': 'week', 'percent': 1}}",
     "late.per is \"week\""},
    {"{'schema': 1, " DUE ", 'late': {'per': 'day', 'percent': 101}}",
     "late.percent is 101; it must be between 0 and 100"},
    {"{'schema': 1, " DUE ", 'late': {'per': 'day', 'percent': '1'}}",
     "late.percent must be a number"},
    {"{'schema': 1, " DUE ", 'late': {'per': 'day', 'percent': 1, "
     "'grace_minutes': -1}}",
     "late.grace_minutes is -1"},
    {"{'schema': 1, " DUE ", 'late_days': {'each': 1}}", "but no late"},
    {"{'schema': 1, 'extensions': [{'id': 'a', 'days': 1}]}", "but no due"},
    {"{'schema': 1, " DUE ", 'extensions': [{'id': 'a'}]}",
     "extensions[0] must have one of until, hours, days"},
    {"{'schema': 1, " DUE ", 'extensions': [{'id': 'a', 'days': 1, "
     "'hours': 1}]}",
     "extensions[0] must have one of"},
    {"{'schema': 1, " DUE ", 'extensions': [{'id': 'a', 'days': 1}, "
     "{'id': 'a', 'hours': 1}]}",
     "extensions[1].id: 'a' has an extension already"},
    {"{'schema': 1, " DUE ", 'extensions': [7]}",
     "extensions[0] must be an object"},
    {"{'schema': 1, 'submitted': {'ada': 'noon'}}",
     "submitted.ada is \"noon\""},
    {"{'schema': 1, 'overrides': [{'id': 'a', 'points': 1}]}",
     "overrides[0].reason is missing"},
    {"{'schema': 1, 'overrides': [{'id': 'a', 'points': 1, 'reason': ''}]}",
     "overrides[0].reason is empty"},
    {"{'schema': 1, 'overrides': [{'id': 'a', 'points': -1, 'reason': 'x'}]}",
     "overrides[0].points is -1"},
    {"{'schema': 1, 'overrides': [{'id': 'a', 'points': 1, 'reason': 'x'}, "
     "{'id': 'a', 'points': 2, 'reason': 'x'}]}",
     "overrides[1] is of the same points"},
};
enum { WRONGS = sizeof(wrongs) / sizeof(wrongs[0]) };

static void write_quoted(const char *path, const char *text)
{
    char *copy = mem_strdup(text);
    for (char *at = copy; *at; at++)
        *at = (char)(*at == '\'' ? '"' : *at);
    write_text(path, copy);
    free(copy);
}

START_TEST(a_wrong_policy_is_told_where)
{
    struct policy policy;
    write_quoted("p.json", wrongs[_i].text);
    ck_assert_int_eq(policy_load(&policy, "p.json", error), -EINVAL);
    ck_assert_msg(strstr(error, wrongs[_i].says) != NULL, "%s: %s",
                  wrongs[_i].text, error);
    ck_assert_msg(strncmp(error, "p.json: ", 8) == 0, "%s", error);
    ck_assert_ptr_null(strchr(error, '\n'));
}
END_TEST

/* A file that was cut short is an error wherever it was cut. */
START_TEST(no_beginning_of_a_policy_is_one)
{
    static const char text[] =
        "{\"schema\": 1, \"due\": \"2026-11-20T22:59:00Z\", \"overrides\": "
        "[{\"id\": \"a\", \"points\": 1, \"reason\": \"x\"}]}";
    for (size_t n = 0; n <= sizeof(text) - 1; n++) {
        struct policy policy;
        char *cut = mem_zalloc(n + 1);
        memcpy(cut, text, n);
        write_text("p.json", cut);
        bool whole = n == sizeof(text) - 1;
        ck_assert_int_eq(policy_load(&policy, "p.json", error),
                         whole ? 0 : -EINVAL);
        if (whole)
            policy_fini(&policy);
        free(cut);
    }
    struct policy policy;
    ck_assert_int_eq(policy_load(&policy, "none.json", error), -ENOENT);
}
END_TEST

/* ---- Grades ---------------------------------------------------------------
 */

/* One who has `points` of 60 in one test, and 0 of 40 in one that could not be
 * judged. */
static json_t *student(const char *id, int points, const char *submitted)
{
    json_t *one = json("{'id': '', 'name': '', 'email': '', 'seed': '1',"
                       " 'submission': {'digest': null, 'file': 'f',"
                       "                'submitted': null, 'problems': []},"
                       " 'build': {'ok': true, 'message': ''},"
                       " 'score': {'points': 0, 'max': 100, 'judged': 60},"
                       " 'tests': [{'id': '90.1.a', 'title': '', "
                       "'checkpoint': 1, 'points': 0, 'max': 60, 'verdict': "
                       "'pass', 'message': '', 'hidden': false, 'attempts': 1},"
                       " {'id': '90.2.b', 'title': '', 'checkpoint': 2,"
                       "  'points': 0, 'max': 40, 'verdict': 'infra',"
                       "  'message': '', 'hidden': false, 'attempts': 0}]}");
    json_object_set_new(one, "id", json_string(id));
    json_object_set_new(json_object_get(one, "score"), "points",
                        json_integer(points));
    json_object_set_new(grades_test(one, "90.1.a"), "points",
                        json_integer(points));
    if (submitted)
        json_object_set_new(json_object_get(one, "submission"), "submitted",
                            json_string(submitted));
    return one;
}

static json_t *batch_of(json_t *first, json_t *second)
{
    json_t *batch =
        json("{'schema': 1, 'kind': 'batch', 'wirelab': '0', 'lab': '90',"
             " 'title': 'T', 'max': 100, 'lab_digest': 'l',"
             " 'harness_digest': 'h', 'world': 'host', 'shard': null,"
             " 'students': []}");
    json_t *students = json_object_get(batch, "students");
    json_array_append_new(students, first);
    if (second)
        json_array_append_new(students, second);
    return batch;
}

static struct policy load(const char *text)
{
    struct policy policy;
    write_quoted("p.json", text);
    int result = policy_load(&policy, "p.json", error);
    ck_assert_msg(result == 0, "%s", error);
    return policy;
}

static int number(const json_t *object, const char *name)
{
    return (int)json_integer_value(json_object_get(object, name));
}

/* Points are what was graded and what was adjusted, added up. */
static void check_sum(const json_t *one)
{
    const json_t *score = json_object_get(one, "score");
    int sum = number(score, "before");
    size_t i;
    json_t *adjustment;
    json_array_foreach(json_object_get(score, "adjustments"), i, adjustment)
    {
        sum += number(adjustment, "points");
    }
    ck_assert_int_eq(sum, number(score, "points"));
}

static json_t *apply(const char *text, json_t **batches, size_t n,
                     const char *spent_text)
{
    struct policy policy = load(text);
    json_t *spent = json(spent_text);
    ck_assert_msg(policy_fits(&policy, batches, n, error) == 0, "%s", error);
    json_t *finals = policy_apply(&policy, batches, n, spent);
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(finals, "students"), i, one)
    {
        check_sum(one);
    }
    json_decref(spent);
    policy_fini(&policy);
    return finals;
}

static int points_of(const json_t *finals, const char *id)
{
    return number(json_object_get(grades_student(finals, id), "score"),
                  "points");
}

static void forget(json_t *finals, json_t **batches, size_t n)
{
    json_decref(finals);
    for (size_t i = 0; i < n; i++)
        json_decref(batches[i]);
}

START_TEST(an_extension_moves_one_deadline)
{
    json_t *batch = batch_of(student("ada", 60, "2026-11-22T22:59:00Z"),
                             student("bob", 60, "2026-11-22T22:59:00Z"));
    json_t *finals = apply("{'schema': 1, 'lab': '90', " DUE ", " LATE ","
                           " 'extensions': [{'id': 'ada', 'days': 1},"
                           " {'id': 'bob', 'until': '2026-11-01T00:00:00Z'}]}",
                           &batch, 1, "{}");
    ck_assert_int_eq(points_of(finals, "ada"), 54);
    ck_assert_int_eq(points_of(finals, "bob"), 48); /* not shortened */
    const json_t *late = json_object_get(grades_student(finals, "ada"), "late");
    ck_assert_str_eq(json_string_value(json_object_get(late, "due")),
                     "2026-11-21T22:59:00Z");
    ck_assert_int_eq(number(late, "by_s"), DAY_S);
    forget(finals, &batch, 1);
}
END_TEST

START_TEST(an_override_comes_before_the_penalty_and_a_total_after_it)
{
    json_t *batch = batch_of(student("ada", 30, "2026-11-21T22:59:00Z"),
                             student("bob", 30, "2026-11-21T22:59:00Z"));
    json_t *finals =
        apply("{'schema': 1, " DUE ", " LATE ", 'overrides': ["
              "{'id': 'ada', 'test': '90.2.b', 'points': 40, 'reason': 'x'},"
              "{'id': 'bob', 'points': 30, 'reason': 'x'}]}",
              &batch, 1, "{}");
    const json_t *ada = grades_student(finals, "ada");
    ck_assert_int_eq(points_of(finals, "ada"), 63); /* 30 + 40 - 10 % */
    ck_assert_int_eq(number(grades_test(ada, "90.2.b"), "points"), 40);
    ck_assert_int_eq(number(json_object_get(ada, "score"), "judged"), 100);
    ck_assert_int_eq(points_of(finals, "bob"), 30);
    /* What was graded has not changed. */
    ck_assert_int_eq(points_of(batch, "ada"), 30);
    forget(finals, &batch, 1);
}
END_TEST

START_TEST(late_days_spent_elsewhere_are_gone)
{
    json_t *batch = batch_of(student("ada", 50, "2026-11-22T22:59:00Z"),
                             student("bob", 50, "2026-11-22T22:59:00Z"));
    json_t *finals =
        apply("{'schema': 1, " DUE ", " LATE ", 'late_days': {'each': 3}}",
              &batch, 1, "{\"ada\": 2}");
    ck_assert_int_eq(points_of(finals, "ada"), 45);
    ck_assert_int_eq(points_of(finals, "bob"), 50);
    const json_t *late = json_object_get(grades_student(finals, "bob"), "late");
    ck_assert_int_eq(number(late, "late_days"), 2);
    forget(finals, &batch, 1);
}
END_TEST

START_TEST(who_has_no_time_is_in_time_unless_the_policy_knows_it)
{
    json_t *batch =
        batch_of(student("ada", 50, NULL), student("bob", 50, NULL));
    json_t *finals = apply("{'schema': 1, " DUE ", " LATE ", 'submitted': "
                           "{'bob': '2026-11-21T00:00:00Z'}}",
                           &batch, 1, "{}");
    ck_assert_int_eq(points_of(finals, "ada"), 50);
    ck_assert_int_eq(points_of(finals, "bob"), 45);
    forget(finals, &batch, 1);
}
END_TEST

static const struct {
    const char *name, *take;
    int points[2];
    const char *submitted[2];
    int taken, left;
} attempts[] = {
    {"the last", "last", {60, 20}, {NULL, NULL}, 2, 20},
    {"the best", "best", {60, 20}, {NULL, NULL}, 1, 60},
    {"of equals the later", "best", {40, 40}, {NULL, NULL}, 2, 40},
    {"of those at one time the later given",
     "last",
     {60, 20},
     {"2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"},
     2,
     20},
    {"last by its time, not by its batch",
     "last",
     {60, 20},
     {"2026-11-20T10:00:00Z", "2026-11-19T10:00:00Z"},
     1,
     60},
    {"better, but too late to be the best",
     "best",
     {50, 52},
     {"2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z"},
     1,
     50},
    {"late, and still the best",
     "best",
     {40, 60},
     {"2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z"},
     2,
     54},
};
enum { ATTEMPTS = sizeof(attempts) / sizeof(attempts[0]) };

START_TEST(one_attempt_is_taken)
{
    char text[256];
    json_t *batches[2];
    for (size_t i = 0; i < 2; i++)
        batches[i] = batch_of(
            student("ada", attempts[_i].points[i], attempts[_i].submitted[i]),
            NULL);
    (void)snprintf(text, sizeof(text),
                   "{'schema': 1, 'take': '%s', " DUE ", " LATE "}",
                   attempts[_i].take);
    json_t *finals = apply(text, batches, 2, "{}");
    const json_t *attempt =
        json_object_get(grades_student(finals, "ada"), "attempt");
    ck_assert_msg(number(attempt, "taken") == attempts[_i].taken &&
                      points_of(finals, "ada") == attempts[_i].left,
                  "%s: attempt %d, %d points", attempts[_i].name,
                  number(attempt, "taken"), points_of(finals, "ada"));
    forget(finals, batches, 2);
}
END_TEST

START_TEST(an_attempt_that_spends_no_late_day_is_better)
{
    json_t *batches[] = {
        batch_of(student("ada", 40, "2026-11-20T10:00:00Z"), NULL),
        batch_of(student("ada", 40, "2026-11-21T10:00:00Z"), NULL)};
    json_t *finals = apply("{'schema': 1, 'take': 'best', " DUE ", " LATE ","
                           " 'late_days': {'each': 5}}",
                           batches, 2, "{}");
    const json_t *ada = grades_student(finals, "ada");
    ck_assert_int_eq(number(json_object_get(ada, "attempt"), "taken"), 1);
    ck_assert_int_eq(points_of(finals, "ada"), 40);
    forget(finals, batches, 2);
}
END_TEST

START_TEST(everybody_of_any_attempt_is_there)
{
    json_t *batches[] = {
        batch_of(student("ada", 10, NULL), student("eve", 20, NULL)),
        batch_of(student("bob", 30, NULL), student("eve", 0, NULL))};
    json_t *eve = grades_student(batches[1], "eve");
    json_object_set_new(json_object_get(eve, "submission"), "file",
                        json_null()); /* she handed nothing in, then */
    json_t *finals = apply("{'schema': 1}", batches, 2, "{}");
    ck_assert_uint_eq(json_array_size(json_object_get(finals, "students")), 3);
    ck_assert_int_eq(points_of(finals, "ada"), 10);
    ck_assert_int_eq(points_of(finals, "bob"), 30);
    ck_assert_int_eq(points_of(finals, "eve"), 20);
    forget(finals, batches, 2);
}
END_TEST

static const struct {
    const char *text, *says;
} unfit[] = {
    {"{'schema': 1, 'lab': '08'}", "lab is \"08\", but these are grades of lab "
                                   "90"},
    {"{'schema': 1, 'submitted': {'adam': '2026-11-20T22:59:00Z'}}",
     "submitted: there is no student 'adam'; did you mean 'ada'?"},
    {"{'schema': 1, " DUE ", 'extensions': [{'id': 'zoe', 'days': 1}]}",
     "extensions[0].id: there is no student 'zoe'"},
    {"{'schema': 1, 'overrides': [{'id': 'ada', 'test': '90.1.b', 'points': 1,"
     " 'reason': 'x'}]}",
     "overrides[0].test: there is no test '90.1.b'; did you mean '90.1.a'?"},
    {"{'schema': 1, 'overrides': [{'id': 'ada', 'test': '90.1.a', 'points': 61,"
     " 'reason': 'x'}]}",
     "overrides[0].points is 61, but 90.1.a gives 60 at most"},
    {"{'schema': 1, 'overrides': [{'id': 'ada', 'points': 101, 'reason': "
     "'x'}]}",
     "overrides[0].points is 101, but the lab gives 100 at most"},
};
enum { UNFIT = sizeof(unfit) / sizeof(unfit[0]) };

START_TEST(a_policy_for_others_is_refused)
{
    json_t *batch = batch_of(student("ada", 10, NULL), NULL);
    struct policy policy = load(unfit[_i].text);
    ck_assert_int_eq(policy_fits(&policy, &batch, 1, error), -EINVAL);
    ck_assert_msg(strstr(error, unfit[_i].says) != NULL, "%s", error);
    policy_fini(&policy);
    json_decref(batch);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("policy");
    TCase *when = tcase_create("when"), *file = tcase_create("file");
    TCase *cost = tcase_create("cost"), *students = tcase_create("students");
    tcase_add_loop_test(when, a_moment_has_a_zone_and_is_in_the_calendar, 0,
                        MOMENTS);
    tcase_add_test(when, no_beginning_of_a_moment_is_one);
    tcase_add_test(when, moments_and_spans_are_written_as_people_read_them);
    tcase_add_loop_test(cost, being_late_costs_what_the_rules_say, 0, COSTS);
    tcase_add_loop_test(cost, later_is_never_better, 0, 3);
    tcase_add_checked_fixture(file, make_dir, remove_dir);
    tcase_add_loop_test(file, a_wrong_policy_is_told_where, 0, WRONGS);
    tcase_add_test(file, no_beginning_of_a_policy_is_one);
    tcase_add_checked_fixture(students, make_dir, remove_dir);
    tcase_add_test(students, an_extension_moves_one_deadline);
    tcase_add_test(students,
                   an_override_comes_before_the_penalty_and_a_total_after_it);
    tcase_add_test(students, late_days_spent_elsewhere_are_gone);
    tcase_add_test(students,
                   who_has_no_time_is_in_time_unless_the_policy_knows_it);
    tcase_add_loop_test(students, one_attempt_is_taken, 0, ATTEMPTS);
    tcase_add_test(students, an_attempt_that_spends_no_late_day_is_better);
    tcase_add_test(students, everybody_of_any_attempt_is_there);
    tcase_add_loop_test(students, a_policy_for_others_is_refused, 0, UNFIT);
    suite_add_tcase(suite, when);
    suite_add_tcase(suite, cost);
    suite_add_tcase(suite, file);
    suite_add_tcase(suite, students);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

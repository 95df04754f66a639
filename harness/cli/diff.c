/* wirelab results diff: whose score fell on the same code?
 *
 * After a test, the harness or the policy has changed, a class is graded anew,
 * and whoever handed in the same files must not have lost by it unnoticed.  Who
 * handed in other files is only counted: their points may well differ. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "cli/cli.h"
#include "cli/finals.h"
#include "base/object.h"
#include "grade/grades.h"
#include "run/output.h"

/* What became of a student, in the order in which it is told. */
enum change { FELL, ROSE, SHIFTED, MOVED, CAME, LEFT, STAYED, CHANGES };

static const struct {
    const char *word, *summary;
} changes[CHANGES] = {
    [FELL] = {"fell", "fell on the same code"},
    [ROSE] = {"rose", "rose on the same code"},
    [SHIFTED] = {"shifted", "same score by other tests"},
    [MOVED] = {"other code", "other code"},
    [CAME] = {"new", "new"},
    [LEFT] = {"gone", "gone"},
    [STAYED] = {"as before", "as before"},
};

/* One student; `before` or `after` may be NULL. */
struct pair {
    const json_t *before, *after;
    enum change change;
};

struct diff {
    const char *paths[2];
    json_t *grades[2];
    struct pair *pairs;
    size_t count;
};

static int points_of(const json_t *object)
{
    return object_int(object, "points");
}

static const json_t *score_of(const json_t *student)
{
    return json_object_get(student, "score");
}

static bool is_same_code(const json_t *a, const json_t *b)
{
    return json_equal(
        json_object_get(json_object_get(a, "submission"), "digest"),
        json_object_get(json_object_get(b, "submission"), "digest"));
}

static bool is_same_test(const json_t *a, const json_t *b)
{
    return a && b && points_of(a) == points_of(b) &&
           strcmp(object_text(a, "verdict"), object_text(b, "verdict")) == 0;
}

/* Whether `b` has all tests of `a`, with the same outcome. */
static bool has_same_tests(const json_t *a, const json_t *b)
{
    size_t i;
    json_t *test;
    json_array_foreach(json_object_get(a, "tests"), i, test)
    {
        if (!is_same_test(test, grades_test(b, object_text(test, "id"))))
            return false;
    }
    return true;
}

static enum change compare(const json_t *before, const json_t *after)
{
    if (before == NULL || after == NULL)
        return before ? LEFT : CAME;
    if (!is_same_code(before, after))
        return MOVED;
    int rise = points_of(score_of(after)) - points_of(score_of(before));
    if (rise)
        return rise < 0 ? FELL : ROSE;
    return has_same_tests(before, after) && has_same_tests(after, before)
               ? STAYED
               : SHIFTED;
}

/* Both lists are sorted by id. */
static void pair_up(struct diff *diff)
{
    const json_t *old = json_object_get(diff->grades[0], "students");
    const json_t *new = json_object_get(diff->grades[1], "students");
    size_t i = 0, k = 0, n = json_array_size(old), m = json_array_size(new);
    diff->pairs = mem_zalloc((n + m + 1) * sizeof(*diff->pairs));
    while (i < n || k < m) {
        struct pair *pair = &diff->pairs[diff->count++];
        const json_t *a = json_array_get(old, i), *b = json_array_get(new, k);
        int order = a == NULL ? 1
                    : b == NULL
                        ? -1
                        : strcmp(object_text(a, "id"), object_text(b, "id"));
        *pair = (struct pair){.before = order <= 0 ? a : NULL,
                              .after = order >= 0 ? b : NULL};
        pair->change = compare(pair->before, pair->after);
        i += order <= 0;
        k += order >= 0;
    }
}

/* ---- Telling --------------------------------------------------------------
 */

/* "08.4.x  pass 6 -> fail 0: the message now". */
static void tell_test(const json_t *before, const json_t *after)
{
    const json_t *one = after ? after : before;
    printf("      %-32s", object_text(one, "id"));
    if (before)
        printf(" %s %d", object_text(before, "verdict"), points_of(before));
    else
        printf(" not there");
    if (after)
        printf(" -> %s %d", object_text(after, "verdict"), points_of(after));
    else
        printf(" -> not there");
    char *message = output_line(object_text(after, "message"));
    printf("%s%s\n", *message ? ": " : "", message);
    free(message);
}

static void tell_tests(const struct pair *pair)
{
    size_t i;
    json_t *test;
    json_array_foreach(json_object_get(pair->before, "tests"), i, test)
    {
        const json_t *now = grades_test(pair->after, object_text(test, "id"));
        if (!is_same_test(test, now))
            tell_test(test, now);
    }
    json_array_foreach(json_object_get(pair->after, "tests"), i, test)
    {
        if (grades_test(pair->before, object_text(test, "id")) == NULL)
            tell_test(NULL, test);
    }
}

/* What a policy did, on the side that has it. */
static void tell_policy(const json_t *student, const char *side)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(score_of(student), "adjustments"), i,
                       one)
    {
        char *reason = output_line(object_text(one, "reason"));
        printf("      %s policy: %s %+d, %s\n", side, object_text(one, "kind"),
               points_of(one), reason);
        free(reason);
    }
}

static void tell_pair(const struct pair *pair)
{
    const json_t *one = pair->after ? pair->after : pair->before;
    bool same_code = pair->change <= SHIFTED;
    char *id = output_line(object_text(one, "id"));
    printf("  %-10s %-24s", changes[pair->change].word, id);
    free(id);
    if (pair->before)
        printf(" %3d", points_of(score_of(pair->before)));
    printf(" ->");
    if (pair->after)
        printf(" %3d", points_of(score_of(pair->after)));
    if (same_code && strcmp(object_text(pair->before, "seed"),
                            object_text(pair->after, "seed")) != 0)
        printf("  (another seed)");
    printf("\n");
    if (!same_code)
        return;
    tell_tests(pair);
    tell_policy(pair->before, "old");
    tell_policy(pair->after, "new");
}

static void tell_circumstances(const struct diff *diff)
{
    static const char *const names[][2] = {{"wirelab", "wirelab's version"},
                                           {"lab_digest", "the lab"},
                                           {"harness_digest", "the harness"},
                                           {"world", "the world"}};
    bool any = false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(object_text(diff->grades[0], names[i][0]),
                   object_text(diff->grades[1], names[i][0])) == 0)
            continue;
        printf("%s%s",
               any ? ", " : "Between the two there differ: ", names[i][1]);
        any = true;
    }
    if (any)
        printf("\n");
}

static int tell(const struct diff *diff)
{
    size_t counts[CHANGES] = {0};
    tell_circumstances(diff);
    for (int change = 0; change < CHANGES; change++) {
        for (size_t i = 0; i < diff->count; i++) {
            if ((int)diff->pairs[i].change != change)
                continue;
            counts[change]++;
            if (change != STAYED)
                tell_pair(&diff->pairs[i]);
        }
    }
    printf("%zu students", diff->count);
    for (int change = 0; change < CHANGES; change++) {
        if (counts[change] > 0 || change == FELL)
            printf("; %s: %zu", changes[change].summary, counts[change]);
    }
    printf("\n");
    return counts[FELL] > 0 ? EXIT_FAILED : EXIT_PASSED;
}

static int load(struct diff *diff)
{
    char error[GRADES_ERROR_BYTES];
    for (size_t i = 0; i < 2; i++) {
        diff->grades[i] = grades_load(diff->paths[i], error);
        if (diff->grades[i] == NULL)
            return usage_error("%s", error);
    }
    const char *old = object_text(diff->grades[0], "lab");
    const char *new = object_text(diff->grades[1], "lab");
    return strcmp(old, new) == 0
               ? 0
               : usage_error("%s is of lab %s, %s of lab %s", diff->paths[0],
                             old, diff->paths[1], new);
}

int cli_diff(int argc, char **argv)
{
    const struct command command = {
        .name = "results diff",
        .usage = "OLD NEW",
        .summary = "Says how two gradings of a class differ",
        .text = "OLD and NEW are what wirelab grade, results merge or results "
                "policy wrote.  Exit\nstatus: 1 if somebody's score fell on "
                "the same code, else 0.",
        .min_operands = 2,
        .max_operands = 2,
    };
    size_t operands;
    int status;
    if (!command_parse(&command, argc, argv, &operands, &status))
        return status;
    struct diff diff = {.paths = {argv[1], argv[2]}};
    status = load(&diff);
    if (status == 0) {
        pair_up(&diff);
        status = tell(&diff);
    }
    free(diff.pairs);
    json_decref(diff.grades[0]);
    json_decref(diff.grades[1]);
    return status;
}

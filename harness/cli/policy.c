/* wirelab results policy: grades and a policy become final grades.
 *
 * Nothing is judged again, and what was graded is not changed: the outcome is a
 * file of its own, of the same kind, in which each student's score tells how it
 * came about.  See grade/policy.h for the rules. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strbuf.h"
#include "cli/cli.h"
#include "cli/finals.h"
#include "base/object.h"
#include "grade/grades.h"
#include "grade/policy.h"
#include "run/output.h"

enum { MAX_BATCHES = 64 };

struct finals {
    const char *policy_path, *out;
    struct text_list spent_paths;
    char **paths;
    json_t *batches[MAX_BATCHES];
    size_t count;
    struct policy policy;
    json_t *spent; /* id: late days, in all other labs */
    json_t *grades;
};

/* ---- What it is given -----------------------------------------------------
 */

/* What must agree for two batches to be attempts at one thing. */
static const char *difference(const json_t *a, const json_t *b)
{
    static const char *const names[] = {"lab", "lab_digest", "wirelab",
                                        "harness_digest", "world"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(object_text(a, names[i]), object_text(b, names[i])) != 0)
            return names[i];
    }
    return NULL;
}

static int check_batch(const struct finals *finals, size_t index)
{
    const json_t *batch = finals->batches[index];
    const char *path = finals->paths[index];
    const char *differs = difference(finals->batches[0], batch);
    if (json_object_get(batch, "policy"))
        return usage_error("%s: a policy was applied to it already: name the "
                           "grades as wirelab grade wrote them",
                           path);
    if (json_is_string(json_object_get(batch, "shard")))
        return usage_error("%s is shard %s of a batch: join them first, by "
                           "wirelab results merge",
                           path, object_text(batch, "shard"));
    if (differs)
        return usage_error("%s and %s cannot be compared: they differ in '%s'; "
                           "grade both with one wirelab",
                           finals->paths[0], path, differs);
    return 0;
}

static int load_batches(struct finals *finals, size_t n)
{
    char error[GRADES_ERROR_BYTES];
    for (size_t i = 0; i < n; i++) {
        finals->batches[i] = grades_load(finals->paths[i], error);
        if (finals->batches[i] == NULL)
            return usage_error("%s", error);
        finals->count = i + 1;
        int status = check_batch(finals, i);
        if (status)
            return status;
    }
    return 0;
}

/* Adds one lab's final results to finals->spent. */
static void add_spent(struct finals *finals, const json_t *grades)
{
    size_t i;
    json_t *student;
    json_array_foreach(json_object_get(grades, "students"), i, student)
    {
        const char *id = object_text(student, "id");
        int days = object_int(json_object_get(student, "late"), "late_days") +
                   object_int(finals->spent, id);
        (void)json_object_set_new(finals->spent, id, json_integer(days));
    }
}

static int load_spent(struct finals *finals)
{
    char error[GRADES_ERROR_BYTES];
    int status = 0;
    json_t *seen = json_object();
    finals->spent = json_object();
    (void)json_object_set_new(seen, object_text(finals->batches[0], "lab"),
                              json_true());
    for (size_t i = 0; i < finals->spent_paths.count && status == 0; i++) {
        const char *path = finals->spent_paths.items[i];
        json_t *grades = grades_load(path, error);
        const char *lab = object_text(grades, "lab");
        if (grades == NULL)
            status = usage_error("--spent %s", error);
        else if (json_object_get(grades, "policy") == NULL)
            status = usage_error("--spent %s: no policy was applied to it, so "
                                 "no late days were spent",
                                 path);
        else if (json_object_get(seen, lab))
            status = usage_error("--spent %s: late days for lab %s are "
                                 "counted already",
                                 path, lab);
        else
            add_spent(finals, grades);
        (void)json_object_set_new(seen, lab, json_true());
        json_decref(grades);
    }
    json_decref(seen);
    return status;
}

static int load_policy(struct finals *finals)
{
    char error[POLICY_ERROR_BYTES];
    int result = policy_load(&finals->policy, finals->policy_path, error);
    if (result == 0)
        result =
            policy_fits(&finals->policy, finals->batches, finals->count, error);
    return result < 0 ? usage_error("--policy %s", error) : 0;
}

/* What was graded is not to be lost: there may be another policy. */
static int check_out(const struct finals *finals)
{
    struct stat out, in;
    if (stat(finals->out, &out) < 0)
        return 0;
    if (S_ISDIR(out.st_mode))
        return usage_error("--out %s is a directory: name the file, "
                           "%s/final.json",
                           finals->out, finals->out);
    for (size_t i = 0; i < finals->count; i++) {
        char *file = str_format("%s/results.json", finals->paths[i]);
        bool same =
            (stat(file, &in) == 0 || stat(finals->paths[i], &in) == 0) &&
            in.st_dev == out.st_dev && in.st_ino == out.st_ino;
        free(file);
        if (same)
            return usage_error("--out %s would overwrite what was graded: name "
                               "another file",
                               finals->out);
    }
    return 0;
}

/* ---- What it says ---------------------------------------------------------
 */

/* A student's or an instructor's words, safe for a terminal. */
static void print_words(const char *before, const char *words)
{
    char *safe = output_line(words);
    printf("%s%s\n", before, safe);
    free(safe);
}

static void tell_adjustment(const json_t *one)
{
    char head[128];
    const char *test = object_text(one, "test");
    (void)snprintf(head, sizeof(head), "    %-5s %+4d  %.80s%s",
                   object_text(one, "kind"), object_int(one, "points"), test,
                   *test ? ": " : "");
    print_words(head, object_text(one, "reason"));
}

static void tell_extension(const struct finals *finals, const char *id)
{
    const json_t *extension = policy_extension(&finals->policy, id);
    static const char *const units[] = {"hours", "days"};
    char head[64] = "    extension";
    if (extension == NULL)
        return;
    for (size_t i = 0; i < 2; i++) {
        if (json_object_get(extension, units[i]))
            (void)snprintf(head, sizeof(head), "    extension by %d %s",
                           object_int(extension, units[i]), units[i]);
    }
    if (json_object_get(extension, "until"))
        (void)snprintf(head, sizeof(head), "    extension until %s",
                       object_text(extension, "until"));
    const char *reason = object_text(extension, "reason");
    char *words = str_format("%s%s", *reason ? ": " : "", reason);
    print_words(head, words);
    free(words);
}

static void tell_student(const struct finals *finals, const json_t *student)
{
    const json_t *score = json_object_get(student, "score");
    const json_t *adjustments = json_object_get(score, "adjustments");
    const json_t *attempt = json_object_get(student, "attempt");
    const char *id = object_text(student, "id");
    size_t i;
    json_t *one;
    if (json_array_size(adjustments) == 0 && attempt == NULL &&
        policy_extension(&finals->policy, id) == NULL)
        return;
    char *safe = output_line(id);
    printf("  %-24s %3d -> %3d\n", safe, object_int(score, "before"),
           object_int(score, "points"));
    free(safe);
    if (attempt)
        printf("    attempt %d of %d\n", object_int(attempt, "taken"),
               object_int(attempt, "of"));
    tell_extension(finals, id);
    json_array_foreach(adjustments, i, one)
    {
        tell_adjustment(one);
    }
}

static void tell(const struct finals *finals)
{
    size_t i, changed = 0, late = 0, timeless = 0;
    json_t *student;
    const json_t *students = json_object_get(finals->grades, "students");
    json_array_foreach(students, i, student)
    {
        const json_t *score = json_object_get(student, "score");
        const json_t *handin = json_object_get(student, "submission");
        tell_student(finals, student);
        changed += object_int(score, "before") != object_int(score, "points");
        late += json_object_get(student, "late") != NULL;
        timeless += json_is_string(json_object_get(handin, "file")) &&
                    !json_is_string(json_object_get(handin, "submitted"));
    }
    printf("%zu students, %zu late, %zu scores changed: %s\n", i, late, changed,
           finals->out);
    (void)fflush(stdout);
    if (timeless > 0 && finals->policy.has_due)
        (void)fprintf(stderr,
                      "wirelab: nobody says when %zu of them were handed in; "
                      "they count as in time (\"submitted\" in the policy "
                      "says it)\n",
                      timeless);
}

/* ---- The whole ------------------------------------------------------------
 */

static int finish(struct finals *finals, size_t n)
{
    int status = load_batches(finals, n);
    if (status == 0)
        status = load_policy(finals);
    if (status == 0)
        status = load_spent(finals);
    if (status == 0)
        status = check_out(finals);
    if (status)
        return status;
    finals->grades = policy_apply(&finals->policy, finals->batches,
                                  finals->count, finals->spent);
    int result = grades_write(finals->out, finals->grades);
    if (result < 0)
        return infra_error("cannot write %s: %s", finals->out,
                           strerror(-result));
    tell(finals);
    return EXIT_PASSED;
}

static void release(struct finals *finals)
{
    for (size_t i = 0; i < finals->count; i++)
        json_decref(finals->batches[i]);
    json_decref(finals->spent);
    json_decref(finals->grades);
    policy_fini(&finals->policy);
}

int cli_policy(int argc, char **argv)
{
    struct finals finals = {.paths = argv + 1};
    const struct command_option options[] = {
        {"--policy", OPTION_TEXT, &finals.policy_path, "FILE",
         "deadline, penalties, overrides (JSON; required)", NULL},
        {"--out", OPTION_TEXT, &finals.out, "FILE",
         "where the final results go (required)", NULL},
        {"--spent", OPTION_LIST, &finals.spent_paths, "FILE",
         "another lab's final results: late days count there, too", NULL},
    };
    const struct command command = {
        .name = "results policy",
        .usage = "IN... --policy FILE --out FILE",
        .summary = "Makes grades final: late days and penalties, extensions, "
                   "overrides,\nthe best or the last of several attempts",
        .text = "IN is what wirelab grade wrote (OUT or OUT/results.json), one "
                "for each attempt,\nthe oldest first.  It stays as it is; FILE "
                "is of the same kind, and tells what each\nscore was before, "
                "and why it was changed.  harness/grade/policy.schema.json "
                "says\nwhat may be in a policy.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .min_operands = 1,
        .max_operands = MAX_BATCHES,
    };
    size_t operands;
    int status;
    if (!command_parse(&command, argc, argv, &operands, &status))
        return status;
    if (finals.policy_path == NULL || finals.out == NULL)
        return usage_error("--policy and --out are needed: wirelab %s %s",
                           command.name, command.usage);
    status = finish(&finals, operands);
    release(&finals);
    return status;
}

/* wirelab results merge: the shards of one batch become the batch.
 *
 * They must be of one lab, one harness, one compiler, one world and one source
 * of seeds, must be all of the N shards, and share no student; the outcome is,
 * byte by byte, what one run without shards would have written. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/batch.h"
#include "cli/child.h"
#include "cli/merge.h"
#include "base/object.h"
#include "grade/grades.h"

enum { MAX_SHARDS = 1000 };

struct shard {
    const char *dir;
    json_t *about, *results;
    unsigned number, of;
};

struct merge {
    struct shard shards[MAX_SHARDS];
    size_t count;
    const char *out;
};

static json_t *load(const char *dir, const char *name)
{
    json_error_t error;
    char *path = str_format("%s/%s", dir, name);
    json_t *json = json_load_file(path, 0, &error);
    if (json == NULL && access(path, F_OK) < 0)
        (void)usage_error("%s is missing: that shard has not ended", path);
    else if (json == NULL)
        (void)usage_error("%s: %s", path, error.text);
    free(path);
    return json;
}

static int load_shard(struct shard *shard, const char *dir)
{
    char end;
    *shard = (struct shard){.dir = dir, .about = load(dir, "batch.json")};
    if (shard->about == NULL)
        return EXIT_USAGE;
    shard->results = load(dir, "results.json");
    if (shard->results == NULL)
        return EXIT_USAGE;
    const char *text = object_text(shard->about, "shard");
    if (sscanf(text, "%u/%u%c", &shard->number, &shard->of, &end) != 2)
        return usage_error("%s is no shard: it was graded without --shard",
                           dir);
    return 0;
}

static int compare(const struct shard *a, const struct shard *b)
{
    const char *differs = batch_difference(a->about, b->about);
    if (differs)
        return usage_error("%s and %s are not of one batch: they differ in "
                           "'%s'",
                           a->dir, b->dir, differs);
    if (a->of != b->of)
        return usage_error("%s is one of %u shards, %s one of %u", a->dir,
                           a->of, b->dir, b->of);
    if (a->number == b->number)
        return usage_error("%s and %s are both shard %u", a->dir, b->dir,
                           a->number);
    return 0;
}

static int check(const struct merge *merge)
{
    const struct shard *first = &merge->shards[0];
    for (size_t i = 0; i < merge->count; i++) {
        for (size_t k = 0; k < i; k++) {
            int status = compare(&merge->shards[k], &merge->shards[i]);
            if (status)
                return status;
        }
    }
    if (merge->count != first->of)
        return usage_error("%zu of %u shards are there: name them all",
                           merge->count, first->of);
    return 0;
}

struct entry {
    json_t *student;
};

static int by_id(const void *a, const void *b)
{
    const struct entry *one = a, *other = b;
    return strcmp(object_text(one->student, "id"),
                  object_text(other->student, "id"));
}

/* All students, sorted; NULL after one line on stderr. */
static json_t *join(const struct merge *merge)
{
    struct entry *list = NULL;
    size_t n = 0;
    for (size_t i = 0; i < merge->count; i++) {
        const json_t *students =
            json_object_get(merge->shards[i].results, "students");
        size_t k;
        json_t *student;
        json_array_foreach(students, k, student)
        {
            list = mem_realloc(list, (n + 1) * sizeof(*list));
            list[n++].student = student;
        }
    }
    if (n > 0)
        qsort(list, n, sizeof(*list), by_id);
    json_t *joined = json_array();
    for (size_t i = 0; i < n && joined; i++) {
        (void)json_array_append(joined, list[i].student);
        if (i > 0 && by_id(&list[i - 1], &list[i]) == 0) {
            (void)usage_error("the student '%s' is in two shards",
                              object_text(list[i].student, "id"));
            json_decref(joined);
            joined = NULL;
        }
    }
    free(list);
    return joined;
}

/* Evidence comes along, as hard links where that is possible. */
static int copy_students(const struct merge *merge)
{
    for (size_t i = 0; i < merge->count; i++) {
        char *from = str_format("%s/students", merge->shards[i].dir);
        const char *linked[] = {"cp", "-al", from, merge->out, NULL};
        const char *copied[] = {"cp", "-a", from, merge->out, NULL};
        char *output = NULL;
        int status = access(from, F_OK) < 0 ? 0 : child_run(NULL, linked, NULL);
        if (status)
            status = child_run(NULL, copied, &output);
        if (status)
            status = infra_error("cannot copy %s: %s", from,
                                 output ? output : "cp failed");
        free(output);
        free(from);
        if (status)
            return status;
    }
    return 0;
}

static int write_json(const struct merge *merge, const char *name,
                      const json_t *json)
{
    char *path = str_format("%s/%s", merge->out, name);
    int result = grades_write(path, json);
    int status =
        result < 0 ? infra_error("cannot write %s: %s", path, strerror(-result))
                   : 0;
    free(path);
    return status;
}

static int write_out(const struct merge *merge, json_t *students)
{
    json_t *about = json_deep_copy(merge->shards[0].about);
    (void)json_object_set_new(about, "shard", json_null());
    json_t *results = batch_results(about, students);
    int status = tree_make(merge->out) < 0 ? EXIT_INFRA : 0;
    if (status)
        (void)infra_error("cannot make %s: %s", merge->out, strerror(errno));
    if (status == 0)
        status = copy_students(merge);
    if (status == 0)
        status = write_json(merge, "batch.json", about);
    if (status == 0)
        status = write_json(merge, "results.json", results);
    if (status == 0)
        printf("%zu students of %zu shards: %s/results.json\n",
               json_array_size(json_object_get(results, "students")),
               merge->count, merge->out);
    json_decref(results);
    json_decref(about);
    return status;
}

static int merge_all(struct merge *merge, char **dirs, size_t n)
{
    int status = 0;
    if (merge->out == NULL)
        return usage_error("--out is needed: where the joined batch goes");
    char *taken = str_format("%s/batch.json", merge->out);
    if (access(taken, F_OK) == 0)
        status = usage_error("%s holds a batch already", merge->out);
    free(taken);
    for (size_t i = 0; i < n && status == 0; i++)
        status = load_shard(&merge->shards[merge->count++], dirs[i]);
    if (status == 0)
        status = check(merge);
    json_t *students = status == 0 ? join(merge) : NULL;
    if (status == 0)
        status = students ? write_out(merge, students) : EXIT_USAGE;
    for (size_t i = 0; i < merge->count; i++) {
        json_decref(merge->shards[i].about);
        json_decref(merge->shards[i].results);
    }
    return status;
}

int cli_merge(int argc, char **argv)
{
    struct merge merge = {0};
    const struct command_option options[] = {
        {"--out", OPTION_TEXT, &merge.out, "DIR",
         "where the joined batch goes (required)", NULL},
    };
    const struct command command = {
        .name = "results merge",
        .usage = "OUT1 OUT2... --out DIR",
        .summary = "Joins the shards of one batch",
        .text = "Shards of different labs, versions, compilers, worlds or "
                "secrets are refused, and so\nis a set that is not whole.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .min_operands = 1,
        .max_operands = MAX_SHARDS,
    };
    size_t operands;
    int status;
    if (!command_parse(&command, argc, argv, &operands, &status))
        return status;
    return merge_all(&merge, argv + 1, operands);
}

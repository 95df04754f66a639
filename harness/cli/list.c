/* wirelab list: the labs, their checkpoints, the last result of each. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "cli/child.h"
#include "cli/cli.h"
#include "cli/object.h"
#include "cli/project.h"
#include "grade/labjson.h"
#include "grade/results.h"

struct list_options {
    bool json, ids, numbers;
};

/* ---- The last result ------------------------------------------------------
 */

/* Whether it tells how far the learner is: their own program, the whole lab. */
static bool counts(const json_t *results, const struct labjson *lab)
{
    const json_t *score = json_object_get(results, "score");
    return strcmp(object_text(results, "impl"), "skeleton") == 0 &&
           strcmp(object_text(results, "lab"), lab->id) == 0 &&
           json_integer_value(json_object_get(score, "max")) == 100 &&
           !json_is_true(json_object_get(results, "interrupted"));
}

static int is_run(const struct dirent *entry)
{
    return entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
}

/* The newest results that count; NULL if there are none. */
static json_t *last_result(const struct project *project,
                           const struct lab_dir *dir, const struct labjson *lab)
{
    char error[RESULTS_ERROR_BYTES];
    char *runs = str_format("%s/runs/%s", project->build, dir->number);
    struct dirent **entries;
    int n = scandir(runs, &entries, is_run, alphasort);
    json_t *found = NULL;
    for (int i = n; i-- > 0;) {
        char *path = str_format("%s/%s/results.json", runs, entries[i]->d_name);
        json_t *results = found ? NULL : results_load(path, error);
        if (results && counts(results, lab))
            found = json_incref(results);
        json_decref(results);
        free(path);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    free(runs);
    return found;
}

static int points_of(const json_t *results)
{
    const json_t *score = json_object_get(results, "score");
    return object_int(score, "points");
}

/* ---- One lab --------------------------------------------------------------
 */

static const json_t *result_of_checkpoint(const json_t *results, int number)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(results, "checkpoints"), i, entry)
    {
        if (json_integer_value(json_object_get(entry, "number")) == number)
            return entry;
    }
    return NULL;
}

static void print_checkpoints(const struct labjson *lab, const json_t *results)
{
    for (size_t i = 0; i < lab->checkpoint_count; i++) {
        const struct checkpoint *checkpoint = &lab->checkpoints[i];
        const json_t *entry = result_of_checkpoint(results, checkpoint->number);
        printf("     %2d  %-44s %3d points  %s\n", checkpoint->number,
               checkpoint->title, checkpoint->points,
               entry ? object_text(entry, "verdict") : "");
    }
}

static void print_lab(const struct lab_dir *dir, const struct labjson *lab,
                      const json_t *results, bool checkpoints)
{
    printf("%s  %s\n     %s; about %d h; ", dir->number, lab->title, dir->name,
           (lab->minutes + 30) / 60);
    if (results)
        printf("last check: %d of 100 points\n", points_of(results));
    else
        printf("not checked yet\n");
    if (checkpoints)
        print_checkpoints(lab, results);
}

static json_t *lab_object(const struct lab_dir *dir, const struct labjson *lab,
                          json_t *results)
{
    json_t *checkpoints = json_array();
    for (size_t i = 0; i < lab->checkpoint_count; i++) {
        const struct checkpoint *checkpoint = &lab->checkpoints[i];
        const json_t *entry = result_of_checkpoint(results, checkpoint->number);
        json_array_append_new(
            checkpoints,
            json_pack("{s:i, s:s, s:i, s:s*}", "number", checkpoint->number,
                      "title", checkpoint->title, "points", checkpoint->points,
                      "verdict", entry ? object_text(entry, "verdict") : NULL));
    }
    json_t *last =
        results ? json_pack("{s:i, s:O*}", "points", points_of(results),
                            "started", json_object_get(results, "started"))
                : NULL;
    return json_pack("{s:s, s:s, s:s, s:i, s:o, s:o*}", "id", lab->id, "name",
                     dir->name, "title", lab->title, "minutes", lab->minutes,
                     "checkpoints", checkpoints, "last", last);
}

/* Prints the lab, or adds it to `array` if that is not NULL. */
static int list_lab(const struct project *project, const struct lab_dir *dir,
                    json_t *array, bool checkpoints)
{
    struct labjson lab;
    char error[LABJSON_ERROR_BYTES];
    char *path = str_format("%s/lab.json", dir->path);
    int loaded = labjson_load(path, &lab, error);
    free(path);
    if (loaded < 0)
        return infra_error("%s", error);
    json_t *results = last_result(project, dir, &lab);
    if (array)
        json_array_append_new(array, lab_object(dir, &lab, results));
    else
        print_lab(dir, &lab, results, checkpoints);
    json_decref(results);
    labjson_fini(&lab);
    return 0;
}

/* The ids of a lab's tests, one a line, as its suite (if it is built) has them.
 * Shell completion reads this. */
static int list_ids(const struct lab_dir *dir)
{
    const char *argv[] = {dir->suite, "--list", NULL};
    char *output;
    json_error_t error;
    size_t i;
    json_t *test;
    if (child_run(NULL, argv, &output) == 0) {
        json_t *list = json_loads(output, 0, &error);
        json_array_foreach(json_object_get(list, "tests"), i, test)
            puts(object_text(test, "id"));
        json_decref(list);
    }
    free(output);
    return EXIT_PASSED;
}

static void list_numbers(const struct project *project)
{
    for (size_t i = 0; i < project->lab_count; i++)
        puts(project->labs[i].number);
}

static int list_all(const struct project *project, const struct lab_dir *only,
                    const struct list_options *options)
{
    json_t *array = options->json ? json_array() : NULL;
    int status = 0;
    for (size_t i = 0; i < project->lab_count && status == 0; i++) {
        const struct lab_dir *dir = &project->labs[i];
        if (only == NULL || only == dir)
            status = list_lab(project, dir, array, true);
    }
    if (array && status == 0) {
        json_t *whole = json_pack("{s:O}", "labs", array);
        (void)json_dumpf(whole, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        puts("");
        json_decref(whole);
    }
    json_decref(array);
    return status;
}

int cli_list(int argc, char **argv)
{
    struct list_options options = {0};
    const struct command_option table[] = {
        {"--json", OPTION_FLAG, &options.json, NULL, "as JSON", NULL},
        {"--ids", OPTION_FLAG, &options.ids, NULL,
         "with NN: only the ids of its tests", NULL},
        {"--numbers", OPTION_FLAG, &options.numbers, NULL,
         "only the labs' numbers", NULL},
    };
    const struct command command = {
        .name = "list",
        .usage = "[NN] [--json]",
        .summary = "Lists the labs, their checkpoints and points, and how your "
                   "last check ended",
        .text = "",
        .options = table,
        .option_count = sizeof(table) / sizeof(table[0]),
        .max_operands = 1,
    };
    size_t operands;
    int status;
    if (!command_parse(&command, argc, argv, &operands, &status))
        return status;
    struct project project;
    if ((status = project_open(&project)))
        return status;
    const struct lab_dir *only =
        operands ? project_lab(&project, argv[1]) : NULL;
    if (operands && only == NULL)
        status = EXIT_USAGE;
    else if (options.ids && only)
        status = list_ids(only);
    else if (options.numbers)
        list_numbers(&project);
    else
        status = list_all(&project, only, &options);
    project_fini(&project);
    return status;
}

/* wirelab list: the labs, how far the learner is with each, and the checkpoints
 * of one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "cli/child.h"
#include "cli/cli.h"
#include "base/object.h"
#include "cli/project.h"
#include "cli/standing.h"
#include "cli/state.h"
#include "grade/labjson.h"
#include "report/page.h"

enum { TITLE_COLUMNS = 44, BAR_COLUMNS = 20 };

struct list_options {
    bool json, ids, numbers;
};

/* ---- What is printed ------------------------------------------------------
 */

struct listing {
    json_t *array; /* of --json; NULL: text */
    bool checkpoints;
    struct report_style style;
    int labs, done, points;
};

static void print_bar(const struct listing *listing, int points, int max,
                      int columns)
{
    const char *full = listing->style.utf8 ? "█" : "#";
    const char *empty = listing->style.utf8 ? "░" : ".";
    int filled = max > 0 ? points * columns / max : 0;
    bool colour = listing->style.colour && points > 0;
    if (points > 0 && filled == 0)
        filled = 1; /* a beginning is to be seen */
    fputs(colour ? points == max ? "\033[32m" : "\033[33m" : "", stdout);
    for (int i = 0; i < columns; i++)
        fputs(i < filled ? full : empty, stdout);
    fputs(colour ? "\033[0m" : "", stdout);
}

/* The day of an RFC 3339 time. */
static int day_columns(const json_t *score)
{
    return (int)strcspn(object_text(score, "started"), "T");
}

static void print_history(const struct labjson *lab, const json_t *state)
{
    const json_t *last = json_object_get(state, "last");
    const json_t *best = json_object_get(state, "best");
    if (lab->minutes < 60)
        printf("    about %d min", lab->minutes);
    else
        printf("    about %d h", (lab->minutes + 30) / 60);
    if (last == NULL)
        printf("; not checked yet as a whole");
    else if (json_is_false(json_object_get(last, "compiles")))
        printf("; did not compile when last checked");
    else
        printf("; last check: %d of 100 points", object_int(last, "points"));
    if (best && object_int(best, "points") > object_int(last, "points"))
        printf("; best: %d, on %.*s", object_int(best, "points"),
               day_columns(best), object_text(best, "started"));
    putchar('\n');
}

static void print_checkpoints(const struct listing *listing,
                              const struct labjson *lab, const json_t *state)
{
    for (size_t i = 0; i < lab->checkpoint_count; i++) {
        const struct checkpoint *checkpoint = &lab->checkpoints[i];
        int points = standing_points(state, checkpoint->number);
        printf("    %2d  ", checkpoint->number);
        print_cell(stdout, checkpoint->title, TITLE_COLUMNS - 4);
        printf("  ");
        print_bar(listing, points, checkpoint->points, BAR_COLUMNS);
        printf(" %3d/%d\n", points, checkpoint->points);
    }
}

static void print_lab(struct listing *listing, const struct lab_dir *dir,
                      const struct labjson *lab, const json_t *state)
{
    int points = standing_points(state, 0);
    printf("%s  ", dir->number);
    print_cell(stdout, lab->title, TITLE_COLUMNS);
    printf("  ");
    print_bar(listing, points, WHOLE_LAB, BAR_COLUMNS);
    printf(" %3d/%d\n", points, WHOLE_LAB);
    if (listing->checkpoints) {
        printf("    %s\n", dir->name);
        print_history(lab, state);
        print_checkpoints(listing, lab, state);
    }
    listing->labs++;
    listing->points += points;
    listing->done += points == WHOLE_LAB;
}

static json_t *score_object(const json_t *state, const char *which)
{
    json_t *score = json_object_get(state, which);
    return score ? json_incref(score) : json_null();
}

static json_t *lab_object(const struct lab_dir *dir, const struct labjson *lab,
                          const json_t *state)
{
    json_t *checkpoints = json_array();
    for (size_t i = 0; i < lab->checkpoint_count; i++) {
        const struct checkpoint *checkpoint = &lab->checkpoints[i];
        json_array_append_new(
            checkpoints,
            json_pack("{s:i, s:s, s:i, s:i}", "number", checkpoint->number,
                      "title", checkpoint->title, "points",
                      standing_points(state, checkpoint->number), "max",
                      checkpoint->points));
    }
    return json_pack(
        "{s:s, s:s, s:s, s:i, s:i, s:o, s:o, s:o}", "id", lab->id, "name",
        dir->name, "title", lab->title, "minutes", lab->minutes, "points",
        standing_points(state, 0), "checkpoints", checkpoints, "last",
        score_object(state, "last"), "best", score_object(state, "best"));
}

static int list_lab(struct listing *listing, const struct lab_dir *dir)
{
    struct labjson lab;
    char error[LABJSON_ERROR_BYTES];
    char *path = str_format("%s/lab.json", dir->path);
    int loaded = labjson_load(path, &lab, error);
    free(path);
    if (loaded < 0)
        return infra_error("%s", error);
    json_t *state = state_read(dir);
    if (listing->array)
        json_array_append_new(listing->array, lab_object(dir, &lab, state));
    else
        print_lab(listing, dir, &lab, state);
    json_decref(state);
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

static void print_json(json_t *array)
{
    json_t *whole = json_pack("{s:O}", "labs", array);
    (void)json_dumpf(whole, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    puts("");
    json_decref(whole);
}

static int list_all(const struct project *project, const struct lab_dir *only,
                    const struct list_options *options)
{
    struct listing listing = {.array = options->json ? json_array() : NULL,
                              .checkpoints = only != NULL,
                              .style = report_style_for(stdout)};
    int status = 0;
    for (size_t i = 0; i < project->lab_count && status == 0; i++) {
        if (only == NULL || only == &project->labs[i])
            status = list_lab(&listing, &project->labs[i]);
    }
    if (listing.array && status == 0)
        print_json(listing.array);
    else if (only == NULL && status == 0 && listing.labs > 0)
        printf("\n%d of %d labs done, %d of %d points; 'wirelab list NN' "
               "shows more\n",
               listing.done, listing.labs, listing.points,
               listing.labs * WHOLE_LAB);
    json_decref(listing.array);
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
        .summary = "Lists the labs and how far you are; with NN, that lab's "
                   "checkpoints",
        .text = "A bar shows what the newest verdict of each test is worth, "
                "of checks of the\nprograms in the lab's own folder.  It is "
                "kept in $XDG_STATE_HOME/wirelab, or\n"
                "~/.local/state/wirelab.",
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

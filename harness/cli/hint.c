/* wirelab hint: a lab's hints, one level more each time.  Which levels were
 * shown is a part of the learner's state. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/child.h"
#include "cli/hints.h"
#include "cli/lab.h"
#include "base/object.h"
#include "cli/standing.h"
#include "cli/state.h"
#include "report/page.h"

enum { MAX_TESTS = 512, NUMBER_BYTES = 16 };

struct asked {
    struct lab lab;
    const struct checkpoint *checkpoint;
    char *name; /* "08.4" */
    char *text; /* of hints.md */
    int levels;
};

/* ---- Which checkpoint -----------------------------------------------------
 */

/* The ids of a suite, if it is built; a hint waits for no compiler. */
static json_t *list_tests(const struct lab *lab)
{
    const char *argv[] = {lab->dir->suite, "--list", NULL};
    char *output;
    json_t *list = NULL;
    if (access(lab->dir->suite, X_OK) == 0 &&
        child_run(NULL, argv, &output) == 0) {
        list = json_loads(output, 0, NULL);
        free(output);
    }
    json_t *tests = json_incref(json_object_get(list, "tests"));
    json_decref(list);
    return tests;
}

/* A test's id has to be one, as far as that can be known. */
static int check_test(struct lab *lab, const char *id)
{
    size_t i, n = 0;
    json_t *test;
    const char *ids[MAX_TESTS];
    json_t *tests = list_tests(lab);
    bool found = json_array_size(tests) == 0;
    json_array_foreach(tests, i, test)
    {
        if (n < MAX_TESTS)
            ids[n++] = object_text(test, "id");
        found |= strcmp(object_text(test, "id"), id) == 0;
    }
    int status = found ? 0 : usage_unknown("test", id, ids, n);
    json_decref(tests);
    return status;
}

static int unknown_checkpoint(const struct lab *lab, const char *word)
{
    char names[LABJSON_MAX_CHECKPOINTS][NUMBER_BYTES];
    const char *words[LABJSON_MAX_CHECKPOINTS];
    for (size_t i = 0; i < lab->json.checkpoint_count; i++) {
        (void)snprintf(names[i], NUMBER_BYTES, "%s.%d", lab->json.id,
                       lab->json.checkpoints[i].number);
        words[i] = names[i];
    }
    return usage_unknown("checkpoint", word, words, lab->json.checkpoint_count);
}

/* The first that the newest verdicts do not show to be done. */
static const struct checkpoint *first_open(const struct lab *lab)
{
    json_t *state = state_read(lab->dir);
    const struct checkpoint *found = NULL;
    for (size_t i = 0; i < lab->json.checkpoint_count && found == NULL; i++) {
        const struct checkpoint *one = &lab->json.checkpoints[i];
        if (standing_points(state, one->number) < one->points)
            found = one;
    }
    json_decref(state);
    return found ? found : &lab->json.checkpoints[0];
}

/* "08.4", "8.4", "08.4.reorder_no_storm", or "08". */
static int find_checkpoint(struct asked *asked, const char *word)
{
    struct lab *lab = &asked->lab;
    const char *dot = strchr(word, '.');
    if (dot == NULL) {
        asked->checkpoint = first_open(lab);
        return 0;
    }
    char *end;
    long number = strtol(dot + 1, &end, 10);
    if (end != dot + 1 && (*end == '.' || *end == '\0') && number < 1000)
        asked->checkpoint = labjson_checkpoint(&lab->json, (int)number);
    if (asked->checkpoint == NULL)
        return unknown_checkpoint(lab, word);
    return *end ? check_test(lab, word) : 0;
}

static int load_hints(struct asked *asked)
{
    char *path = str_format("%s/hints.md", asked->lab.dir->path);
    asked->text = file_load(path, NULL);
    int status = 0;
    if (asked->text == NULL)
        status = infra_error("%s: %s", path, strerror(errno));
    else if ((asked->levels = hints_levels(asked->text, asked->name)) == 0)
        status = infra_error("%s has no hint to %s", path, asked->name);
    free(path);
    return status;
}

/* Finds what the word stands for, and its hints. */
static int ask(struct asked *asked, const char *word)
{
    char *number = strndup(word, strcspn(word, "."));
    int status = lab_open(&asked->lab, number);
    free(number);
    if (status == 0)
        status = find_checkpoint(asked, word);
    if (status)
        return status;
    asked->name =
        str_format("%s.%d", asked->lab.json.id, asked->checkpoint->number);
    return load_hints(asked);
}

static void asked_fini(struct asked *asked)
{
    free(asked->name);
    free(asked->text);
    lab_close(&asked->lab);
}

/* ---- Which level ----------------------------------------------------------
 */

struct turn {
    const struct asked *asked;
    long level; /* wanted; 0: the next */
    bool again;
    int shown; /* what came of it */
    bool was_last;
};

static void take_turn(json_t *state, void *context)
{
    struct turn *turn = context;
    char key[NUMBER_BYTES];
    (void)snprintf(key, sizeof(key), "%d", turn->asked->checkpoint->number);
    json_t *levels = json_object_get(state, "hints");
    if (!json_is_object(levels)) {
        levels = json_object();
        json_object_set_new(state, "hints", levels);
    }
    int known = object_int(levels, key);
    int level = turn->level ? (int)turn->level : known + !turn->again;
    turn->was_last = level > turn->asked->levels;
    level = turn->was_last ? turn->asked->levels : level < 1 ? 1 : level;
    turn->shown = level;
    if (level > known)
        json_object_set_new(levels, key, json_integer(level));
}

/* Where nothing can be remembered it is the first, or what was asked for. */
static void choose_level(struct turn *turn)
{
    state_change(turn->asked->lab.dir, take_turn, turn);
    if (turn->shown == 0) {
        json_t *nothing = json_object();
        take_turn(nothing, turn);
        json_decref(nothing);
    }
}

/* ---- Telling --------------------------------------------------------------
 */

static void tell(const struct turn *turn)
{
    const struct asked *asked = turn->asked;
    struct report_style style = report_style_for(stdout);
    struct page page = page_on(stdout, &style);
    size_t bytes;
    const char *hint =
        hints_find(asked->text, asked->name, turn->shown, &bytes);
    char *text = strndup(hint, bytes);
    char *readme = str_format("%s/README.md", asked->lab.dir->path);
    char *shown = path_shown(readme);
    page_tint(&page, TINT_HEAD);
    printf("%s %s: hint %d of %d", asked->name, asked->checkpoint->title,
           turn->shown, asked->levels);
    page_tint(&page, TINT_PLAIN);
    printf("\n\n");
    page_paragraph(&page, "  ", text);
    if (turn->shown < asked->levels)
        printf("\nmore: ./wirelab hint %s\n", asked->name);
    else
        printf("\n%s. The handout says the rest: %s#checkpoint-%d\n",
               turn->was_last ? "You had this one; there is no further hint"
                              : "That was the last hint",
               shown, asked->checkpoint->number);
    free(shown);
    free(readme);
    free(text);
}

static int run(const char *word, struct turn *turn)
{
    struct asked asked = {0};
    int status = ask(&asked, word);
    turn->asked = &asked;
    if (status == 0 && turn->level > asked.levels)
        status = usage_error("%s has %d hints; --level %ld is beyond them",
                             asked.name, asked.levels, turn->level);
    if (status == 0) {
        choose_level(turn);
        tell(turn);
    }
    turn->asked = NULL;
    asked_fini(&asked);
    return status;
}

int cli_hint(int argc, char **argv)
{
    struct turn turn = {0};
    const struct command_option options[] = {
        {"--level", OPTION_COUNT, &turn.level, "N",
         "this level: 1 asks, 2 points, 3 nearly tells", NULL},
        {"--again", OPTION_FLAG, &turn.again, NULL, "the last one once more",
         NULL},
    };
    const struct command command = {
        .name = "hint",
        .usage = "ID [--level N | --again]",
        .summary = "Gives a hint to a checkpoint, one level more each time",
        .text = "ID is a checkpoint (08.4), a test (08.4.reorder_no_storm), or "
                "a lab (08): the\nfirst checkpoint that is not done.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .min_operands = 1,
        .max_operands = 1,
    };
    size_t operands;
    int status;
    if (!command_parse(&command, argc, argv, &operands, &status))
        return status;
    return run(argv[1], &turn);
}

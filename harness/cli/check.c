/* wirelab check: builds and tests an implementation of a lab. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wirelab/time.h>

#include "base/strbuf.h"
#include "cli/lab.h"
#include "base/object.h"
#include "cli/place.h"
#include "cli/runs.h"
#include "cli/seed.h"
#include "cli/standing.h"
#include "cli/trial.h"
#include "cli/version.h"
#include "report/html.h"
#include "topo/topo.h"

struct check_options {
    struct text_list tests;
    const char *impl, *world, *engine, *json_file;
    struct seed_option seed;
    long jobs;
    bool boxed, own_makefile, terse, no_color;
};

static bool parse(struct check_options *o, int argc, char **argv, int *status)
{
    const struct command_option options[] = {
        {"--test", OPTION_LIST, &o->tests, "ID",
         "only this test; may be given repeatedly", NULL},
        {"--impl", OPTION_TEXT, &o->impl, "IMPL",
         "'solution', or a folder of C sources or executables", NULL},
        {"--seed", OPTION_SEED, &o->seed, "S",
         "the seed of all faults (default: a new one)", NULL},
        {"--engine", OPTION_TEXT, &o->engine, "ENGINE",
         "wire (default) or netem", engine_names},
        {"--world", OPTION_TEXT, &o->world, "WORLD", PLACE_WORLD_HELP,
         world_names},
        {"--jobs", OPTION_COUNT, &o->jobs, "N", "at most N tests at once",
         NULL},
        {"--json", OPTION_TEXT, &o->json_file, "FILE",
         "writes the results there too; '-' is stdout", NULL},
        {"--boxed", OPTION_FLAG, &o->boxed, NULL,
         "builds IMPL, a stranger's folder, in a sandbox too", NULL},
        {"--own-makefile", OPTION_FLAG, &o->own_makefile, NULL,
         "and there by the Makefile that is in the folder", NULL},
        {"--terse", OPTION_FLAG, &o->terse, NULL,
         "tells of each test, and leaves the summary out", NULL},
        {"--no-color", OPTION_FLAG, &o->no_color, NULL, "plain text", NULL},
    };
    const struct command command = {
        .name = "check",
        .usage = "NN [--test ID]... [--impl IMPL] [options]",
        .summary = "Builds a lab's programs and tests them on its networks",
        .text = "Without --impl the programs in the lab's own folder are "
                "tested.  Programs are\ncompiled by $CC, or gcc; any other "
                "language does, too, as an executable that\nbears the "
                "program's name.  A verdict of 'fail' was seen twice, with "
                "the same\nseed.  The evidence of the newest 20 runs is kept "
                "under build/runs/NN.\n\nWith --own-makefile the sandbox "
                "calls 'make OUT=DIR LAB=DIR CC=... FLAVOUR=...' in a\ncopy of "
                "the folder; LAB has the lab's headers, and the programs are "
                "left in OUT or\nbeside the Makefile.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .min_operands = 1,
        .max_operands = 1,
    };
    size_t operands;
    if (!command_parse(&command, argc, argv, &operands, status))
        return false;
    if (o->own_makefile && !(o->boxed && o->impl))
        *status = usage_error("--own-makefile wants --boxed and --impl DIR: a "
                              "stranger's Makefile runs in the sandbox only");
    return *status == 0;
}

/* ---- A program that does not compile --------------------------------------
 */

/* Every test fails for the one reason, so that the results are complete. */
static void fail_all(const struct lab *lab, struct results *results)
{
    size_t i;
    json_t *test;
    json_array_foreach(lab->tests, i, test)
    {
        const char *id = json_string_value(json_object_get(test, "id"));
        const json_t *variants = json_object_get(test, "variants");
        size_t n = json_array_size(variants);
        json_t *verdict =
            json_pack("{s:s, s:s, s:s+}", "id", id, "verdict", "fail",
                      "message", "it does not compile: ", lab->compile_error);
        for (size_t k = 0; k < (n ? n : 1); k++) {
            const char *variant =
                n ? json_string_value(json_array_get(variants, k)) : "";
            while (results_add(results, id, variant, "", verdict).again)
                ;
        }
        json_decref(verdict);
    }
}

static int tell_compile_error(const struct lab *lab, FILE *out)
{
    const struct checkpoint *first = &lab->json.checkpoints[0];
    char *readme = str_format("%s/README.md", lab->dir->path);
    char *shown = path_shown(readme);
    (void)fprintf(out,
                  "%s\nLab %s does not compile yet, so no test was run.  Mend "
                  "this first error, then begin with checkpoint %d, %s: %s\n",
                  lab->compile_error, lab->json.id, first->number, first->title,
                  shown);
    free(readme);
    free(shown);
    return EXIT_FAILED;
}

/* ---- Results --------------------------------------------------------------
 */

static int dump(const json_t *whole, FILE *file, const char *name)
{
    if (json_dumpf(whole, file, JSON_INDENT(2) | JSON_PRESERVE_ORDER) < 0 ||
        fputc('\n', file) == EOF || fflush(file) == EOF)
        return infra_error("cannot write the results to %s: %s", name,
                           strerror(errno));
    return 0;
}

/* A pipe or device must not be replaced, as a file is. */
static bool is_special(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static int dump_special(const json_t *whole, const char *path)
{
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return infra_error("cannot write the results to %s: %s", path,
                           strerror(errno));
    int status = dump(whole, file, path);
    (void)fclose(file); /* it was flushed */
    return status;
}

static int write_results(const json_t *whole, const char *path,
                         const char *json_file)
{
    char error[RESULTS_ERROR_BYTES];
    if (results_write(whole, path, error) < 0)
        return infra_error("%s", error);
    if (json_file == NULL)
        return 0;
    if (strcmp(json_file, "-") == 0)
        return dump(whole, stdout, "stdout");
    if (is_special(json_file))
        return dump_special(whole, json_file);
    return results_write(whole, json_file, error) < 0 ? infra_error("%s", error)
                                                      : 0;
}

struct checking {
    const struct check_options *options;
    struct lab lab;
    struct place place;
    struct run_dir run;
    struct results *results;
    char *results_path, *shown_path;
    FILE *out;
    int64_t started_ns;
};

/* To whoever has done it all: how others did it. */
static void tell_walkthrough(const struct checking *checking,
                             const json_t *whole)
{
    const struct lab *lab = &checking->lab;
    const json_t *score = json_object_get(whole, "score");
    if (strcmp(lab->impl, "solution") == 0 ||
        object_int(score, "points") < object_int(score, "max") ||
        object_int(score, "max") < WHOLE_LAB)
        return;
    char *path = str_format("%s/WALKTHROUGH.md", lab->dir->solution);
    char *shown = path_shown(path);
    if (access(path, R_OK) == 0) /* some are handed out without solutions */
        (void)fprintf(checking->out,
                      "  that was the last checkpoint of lab %s; another way "
                      "through it:\n  %s\n",
                      lab->json.id, shown);
    free(shown);
    free(path);
}

/* What every verdict rests on is kept: who, where, and whether it is all. */
static json_t *finish_results(const struct checking *checking, int interrupted)
{
    int64_t ms = (clock_now_ns() - checking->started_ns) / 1000000;
    json_t *whole = results_json(checking->results, ms);
    json_object_set_new(whole, "directory", json_string(checking->run.path));
    if (interrupted)
        json_object_set_new(whole, "interrupted", json_true());
    if (checking->lab.compile_error)
        json_object_set_new(whole, "build",
                            json_pack("{s:b, s:s}", "ok", false, "message",
                                      checking->lab.compile_error));
    return whole;
}

/* The page for a browser, beside results.json; a check stands without it. */
static void write_report(const struct checking *checking, json_t *whole)
{
    const struct lab *lab = &checking->lab;
    char error[HTML_ERROR_BYTES];
    char *path = str_format("%s/" HTML_FILE, checking->run.path);
    const struct html_about about = {.title = lab->json.title,
                                     .run_dir = checking->run.path,
                                     .lab_dir = lab->dir->path};
    if (html_write(whole, &about, path, error) == 0)
        json_object_set_new(whole, "report", json_string(HTML_FILE));
    else
        (void)fprintf(stderr, "wirelab: %s\n", error);
    free(path);
}

static int conclude(const struct checking *checking, int interrupted)
{
    FILE *out = checking->out;
    json_t *whole = finish_results(checking, interrupted);
    write_report(checking, whole);
    int status = write_results(whole, checking->results_path,
                               checking->options->json_file);
    struct report_style style = report_style_for(out);
    style.colour = colour_wanted(fileno(out), checking->options->no_color);
    if (interrupted) {
        (void)cell_sweep();
        (void)fprintf(out,
                      "wirelab: interrupted; what was done until then is "
                      "in %s\n",
                      checking->shown_path);
    } else if (checking->lab.compile_error) {
        (void)tell_compile_error(&checking->lab, out);
    } else {
        if (!checking->options->terse)
            report_summary(out, whole, status ? NULL : checking->shown_path,
                           &style);
        tell_walkthrough(checking, whole);
    }
    standing_record(checking->lab.dir, whole, !checking->lab.compile_error);
    if (status == 0)
        status = interrupted ? EXIT_INTERRUPTED : results_status(whole);
    json_decref(whole);
    return status;
}

static struct results *begin_results(const struct checking *checking,
                                     uint64_t seed)
{
    char started[SEED_TIME_BYTES];
    rfc3339_now(started);
    const struct results_run about = {.version = WIRELAB_VERSION,
                                      .impl = checking->lab.impl,
                                      .world =
                                          world_names[checking->place.world],
                                      .engine = checking->options->engine,
                                      .started = started,
                                      .seed = seed,
                                      .path = checking->shown_path};
    return results_new(&about, &checking->lab.json, checking->lab.tests);
}

static void keep_programs(struct checking *checking)
{
    const struct lab *lab = &checking->lab;
    if (lab->ready_made || strcmp(lab->impl_dir, lab->reference_dir) == 0)
        return;
    char *kept = run_dir_keep_programs(&checking->run, checking->lab.impl_dir);
    free(checking->lab.impl_dir);
    checking->lab.impl_dir = kept;
}

/* Everything between the first line of output and the last. */
static int run(struct checking *checking)
{
    const struct check_options *options = checking->options;
    struct lab *lab = &checking->lab;
    uint64_t seed = options->seed.given ? options->seed.value : seed_new();
    checking->results_path = str_format("%s/results.json", checking->run.path);
    checking->shown_path = path_shown(checking->results_path);
    checking->results = begin_results(checking, seed);
    if (lab->compile_error) {
        fail_all(lab, checking->results);
        return conclude(checking, 0);
    }
    keep_programs(checking);
    place_show(&checking->place, lab, checking->run.path);
    struct trial_options trial = {.place = &checking->place,
                                  .engine = options->engine,
                                  .seed = seed,
                                  .jobs = options->jobs,
                                  .out = checking->out,
                                  .style = report_style_for(checking->out)};
    trial.style.colour =
        colour_wanted(fileno(checking->out), options->no_color);
    int interrupted = trial_run(lab, &checking->run, checking->results, &trial);
    return interrupted < 0 ? EXIT_INFRA : conclude(checking, interrupted);
}

/* Builds, unless the machine could not run the outcome. */
static int prepare(struct checking *checking)
{
    const struct check_options *options = checking->options;
    struct lab *lab = &checking->lab;
    int status = place_choose(&checking->place, &lab->project, options->world,
                              options->engine);
    lab->flavour = place_flavour(&checking->place);
    lab->boxed = options->boxed;
    lab->own_makefile = options->own_makefile;
    if (status == 0)
        status = lab_prepare(lab, options->impl);
    if (status == 0)
        status = place_prepare_host(&checking->place, lab, options->impl);
    if (status == 0 || status == EXIT_FAILED) {
        int selected = lab_select(lab, &options->tests);
        status = selected ? selected : 0;
    }
    return status;
}

int cli_check(int argc, char **argv)
{
    struct check_options options = {.engine = "wire"};
    int status;
    if (!parse(&options, argc, argv, &status))
        return status;
    bool json_on_stdout =
        options.json_file && strcmp(options.json_file, "-") == 0;
    struct checking checking = {.options = &options,
                                .run.lock_fd = -1,
                                .out = json_on_stdout ? stderr : stdout,
                                .started_ns = clock_now_ns()};
    status = lab_open(&checking.lab, argv[1]);
    if (status == 0)
        status = prepare(&checking);
    if (status == 0)
        status = run_dir_make(&checking.run, &checking.lab.project,
                              checking.lab.dir);
    if (status == 0)
        status = run(&checking);
    if (checking.results)
        results_free(checking.results);
    free(checking.results_path);
    free(checking.shown_path);
    place_fini(&checking.place);
    run_dir_close(&checking.run);
    lab_close(&checking.lab);
    return status;
}

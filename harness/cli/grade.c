/* wirelab grade: a folder of submissions becomes OUT/results.json.
 *
 * What was handed in is found, attributed and unpacked first, so that what is
 * wrong with it is told at once; then batchrun.c judges. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/batch.h"
#include "cli/hidden.h"
#include "base/object.h"
#include "grade/grades.h"
#include "grade/unpack.h"
#include "topo/topo.h"

enum { MAX_PROGRAMS = 16, MAX_ID_BYTES = 100 };

static bool parse(struct batch_options *o, int argc, char **argv, int *status)
{
    const struct command_option options[] = {
        {"--lab", OPTION_TEXT, &o->lab, "NN", "the lab (required)", NULL},
        {"--submissions", OPTION_TEXT, &o->submissions, "DIR",
         "a folder, or a course system's zip (required)", NULL},
        {"--out", OPTION_TEXT, &o->out, "DIR", "a new folder (required)", NULL},
        {"--resume", OPTION_FLAG, &o->resume, NULL,
         "goes on with what is in --out", NULL},
        {"--roster", OPTION_TEXT, &o->roster, "CSV",
         "who is in the class: id, name, email", NULL},
        {"--secret", OPTION_TEXT, &o->secret, "FILE",
         "gives each student a seed that nobody can foretell", NULL},
        {"--hidden", OPTION_TEXT, &o->hidden, "FILE",
         "which tests get hidden variants (JSON)", NULL},
        {"--seed", OPTION_SEED, &o->seed, "S", "one seed for everybody", NULL},
        {"--jobs", OPTION_COUNT, &o->jobs, "N", "at most N tests at once",
         NULL},
        {"--shard", OPTION_TEXT, &o->shard, "I/N",
         "only every Nth student, from the Ith", NULL},
        {"--world", OPTION_TEXT, &o->world, "WORLD", PLACE_WORLD_HELP,
         world_names},
        {"--engine", OPTION_TEXT, &o->engine, "ENGINE",
         "wire (default) or netem", engine_names},
        {"--cache", OPTION_TEXT, &o->cache, "DIR",
         "verdicts on the same code (default: build/verdicts)", NULL},
        {"--no-cache", OPTION_FLAG, &o->no_cache, NULL, "judges all anew",
         NULL},
    };
    const struct command command = {
        .name = "grade",
        .usage = "--lab NN --submissions DIR --out DIR [options]",
        .summary = "Grades a folder of submissions",
        .text = "DIR holds a folder or an archive (zip, tar, tar.gz, tar.xz, "
                "tar.zst, git bundle) for\neach student, or is what "
                "Gradescope, Canvas or Moodle hand out as a bulk download.\n"
                "Grades are in OUT/results.json, evidence in OUT/students/ID.  "
                "A run that was stopped\nor killed, in whatever way, is gone "
                "on with by --resume, and ends in the same\ngrades.  Exit "
                "status: 0 everybody was judged, 3 some test could not be.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .min_operands = 0,
        .max_operands = 0,
    };
    size_t operands;
    if (!command_parse(&command, argc, argv, &operands, status))
        return false;
    if (o->lab == NULL || o->submissions == NULL || o->out == NULL)
        *status = usage_error("--lab, --submissions and --out are needed: "
                              "wirelab grade %s",
                              command.usage);
    else if (o->secret && o->seed.given)
        *status = usage_error("--secret and --seed both give seeds: take one");
    else if (o->hidden && o->secret == NULL)
        *status = usage_error("--hidden wants --secret: without it, hidden "
                              "variants could be foretold");
    return *status == 0;
}

/* ---- What it is given -----------------------------------------------------
 */

/* "2/4": the second of four. */
static int read_shard(struct batch *batch)
{
    char end;
    if (batch->options->shard == NULL)
        return 0;
    if (sscanf(batch->options->shard, "%u/%u%c", &batch->shard, &batch->shards,
               &end) == 2 &&
        batch->shard >= 1 && batch->shard <= batch->shards)
        return 0;
    return usage_error("--shard wants I/N, from 1/N to N/N, not '%s'",
                       batch->options->shard);
}

static int read_roster(struct batch *batch)
{
    char error[CSV_ERROR_BYTES];
    if (batch->options->roster == NULL)
        return 0;
    if (roster_load(&batch->roster, batch->options->roster, error) < 0)
        return usage_error("--roster %s", error);
    batch->has_roster = true;
    return 0;
}

static int read_secret(struct batch *batch)
{
    char error[SECRET_ERROR_BYTES];
    if (batch->options->secret == NULL) {
        if (!batch->options->seed.given)
            (void)fprintf(stderr,
                          "wirelab: without --secret everybody is judged with "
                          "the public seed %d\n",
                          PUBLIC_SEED);
        return 0;
    }
    int result = secret_load(&batch->secret, batch->options->secret, error);
    if (result < 0)
        return usage_error("--secret %s", error);
    if (result > 0)
        (void)fprintf(stderr, "wirelab: --secret %s\n", error);
    batch->has_secret = true;
    return 0;
}

static int read_tests(struct batch *batch)
{
    char error[HIDDEN_ERROR_BYTES];
    batch->listed = json_deep_copy(batch->lab.tests);
    if (batch->options->hidden && hidden_add(batch->listed, batch->lab.json.id,
                                             batch->options->hidden, error) < 0)
        return usage_error("--hidden %s", error);
    return 0;
}

/* A zip as the system gave it out is unpacked beside the results. */
static int find_handins(struct batch *batch)
{
    char error[HANDIN_ERROR_BYTES] = "";
    char *dir = str_format("%s/handins", batch->out);
    int result = handins_open(&batch->handins, batch->options->submissions, dir,
                              batch->has_roster ? &batch->roster : NULL, error);
    free(dir);
    return result < 0 ? usage_error("--submissions %s", error) : 0;
}

/* ---- Students -------------------------------------------------------------
 */

static uint64_t seed_of(const struct batch *batch, const char *id)
{
    const char *const parts[] = {batch->lab.json.id, id, NULL};
    if (batch->options->seed.given)
        return batch->options->seed.value;
    return batch->has_secret ? secret_seed(&batch->secret, parts) : PUBLIC_SEED;
}

static int digest_submission(struct grading *grading)
{
    struct digest *digest = digest_new("wirelab submission 1");
    int result = digest_tree(digest, grading->source, NULL);
    digest_end(digest, grading->digest);
    return result;
}

static int unpack(struct grading *grading)
{
    const char *programs[MAX_PROGRAMS];
    const json_t *names =
        json_object_get(grading->batch->lab.json.json, "programs");
    size_t n = json_array_size(names);
    for (size_t i = 0; i < n && i < MAX_PROGRAMS; i++)
        programs[i] = json_string_value(json_array_get(names, i));
    (void)tree_remove(grading->source);
    int result =
        unpack_handin(grading->handin, grading->source, programs,
                      n < MAX_PROGRAMS ? n : MAX_PROGRAMS, grading->problems);
    if (result == -EBADMSG) {
        grading->refused = true;
        return 0;
    }
    return result < 0 ? result : digest_submission(grading);
}

static int init_grading(struct batch *batch, struct grading *grading,
                        const struct handin *handin)
{
    char *name = grades_directory(handin->id);
    *grading =
        (struct grading){.batch = batch,
                         .handin = handin,
                         .dir = str_format("%s/students/%s", batch->out, name),
                         .problems = json_array(),
                         .seed = seed_of(batch, handin->id)};
    free(name);
    grading->source = str_format("%s/submission", grading->dir);
    grading->tests_dir = (struct run_dir){
        .path = str_format("%s/tests", grading->dir), .lock_fd = -1};
    if (tree_make(grading->tests_dir.path) < 0)
        return -errno;
    if (handin->stranger)
        (void)json_array_append_new(grading->problems,
                                    json_string("not on the roster"));
    if (*handin->label)
        return unpack(grading);
    grading->refused = true;
    (void)json_array_append_new(grading->problems,
                                json_string("nothing was handed in"));
    return 0;
}

static int prepare_students(struct batch *batch)
{
    batch->gradings =
        mem_zalloc((batch->handins.count + 1) * sizeof(*batch->gradings));
    for (size_t i = 0; i < batch->handins.count; i++) {
        const struct handin *handin = &batch->handins.list[i];
        if (batch->shards && i % batch->shards != batch->shard - 1)
            continue;
        if (strlen(handin->id) > MAX_ID_BYTES)
            return usage_error("the id '%.40s…' is longer than %d bytes",
                               handin->id, MAX_ID_BYTES);
        int result =
            init_grading(batch, &batch->gradings[batch->count++], handin);
        if (result < 0)
            return infra_error("cannot unpack %s into %s: %s", handin->label,
                               batch->options->out, strerror(-result));
    }
    return 0;
}

static void tell_roster(const struct batch *batch)
{
    size_t strangers = 0, absent = 0;
    for (size_t i = 0; i < batch->handins.count; i++) {
        const struct handin *handin = &batch->handins.list[i];
        strangers += handin->stranger;
        absent += *handin->label == '\0';
        if (handin->stranger)
            (void)fprintf(stderr,
                          "wirelab: '%s' (%s) is not on the roster; graded "
                          "nevertheless\n",
                          handin->id, handin->label);
    }
    printf("%zu submissions (%s)", batch->handins.found,
           layout_names[batch->handins.layout]);
    if (batch->has_roster)
        printf(", %zu students without one, %zu not on the roster", absent,
               strangers);
    if (batch->shards)
        printf("; shard %u of %u has %zu", batch->shard, batch->shards,
               batch->count);
    printf("\n");
    (void)fflush(stdout);
}

/* ---- The whole ------------------------------------------------------------
 */

static int prepare_lab(struct batch *batch)
{
    const struct batch_options *options = batch->options;
    struct lab *lab = &batch->lab;
    int status = lab_open(lab, options->lab);
    if (status == 0)
        status = place_choose(&batch->place, &lab->project, options->world,
                              options->engine);
    lab->flavour = place_flavour(&batch->place);
    if (status == 0)
        status = lab_prepare(lab, "solution");
    if (status == 0)
        status = place_prepare_host(&batch->place, lab, "solution");
    if (status == EXIT_FAILED)
        status = infra_error("the reference does not compile: %s",
                             lab->compile_error);
    if (status == 0)
        status = lab_list(lab, "");
    batch->host_too = lab->host_impl_dir != NULL;
    return status;
}

static int prepare(struct batch *batch)
{
    int status = read_shard(batch);
    if (status == 0)
        status = read_roster(batch);
    if (status == 0)
        status = read_secret(batch);
    if (status == 0 && access(batch->options->submissions, R_OK) < 0)
        status = usage_error("--submissions %s: %s",
                             batch->options->submissions, strerror(errno));
    if (status == 0)
        status = prepare_lab(batch);
    if (status == 0)
        status = read_tests(batch);
    if (status == 0)
        status = batch_describe(batch);
    if (status == 0)
        status = batch_store_open(batch);
    if (status == 0)
        status = find_handins(batch);
    if (status == 0)
        status = prepare_students(batch);
    return status;
}

static void choose_dirs(struct batch *batch)
{
    const struct batch_options *options = batch->options;
    const struct project *project = &batch->lab.project;
    batch->programs = str_format(
        "%s/graded/%016llx", project->build,
        (unsigned long long)hash_bytes(batch->out, strlen(batch->out)));
    if (!options->no_cache)
        batch->cache = options->cache
                           ? mem_strdup(options->cache)
                           : str_format("%s/verdicts", project->build);
    (void)tree_remove(batch->programs); /* of a run that was killed */
}

static int write_grades(struct batch *batch)
{
    json_t *students = json_array();
    for (size_t i = 0; i < batch->count; i++)
        (void)json_array_append(students, batch->gradings[i].entry);
    json_t *results = batch_results(batch->about, students);
    char *path = str_format("%s/results.json", batch->out);
    batch_write(batch, path, results);
    free(path);
    json_decref(results);
    return batch->broken ? EXIT_INFRA : 0;
}

static void print_command(int argc, char **argv)
{
    bool resume = false;
    (void)fprintf(stderr, "  wirelab");
    for (int i = 0; i < argc; i++) {
        bool plain = strcspn(argv[i], " \t'\"\\$&;()<>|*?") == strlen(argv[i]);
        (void)fprintf(stderr, plain ? " %s" : " '%s'", argv[i]);
        resume |= strcmp(argv[i], "--resume") == 0;
    }
    (void)fprintf(stderr, "%s\n", resume ? "" : " --resume");
}

static double cpu_seconds(int whose)
{
    struct rusage usage;
    if (getrusage(whose, &usage) < 0)
        return 0;
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* How fast it was depends on what else the machine does; the CPU time does so
 * much less. */
static void tell_rate(const struct batch *batch)
{
    double seconds = progress_seconds(&batch->progress);
    double cpu_s = cpu_seconds(RUSAGE_SELF) + cpu_seconds(RUSAGE_CHILDREN);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    double per_hour = (double)batch->count * 3600 / (seconds > 0 ? seconds : 1);
    printf("%zu students in %.0f s, %.0f an hour and core, %.1f s of CPU time "
           "each; grades in %s/results.json\n",
           batch->count, seconds, per_hour / (double)(cores > 0 ? cores : 1),
           cpu_s / (double)(batch->count ? batch->count : 1),
           batch->options->out);
}

static int run(struct batch *batch, int argc, char **argv)
{
    choose_dirs(batch);
    tell_roster(batch);
    place_show(&batch->place, &batch->lab, batch->out);
    int interrupted = batch_run(batch);
    (void)tree_remove(batch->programs);
    if (interrupted || batch->broken) {
        (void)cell_sweep();
        (void)fprintf(stderr,
                      "wirelab: %s with %zu of %zu students judged; to go "
                      "on:\n",
                      interrupted ? "interrupted" : "stopped", batch->done,
                      batch->count);
        print_command(argc, argv);
        return interrupted ? EXIT_INTERRUPTED : EXIT_INFRA;
    }
    int status = write_grades(batch);
    if (status)
        return status;
    tell_rate(batch);
    if (batch->unjudged == 0)
        return EXIT_PASSED;
    (void)fprintf(stderr,
                  "wirelab: %zu tests could not be judged (infra), which costs "
                  "nobody points; to try them again:\n",
                  batch->unjudged);
    print_command(argc, argv);
    return EXIT_INFRA;
}

static void fini(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct grading *grading = &batch->gradings[i];
        free(grading->dir);
        free(grading->source);
        free(grading->programs);
        free(grading->host_programs);
        free(grading->build_error);
        free(grading->infra);
        free(grading->tests_dir.path);
        json_decref(grading->problems);
        json_decref(grading->entry);
    }
    free(batch->gradings);
    batch_store_close(batch);
    handins_fini(&batch->handins);
    roster_fini(&batch->roster);
    json_decref(batch->listed);
    json_decref(batch->about);
    free(batch->out);
    free(batch->cache);
    free(batch->programs);
    place_fini(&batch->place);
    lab_close(&batch->lab);
}

int cli_grade(int argc, char **argv)
{
    struct batch_options options = {.engine = "wire"};
    struct batch batch = {.options = &options, .lock_fd = -1};
    char **given = mem_zalloc(((size_t)argc + 1) * sizeof(*given));
    int status;
    memcpy(given, argv, (size_t)argc * sizeof(*given));
    if (parse(&options, argc, argv, &status)) {
        status = prepare(&batch);
        if (status == 0)
            status = run(&batch, argc, given);
        fini(&batch);
    }
    free(given);
    return status;
}

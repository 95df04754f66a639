/* wirelab replay: runs tests of an earlier check again, as they were run then,
 * and says whether the links decided alike.
 *
 * The promise of the emulator is about decisions: a unit of traffic (the n-th
 * datagram of a flow, a mark in a stream's offsets) which both runs came to met
 * the same fate.  The packets between may differ, since the kernel's and the
 * program's timing do. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "cli/fates.h"
#include "cli/lab.h"
#include "base/object.h"
#include "cli/place.h"
#include "cli/runs.h"
#include "cli/schedule.h"
#include "grade/results.h"
#include "report/text.h"

struct replay {
    struct lab lab;
    struct place place;
    struct run_dir run;
    json_t *earlier;   /* results.json */
    char *directory;   /* of the earlier evidence */
    const char *impl;  /* --impl, or as it was then */
    const char *world; /* --world, or as it was then */
    bool no_color;
    int status;
    size_t count;
};

struct replayed {
    struct job job;
    const json_t *entry;   /* the test's in results.json */
    const json_t *variant; /* one of its variants */
};

/* ---- What is to be compared -----------------------------------------------
 */

static char *earlier_fates(const struct replay *replay,
                           const struct replayed *replayed)
{
    const json_t *evidence = json_object_get(replayed->variant, "evidence");
    return str_format("%s/%s", replay->directory,
                      object_text(evidence, "fates"));
}

/* Says how the links' decisions compare.  Returns false if any differs. */
static bool tell_fates(const struct replay *replay,
                       const struct replayed *replayed)
{
    char *earlier = earlier_fates(replay, replayed);
    char *later = str_format("%s/%s", replayed->job.out_dir,
                             object_text(replayed->job.verdict, "fates"));
    struct fates_comparison fates;
    int error = fates_compare(earlier, later, &fates);
    if (error < 0)
        printf("  faults: not compared, one run left no fates.tsv (%s)\n",
               strerror(-error));
    else
        printf("  faults: %zu units in common, %zu decided otherwise\n",
               fates.common, fates.differing);
    if (fates.differing)
        (void)infra_error("the links decided otherwise than they did: %s",
                          fates.first);
    free(earlier);
    free(later);
    return fates.differing == 0;
}

/* In virtual time a replay is the run itself: the digests of all packets are
 * the same, or it proves nothing.  Returns false if they differ. */
static bool tell_packets(const struct replayed *replayed)
{
    const char *before = object_text(replayed->variant, "packets");
    const char *now = object_text(replayed->job.verdict, "packets");
    if (replayed->job.world != WORLD_VIRTUAL || *before == '\0')
        return true;
    if (replayed->job.slow || *object_text(replayed->variant, "polls")) {
        puts("  packets: not compared, a program polls, so that the run had "
             "to be at real speed");
        return true;
    }
    bool same = strcmp(before, now) == 0;
    printf("  packets: %s\n", same ? "the recorded ones, each at its time"
                                   : "NOT the recorded ones");
    if (!same)
        (void)infra_error("the packets differ from the recorded run's; compare "
                          "packets.tsv of both (another program or kernel?)");
    return same;
}

static void tell_verdict(const struct replay *replay,
                         const struct replayed *replayed)
{
    const json_t *verdict = replayed->job.verdict;
    const char *before = object_text(replayed->variant, "verdict");
    const char *now = object_text(verdict, "verdict");
    struct report_style style = report_style_for(stdout);
    style.colour = colour_wanted(1, replay->no_color);
    if (strcmp(now, "fail") == 0)
        report_failure(stdout, verdict, &style);
    else
        report_progress(stdout, verdict, &style);
    bool same_message = strcmp(object_text(verdict, "message"),
                               object_text(replayed->variant, "message")) == 0;
    printf("replay of %s%s%s, seed %s\n  verdict: %s, as before it was %s%s\n",
           replayed->job.id, *replayed->job.variant ? "/" : "",
           replayed->job.variant, object_text(replayed->entry, "seed"), now,
           before,
           strcmp(now, before) != 0 ? ""
           : same_message           ? ", with the same message"
                                    : ", with another message");
    printf("  evidence: %s\n", replayed->job.out_dir);
}

static void on_done(struct job *job, void *context)
{
    struct replay *replay = context;
    struct replayed *replayed = job->owner;
    tell_verdict(replay, replayed);
    bool alike = tell_fates(replay, replayed);
    alike &= tell_packets(replayed);
    const char *now = object_text(job->verdict, "verdict");
    if (!alike || strcmp(now, "infra") == 0)
        replay->status = EXIT_INFRA;
    else if (strcmp(now, "fail") == 0 && replay->status == 0)
        replay->status = EXIT_FAILED;
    (void)fflush(stdout);
    json_decref(job->verdict);
    free((char *)job->out_dir);
    free(replayed);
}

/* ---- What is to be run ----------------------------------------------------
 */

static bool failed(const json_t *object)
{
    const char *verdict = object_text(object, "verdict");
    return strcmp(verdict, "fail") == 0 || strcmp(verdict, "flaky") == 0;
}

static int add(struct replay *replay, struct schedule *schedule,
               const json_t *entry, const json_t *variant)
{
    const json_t *listed = lab_test(&replay->lab, object_text(entry, "id"));
    if (listed == NULL)
        return EXIT_USAGE;
    const char *seed = object_text(variant, "seed");
    if (*seed == '\0')
        seed = object_text(replay->earlier, "seed");
    struct replayed *replayed = mem_zalloc(sizeof(*replayed));
    replayed->entry = entry;
    replayed->variant = variant;
    replayed->job =
        (struct job){.suite = replay->lab.dir->suite,
                     .id = object_text(entry, "id"),
                     .variant = object_text(variant, "name"),
                     .seed = strtoull(seed, NULL, 10),
                     .engine = object_text(replay->earlier, "engine"),
                     .impl_dir = replay->lab.impl_dir,
                     .reference_dir = replay->lab.reference_dir,
                     .load = object_int(listed, "load"),
                     .time_limit_s = object_int(listed, "time_limit_s"),
                     .owner = replayed};
    place_assign(&replay->place, &replay->lab, listed, &replayed->job);
    replayed->job.out_dir =
        run_dir_test(&replay->run, replayed->job.id, replayed->job.variant, 1);
    if (replayed->job.out_dir == NULL) {
        free(replayed);
        return EXIT_INFRA;
    }
    replay->count++;
    schedule_add(schedule, &replayed->job);
    return 0;
}

/* Of one test: the variant that was named, or those that failed, or (of a test
 * that was named, and passed) all. */
static int add_test(struct replay *replay, struct schedule *schedule,
                    const json_t *entry, const char *variant_name)
{
    size_t i;
    json_t *variant;
    int status = 0;
    size_t before = replay->count;
    json_array_foreach(json_object_get(entry, "variants"), i, variant)
    {
        const char *name = object_text(variant, "name");
        bool wanted = variant_name ? strcmp(name, variant_name) == 0
                                   : failed(variant) || !failed(entry);
        if (wanted && status == 0)
            status = add(replay, schedule, entry, variant);
    }
    if (status == 0 && replay->count == before)
        return usage_error("%s has no variant '%s'", object_text(entry, "id"),
                           variant_name ? variant_name : "");
    return status;
}

static int unknown_test(const struct replay *replay, const char *id)
{
    enum { MAX_TESTS = 512 };
    const char *ids[MAX_TESTS];
    size_t n = 0;
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(replay->earlier, "tests"), i, entry)
    {
        if (n < MAX_TESTS)
            ids[n++] = object_text(entry, "id");
    }
    return usage_unknown("test", id, ids, n);
}

static int add_named(struct replay *replay, struct schedule *schedule,
                     const char *word)
{
    char *id = mem_strdup(word);
    char *slash = strchr(id, '/');
    if (slash)
        *slash = '\0';
    const json_t *entry = results_find(replay->earlier, id);
    int status =
        entry ? add_test(replay, schedule, entry, slash ? slash + 1 : NULL)
              : unknown_test(replay, id);
    free(id);
    return status;
}

static int add_failed(struct replay *replay, struct schedule *schedule)
{
    size_t i;
    json_t *entry;
    int status = 0;
    json_array_foreach(json_object_get(replay->earlier, "tests"), i, entry)
    {
        if (failed(entry) && status == 0)
            status = add_test(replay, schedule, entry, NULL);
    }
    return status;
}

static int run(struct replay *replay, const char *test)
{
    const struct schedule_events events = {.done = on_done, .context = replay};
    place_show(&replay->place, &replay->lab, replay->run.path);
    struct schedule *schedule = schedule_new(&events, &replay->place.guests, 0);
    int status =
        test ? add_named(replay, schedule, test) : add_failed(replay, schedule);
    if (status == 0 && replay->count == 0)
        puts("Nothing failed in that check: name the test to run again.");
    if (status == 0 && schedule_run(schedule) != 0)
        status = EXIT_INTERRUPTED;
    schedule_free(schedule);
    return status ? status : replay->status;
}

/* ---- The earlier check ----------------------------------------------------
 */

/* The file, or the one in a directory ("build/runs/08/latest"). */
static char *results_file(const char *word)
{
    struct stat st;
    if (stat(word, &st) == 0 && S_ISDIR(st.st_mode))
        return str_format("%s/results.json", word);
    return mem_strdup(word);
}

/* The evidence lies beside results.json, or where that was first written. */
static char *evidence_directory(const json_t *earlier, const char *file)
{
    char *path = realpath(file, NULL);
    char *directory = path ? path : mem_strdup(".");
    char *slash = strrchr(directory, '/');
    if (slash)
        *slash = '\0';
    const char *original = object_text(earlier, "directory");
    const json_t *test = json_array_get(json_object_get(earlier, "tests"), 0);
    char *beside = str_format("%s/%s", directory, object_text(test, "id"));
    struct stat st;
    if (*original && stat(beside, &st) < 0) {
        free(directory);
        directory = mem_strdup(original);
    }
    free(beside);
    return directory;
}

static int load_earlier(struct replay *replay, const char *word)
{
    char error[RESULTS_ERROR_BYTES];
    char *file = results_file(word);
    replay->earlier = results_load(file, error);
    if (replay->earlier)
        replay->directory = evidence_directory(replay->earlier, file);
    free(file);
    return replay->earlier ? 0 : usage_error("%s", error);
}

static int prepare(struct replay *replay)
{
    int status = lab_open(&replay->lab, object_text(replay->earlier, "lab"));
    if (status == 0)
        status =
            place_choose(&replay->place, &replay->lab.project, replay->world,
                         object_text(replay->earlier, "engine"));
    replay->lab.flavour = place_flavour(&replay->place);
    if (status == 0)
        status = lab_prepare(&replay->lab, replay->impl);
    if (status == 0)
        status = place_prepare_host(&replay->place, &replay->lab, replay->impl);
    if (status == EXIT_FAILED)
        (void)fprintf(stderr,
                      "%s\nwirelab: it does not compile, so nothing "
                      "was run again\n",
                      replay->lab.compile_error);
    if (status == 0)
        status =
            run_dir_make(&replay->run, &replay->lab.project, replay->lab.dir);
    return status;
}

static bool parse(struct replay *replay, int argc, char **argv,
                  size_t *operands, int *status)
{
    const struct command_option options[] = {
        {"--impl", OPTION_TEXT, &replay->impl, "IMPL",
         "another implementation than the one of then", NULL},
        {"--world", OPTION_TEXT, &replay->world, "WORLD",
         "another world than the one of then", world_names},
        {"--no-color", OPTION_FLAG, &replay->no_color, NULL, "plain text",
         NULL},
    };
    const struct command command = {
        .name = "replay",
        .usage = "RESULTS [TEST[/VARIANT]]",
        .summary = "Runs the failed tests of an earlier check again, with the "
                   "same seed and faults",
        .text = "RESULTS is a results.json, or the directory of one, such as\n"
                "build/runs/08/latest.  Each test is run once, with what the "
                "sources are now, and\nits faults are compared with those of "
                "then: the same unit of traffic meets the\nsame fate.  Exit "
                "status: 0 it passes now, 1 it fails, 3 a fault was decided\n"
                "otherwise or the machine could not run it.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .min_operands = 1,
        .max_operands = 2,
    };
    return command_parse(&command, argc, argv, operands, status);
}

int cli_replay(int argc, char **argv)
{
    struct replay replay = {.run.lock_fd = -1};
    size_t operands;
    int status;
    if (!parse(&replay, argc, argv, &operands, &status))
        return status;
    status = load_earlier(&replay, argv[1]);
    if (status == 0) {
        if (replay.impl == NULL)
            replay.impl = object_text(replay.earlier, "impl");
        if (replay.world == NULL)
            replay.world = object_text(replay.earlier, "world");
        status = prepare(&replay);
    }
    if (status == 0)
        status = run(&replay, operands > 1 ? argv[2] : NULL);
    place_fini(&replay.place);
    run_dir_close(&replay.run);
    lab_close(&replay.lab);
    json_decref(replay.earlier);
    free(replay.directory);
    return status;
}

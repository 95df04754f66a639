/* wirelab stress: repeats a lab's tests, beside programs that keep the
 * processors busy.  Each run is judged by itself: there is no retry, so what a
 * check would call flaky is a failure here. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wirelab/time.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/lab.h"
#include "base/object.h"
#include "cli/place.h"
#include "cli/progress.h"
#include "cli/runs.h"
#include "cli/schedule.h"
#include "cli/seed.h"
#include "cli/version.h"
#include "grade/results.h"

enum { MAX_HOGS = 64, MAX_REASONS = 32, DEFAULT_RUNS = 20 };

struct tally {
    const json_t *listed; /* the test */
    const char *variant;
    size_t counts[VERDICT_INFRA + 1];
    double slowest_ms;
};

/* Why runs were void, each reason once. */
struct reason {
    char *message;
    size_t count;
};

struct stress {
    struct lab lab;
    struct place place;
    struct run_dir run;
    struct text_list tests;
    const char *impl, *engine, *world;
    struct seed_option seed;
    long runs, hogs, jobs;
    struct progress progress;
    struct tally *tallies;
    size_t tally_count, done, planned;
    struct reason reasons[MAX_REASONS];
    size_t reason_count;
};

struct stressed {
    struct job job;
    struct tally *tally;
};

/* ---- Hogs ------------------------------------------------------------------
 */

static void hog(void)
{
    volatile unsigned spin = 0;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == 1)
        _exit(0);
    for (;;)
        spin++;
}

static void start_hogs(pid_t *pids, long n)
{
    (void)fflush(stdout);
    for (long i = 0; i < n; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            hog();
    }
}

static void stop_hogs(const pid_t *pids, long n)
{
    for (long i = 0; i < n; i++) {
        if (pids[i] > 0) {
            (void)kill(pids[i], SIGKILL);
            (void)waitpid(pids[i], NULL, 0);
        }
    }
}

/* ---- One run --------------------------------------------------------------
 */

static void add_reason(struct stress *stress, const char *message)
{
    for (size_t i = 0; i < stress->reason_count; i++) {
        if (strcmp(stress->reasons[i].message, message) == 0) {
            stress->reasons[i].count++;
            return;
        }
    }
    if (stress->reason_count < MAX_REASONS)
        stress->reasons[stress->reason_count++] =
            (struct reason){.message = mem_strdup(message), .count = 1};
}

/* A results.json of one test, so that replay can run it again. */
static char *store_failure(const struct stress *stress,
                           const struct stressed *stressed)
{
    const struct job *job = &stressed->job;
    const char *dir = strrchr(job->out_dir, '/') + 1;
    char *path = str_format("%s/results-%s.json", stress->run.path, dir);
    char *shown = path_shown(path);
    char started[SEED_TIME_BYTES];
    rfc3339_now(started);
    const struct results_run about = {.version = WIRELAB_VERSION,
                                      .impl = stress->lab.impl,
                                      .world = world_names[job->world],
                                      .engine = stress->engine,
                                      .started = started,
                                      .seed = job->seed,
                                      .path = shown};
    json_t *only = json_pack("[o]", json_deep_copy(stressed->tally->listed));
    struct results *results = results_new(&about, &stress->lab.json, only);
    while (results_add(results, job->id, job->variant, dir, job->verdict).again)
        ; /* a check would have run it twice */
    json_t *whole = results_json(results, (int64_t)job->wall_ms);
    char error[RESULTS_ERROR_BYTES];
    if (results_write(whole, path, error) < 0)
        (void)infra_error("%s", error);
    json_decref(whole);
    json_decref(only);
    results_free(results);
    free(path);
    return shown;
}

static void tell_failure(struct stress *stress, const struct stressed *stressed)
{
    const struct job *job = &stressed->job;
    char *file = store_failure(stress, stressed);
    progress_clear(&stress->progress);
    printf("fail %s%s%s  seed %llu\n  %s\n  ./wirelab replay %s\n", job->id,
           *job->variant ? "/" : "", job->variant,
           (unsigned long long)job->seed, object_text(job->verdict, "message"),
           file);
    (void)fflush(stdout);
    free(file);
}

static void on_done(struct job *job, void *context)
{
    struct stress *stress = context;
    struct stressed *stressed = job->owner;
    struct tally *tally = stressed->tally;
    enum verdict verdict;
    if (verdict_parse(object_text(job->verdict, "verdict"), &verdict) < 0)
        verdict = VERDICT_INFRA;
    tally->counts[verdict]++;
    stress->done++;
    if (job->wall_ms > tally->slowest_ms)
        tally->slowest_ms = job->wall_ms;
    if (verdict == VERDICT_FAIL)
        tell_failure(stress, stressed);
    else if (verdict == VERDICT_INFRA)
        add_reason(stress, object_text(job->verdict, "message"));
    if (verdict == VERDICT_PASS || verdict == VERDICT_SKIP)
        (void)tree_remove(job->out_dir); /* thousands of captures fill a disk */
    json_decref(job->verdict);
    free((char *)job->out_dir);
    free(stressed);
}

static void on_tick(void *context)
{
    struct stress *stress = context;
    double seconds = progress_seconds(&stress->progress);
    double left = stress->done
                      ? seconds * (double)(stress->planned - stress->done) /
                            (double)stress->done
                      : 0;
    progress_show(&stress->progress,
                  "  %zu of %zu runs, %.0f s, about %.0f s "
                  "to go",
                  stress->done, stress->planned, seconds, left);
}

/* Evidence is made when a run's turn has come, not for all of them at once. */
static bool on_wanted(struct job *job, void *context)
{
    struct stress *stress = context;
    char name[32];
    snprintf(name, sizeof(name), "%s%sseed-%llu", job->variant,
             *job->variant ? "." : "", (unsigned long long)job->seed);
    job->out_dir = run_dir_test(&stress->run, job->id, name, 1);
    return job->out_dir != NULL;
}

/* ---- The whole ------------------------------------------------------------
 */

static void add_run(struct stress *stress, struct schedule *schedule,
                    struct tally *tally, uint64_t seed)
{
    struct stressed *stressed = mem_zalloc(sizeof(*stressed));
    stressed->tally = tally;
    stressed->job =
        (struct job){.suite = stress->lab.dir->suite,
                     .id = object_text(tally->listed, "id"),
                     .variant = tally->variant,
                     .seed = seed,
                     .engine = stress->engine,
                     .impl_dir = stress->lab.impl_dir,
                     .reference_dir = stress->lab.reference_dir,
                     .load = object_int(tally->listed, "load"),
                     .time_limit_s = object_int(tally->listed, "time_limit_s"),
                     .owner = stressed};
    place_assign(&stress->place, &stress->lab, tally->listed, &stressed->job);
    schedule_add(schedule, &stressed->job);
}

static void add_tallies(struct stress *stress)
{
    size_t i;
    json_t *test;
    json_array_foreach(stress->lab.tests, i, test)
    {
        const json_t *variants = json_object_get(test, "variants");
        size_t n = json_array_size(variants);
        stress->tallies =
            mem_realloc(stress->tallies, (stress->tally_count + n + 1) *
                                             sizeof(*stress->tallies));
        for (size_t k = 0; k < (n ? n : 1); k++) {
            const char *name =
                n ? json_string_value(json_array_get(variants, k)) : "";
            stress->tallies[stress->tally_count++] =
                (struct tally){.listed = test, .variant = name};
        }
    }
}

static bool print_table(const struct stress *stress, double seconds)
{
    size_t failures = 0;
    printf("%-44s %6s %6s %6s %6s %9s\n", "test", "pass", "fail", "skip",
           "infra", "slowest");
    for (size_t i = 0; i < stress->tally_count; i++) {
        const struct tally *tally = &stress->tallies[i];
        char name[96];
        snprintf(name, sizeof(name), "%s%s%s", object_text(tally->listed, "id"),
                 *tally->variant ? "/" : "", tally->variant);
        printf("%-44s %6zu %6zu %6zu %6zu %7.1f s\n", name,
               tally->counts[VERDICT_PASS], tally->counts[VERDICT_FAIL],
               tally->counts[VERDICT_SKIP], tally->counts[VERDICT_INFRA],
               tally->slowest_ms / 1000);
        failures += tally->counts[VERDICT_FAIL];
    }
    for (size_t i = 0; i < stress->reason_count; i++)
        printf("infra, %zu times: %s\n", stress->reasons[i].count,
               stress->reasons[i].message);
    printf("%zu runs in %.0f s, %zu failed\n", stress->done, seconds, failures);
    return failures > 0;
}

/* A test that was void each time was not tried at all. */
static bool any_never_judged(const struct stress *stress)
{
    for (size_t i = 0; i < stress->tally_count; i++) {
        const size_t *counts = stress->tallies[i].counts;
        if (counts[VERDICT_INFRA] > 0 &&
            counts[VERDICT_PASS] + counts[VERDICT_FAIL] == 0)
            return true;
    }
    return false;
}

static int run(struct stress *stress)
{
    const struct schedule_events events = {.wanted = on_wanted,
                                           .done = on_done,
                                           .tick = on_tick,
                                           .context = stress};
    place_show(&stress->place, &stress->lab, stress->run.path);
    struct schedule *schedule =
        schedule_new(&events, &stress->place.guests, stress->jobs);
    uint64_t first = stress->seed.given ? stress->seed.value : seed_new();
    pid_t hogs[MAX_HOGS];
    add_tallies(stress);
    stress->planned = stress->tally_count * (size_t)stress->runs;
    for (long i = 0; i < stress->runs; i++) {
        for (size_t k = 0; k < stress->tally_count; k++)
            add_run(stress, schedule, &stress->tallies[k], first + (uint64_t)i);
    }
    printf("%ld runs of %zu tests, seeds %llu to %llu, %ld hogs\n",
           stress->runs, stress->tally_count, (unsigned long long)first,
           (unsigned long long)first + (unsigned long long)stress->runs - 1,
           stress->hogs);
    progress_init(&stress->progress, stdout);
    start_hogs(hogs, stress->hogs);
    int interrupted = schedule_run(schedule);
    stop_hogs(hogs, stress->hogs);
    progress_clear(&stress->progress);
    schedule_free(schedule);
    bool failed = print_table(stress, progress_seconds(&stress->progress));
    if (interrupted)
        return EXIT_INTERRUPTED;
    if (failed)
        return EXIT_FAILED;
    return any_never_judged(stress) ? EXIT_INFRA : EXIT_PASSED;
}

static bool parse(struct stress *stress, int argc, char **argv, int *status)
{
    const struct command_option options[] = {
        {"--runs", OPTION_COUNT, &stress->runs, "N",
         "how often each test is run (20)", NULL},
        {"--impl", OPTION_TEXT, &stress->impl, "IMPL",
         "'solution', or a folder of C sources or executables", NULL},
        {"--test", OPTION_LIST, &stress->tests, "ID",
         "only this test; may be given repeatedly", NULL},
        {"--hogs", OPTION_COUNT, &stress->hogs, "K",
         "busy loops to start beside it (0)", NULL},
        {"--jobs", OPTION_COUNT, &stress->jobs, "N", "at most N tests at once",
         NULL},
        {"--seed", OPTION_SEED, &stress->seed, "S",
         "the first run's seed; the others count on from it", NULL},
        {"--engine", OPTION_TEXT, &stress->engine, "ENGINE",
         "wire (default) or netem", engine_names},
        {"--world", OPTION_TEXT, &stress->world, "WORLD", PLACE_WORLD_HELP,
         world_names},
    };
    const struct command command = {
        .name = "stress",
        .usage = "NN [--runs N] [--hogs K] [options]",
        .summary = "Repeats a lab's tests with other seeds, without retries, "
                   "and counts verdicts",
        .text = "Exit status: 0 nothing failed, 1 something did, 3 a test was "
                "never judged because\nall of its runs were void.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .min_operands = 1,
        .max_operands = 1,
    };
    size_t operands;
    if (!command_parse(&command, argc, argv, &operands, status))
        return false;
    if (stress->hogs > MAX_HOGS)
        *status = usage_error("--hogs: %d at most", MAX_HOGS);
    return *status == 0;
}

static int prepare(struct stress *stress, const char *lab)
{
    int status = lab_open(&stress->lab, lab);
    if (status == 0)
        status = place_choose(&stress->place, &stress->lab.project,
                              stress->world, stress->engine);
    stress->lab.flavour = place_flavour(&stress->place);
    if (status == 0)
        status = lab_prepare(&stress->lab, stress->impl);
    if (status == 0)
        status = place_prepare_host(&stress->place, &stress->lab, stress->impl);
    if (status == EXIT_FAILED)
        (void)fprintf(stderr, "%s\n", stress->lab.compile_error);
    if (status == 0)
        status = lab_select(&stress->lab, &stress->tests);
    if (status == 0)
        status =
            run_dir_make(&stress->run, &stress->lab.project, stress->lab.dir);
    return status;
}

int cli_stress(int argc, char **argv)
{
    struct stress stress = {
        .engine = "wire", .runs = DEFAULT_RUNS, .run.lock_fd = -1};
    int status;
    if (!parse(&stress, argc, argv, &status))
        return status;
    status = prepare(&stress, argv[1]);
    if (status == 0)
        status = run(&stress);
    for (size_t i = 0; i < stress.reason_count; i++)
        free(stress.reasons[i].message);
    free(stress.tallies);
    place_fini(&stress.place);
    run_dir_close(&stress.run);
    lab_close(&stress.lab);
    return status;
}

/* wirelab mutants: proves a lab's tests.  Each mutant is a plausible wrong
 * program; the tests it names must fail on it, with the message that its golden
 * file holds.  A mutant that survives is a fault of the suite. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/replace.h"
#include "base/strbuf.h"
#include "base/testrun.h"
#include "base/tree.h"
#include "cli/build.h"
#include "cli/lab.h"
#include "base/object.h"
#include "cli/place.h"
#include "cli/mutant.h"
#include "cli/progress.h"
#include "cli/runs.h"
#include "cli/schedule.h"
#include "cli/seed.h"
#include "report/text.h"

enum { MAX_VOID_RUNS = 5 };

/* One mutant against one of the tests it names. */
struct duel {
    struct subject *subject;
    const json_t *listed; /* the test */
    size_t next_variant;  /* of those listed */
    size_t void_runs;
    enum verdict verdict; /* FAIL: killed; PASS: survived; else not judged */
    json_t *killer;       /* the failing verdict */
    char *reason;         /* why it was not judged */
};

struct subject {
    const struct mutant *mutant;
    char *wrong; /* it does not apply or compile */
    struct duel duels[MUTANT_MAX_TESTS];
    size_t open_duels;
};

struct mutants {
    struct lab lab;
    struct place place;
    struct run_dir run;
    struct mutant *list;
    struct subject *subjects;
    size_t count, done;
    const char *only, *engine, *world;
    struct seed_option seed;
    long jobs;
    bool update;
    struct schedule *schedule;
    struct progress progress;
    int status;
};

/* ---- Golden transcripts ---------------------------------------------------
 */

static void add_story(struct strbuf *text, const struct duel *duel)
{
    const struct report_style plain = {.columns = REPORT_UNWRAPPED};
    char *story = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&story, &size);
    if (memory == NULL)
        return;
    report_failure(memory, duel->killer, &plain);
    (void)fclose(memory);
    char *normal = report_normalise(story);
    strbuf_printf(text, "== %s %s\n%s", object_text(duel->listed, "id"),
                  object_text(duel->killer, "variant"), normal);
    free(normal);
    free(story);
}

static char *transcript(const struct subject *subject)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < subject->mutant->test_count; i++)
        add_story(&text, &subject->duels[i]);
    strbuf_add(&text, "", 0);
    return text.text;
}

/* The line in which two texts begin to differ. */
static char *first_difference(const char *wanted, const char *found)
{
    size_t line = 0;
    for (size_t i = 0; wanted[i] && wanted[i] == found[i]; i++) {
        if (wanted[i] == '\n')
            line = i + 1;
    }
    return str_format("golden '%.*s', now '%.*s'",
                      (int)strcspn(wanted + line, "\n"), wanted + line,
                      (int)strcspn(found + line, "\n"), found + line);
}

/* Returns NULL when the message is the golden one, else what is wrong. */
static char *compare_golden(const struct mutants *mutants,
                            const struct subject *subject)
{
    const char *path = subject->mutant->golden;
    char *now = transcript(subject);
    char *golden = file_load(path, NULL);
    char *wrong = NULL;
    int error = 0;
    if (mutants->update) {
        if (golden == NULL || strcmp(golden, now) != 0)
            error = file_replace(path, now, strlen(now));
        if (error < 0)
            wrong = str_format("cannot write %s: %s", path, strerror(-error));
    } else if (golden == NULL) {
        wrong = str_format("%s is missing: --update writes it",
                           strrchr(path, '/') + 1);
    } else if (strcmp(golden, now) != 0) {
        wrong = first_difference(golden, now);
    }
    free(golden);
    free(now);
    return wrong;
}

/* ---- Telling --------------------------------------------------------------
 */

static void worsen(struct mutants *mutants, int status)
{
    if (mutants->status != EXIT_FAILED)
        mutants->status = status;
}

static void tell(struct mutants *mutants, const struct subject *subject,
                 const char *mark, const char *test, const char *more)
{
    progress_clear(&mutants->progress);
    printf("%-9s %-28s %-30s %s\n", mark, subject->mutant->name, test, more);
    (void)fflush(stdout);
}

static bool tell_duel(struct mutants *mutants, const struct subject *subject,
                      const struct duel *duel)
{
    const char *id = object_text(duel->listed, "id");
    if (duel->verdict == VERDICT_FAIL)
        return true;
    if (duel->verdict == VERDICT_PASS) {
        tell(mutants, subject, "SURVIVED", id, subject->mutant->mistake);
        worsen(mutants, EXIT_FAILED);
    } else {
        tell(mutants, subject, verdict_name(duel->verdict), id, duel->reason);
        worsen(mutants, EXIT_INFRA);
    }
    return false;
}

static void tell_subject(struct mutants *mutants, const struct subject *subject)
{
    const struct mutant *mutant = subject->mutant;
    bool killed = true;
    mutants->done++;
    if (subject->wrong) {
        tell(mutants, subject, "BROKEN", mutant->tests[0], subject->wrong);
        worsen(mutants, EXIT_FAILED);
        return;
    }
    for (size_t i = 0; i < mutant->test_count; i++)
        killed = tell_duel(mutants, subject, &subject->duels[i]) && killed;
    char *wrong = killed ? compare_golden(mutants, subject) : NULL;
    if (wrong) {
        tell(mutants, subject, "MESSAGE", mutant->tests[0], wrong);
        worsen(mutants, EXIT_FAILED);
    } else if (killed) {
        tell(mutants, subject, "killed", mutant->tests[0], mutant->mistake);
    }
    free(wrong);
}

/* ---- Running --------------------------------------------------------------
 */

/* The variants that are tried: the one that is named, or all in turn until one
 * fails.  NULL: no more. */
static const char *next_variant(struct duel *duel)
{
    const json_t *variants = json_object_get(duel->listed, "variants");
    size_t n = json_array_size(variants);
    size_t at = duel->next_variant++;
    if (duel->subject->mutant->variant)
        return at == 0 ? duel->subject->mutant->variant : NULL;
    if (n == 0)
        return at == 0 ? "" : NULL;
    return json_string_value(json_array_get(variants, at));
}

static void add_run(struct mutants *mutants, struct duel *duel,
                    const char *variant)
{
    const struct mutant *mutant = duel->subject->mutant;
    struct job *job = mem_zalloc(sizeof(*job));
    char *where =
        str_format("%s.%s", mutant->name, object_text(duel->listed, "id"));
    *job =
        (struct job){.suite = mutants->lab.dir->suite,
                     .id = object_text(duel->listed, "id"),
                     .variant = variant,
                     .seed = mutants->seed.value,
                     .engine = mutants->engine,
                     .impl_dir = mutant->programs,
                     .reference_dir = mutants->lab.reference_dir,
                     .load = object_int(duel->listed, "load"),
                     .time_limit_s = object_int(duel->listed, "time_limit_s"),
                     .owner = duel};
    place_assign(&mutants->place, &mutants->lab, duel->listed, job);
    job->calm = duel->void_runs > 0 && job->world != WORLD_VIRTUAL;
    job->out_dir =
        run_dir_test(&mutants->run, where, variant, (int)duel->void_runs + 1);
    free(where);
    if (job->out_dir)
        schedule_add(mutants->schedule, job);
    else
        free(job);
}

/* Says whether that decides; if not, queues what is needed. */
static bool judge(struct mutants *mutants, struct duel *duel,
                  const struct job *job)
{
    const char *name = object_text(job->verdict, "verdict");
    if (verdict_parse(name, &duel->verdict) < 0)
        duel->verdict = VERDICT_INFRA;
    if (duel->verdict == VERDICT_INFRA && ++duel->void_runs < MAX_VOID_RUNS) {
        add_run(mutants, duel, job->variant);
        return false;
    }
    if (duel->verdict == VERDICT_PASS) {
        const char *variant = next_variant(duel);
        if (variant) {
            duel->void_runs = 0;
            add_run(mutants, duel, variant);
            return false;
        }
    }
    if (duel->verdict == VERDICT_FAIL)
        duel->killer = json_incref(job->verdict);
    else
        duel->reason = mem_strdup(object_text(job->verdict, "message"));
    return true;
}

static void on_done(struct job *job, void *context)
{
    struct mutants *mutants = context;
    struct duel *duel = job->owner;
    if (judge(mutants, duel, job) && --duel->subject->open_duels == 0)
        tell_subject(mutants, duel->subject);
    json_decref(job->verdict);
    free((char *)job->out_dir);
    free(job);
}

static void on_tick(void *context)
{
    struct mutants *mutants = context;
    progress_show(&mutants->progress, "  %zu of %zu mutants, %.0f s%s",
                  mutants->done, mutants->count,
                  progress_seconds(&mutants->progress),
                  schedule_waits(mutants->schedule) ? PROGRESS_WAITS : "");
}

/* ---- Making ready ---------------------------------------------------------
 */

static void build(struct mutants *mutants)
{
    size_t n = mutants->count;
    struct build_target *targets = mem_zalloc((n + 1) * sizeof(*targets));
    char **errors = mem_zalloc((n + 1) * sizeof(*errors));
    size_t *which = mem_zalloc((n + 1) * sizeof(*which));
    size_t good = 0;
    for (size_t i = 0; i < n; i++) {
        struct subject *subject = &mutants->subjects[i];
        subject->wrong =
            mutant_make(subject->mutant, mutants->lab.dir->solution,
                        mutants->lab.reference_dir);
        if (subject->wrong == NULL) {
            targets[good] = (struct build_target){
                .label = subject->mutant->source,
                .source = subject->mutant->source,
                .out = subject->mutant->programs,
                .flavour = place_flavour(&mutants->place),
            };
            which[good++] = i;
        }
    }
    progress_show(&mutants->progress, "  building %zu mutants", good);
    build_each(mutants->lab.dir, targets, good, errors);
    for (size_t i = 0; i < good; i++)
        mutants->subjects[which[i]].wrong = errors[i];
    free(targets);
    free(errors);
    free(which);
}

static int find_tests(struct mutants *mutants, struct subject *subject)
{
    const struct mutant *mutant = subject->mutant;
    for (size_t i = 0; i < mutant->test_count; i++) {
        struct duel *duel = &subject->duels[i];
        duel->subject = subject;
        duel->listed = lab_test(&mutants->lab, mutant->tests[i]);
        if (duel->listed == NULL)
            return infra_error("%s: Killed-by names no test of the lab",
                               mutant->patch);
    }
    subject->open_duels = mutant->test_count;
    return 0;
}

static int run(struct mutants *mutants)
{
    const struct schedule_events events = {
        .done = on_done, .tick = on_tick, .context = mutants};
    place_show(&mutants->place, &mutants->lab, mutants->run.path);
    mutants->schedule =
        schedule_new(&events, &mutants->place.guests, mutants->jobs);
    progress_init(&mutants->progress, stdout);
    build(mutants);
    for (size_t i = 0; i < mutants->count; i++) {
        struct subject *subject = &mutants->subjects[i];
        if (subject->wrong)
            tell_subject(mutants, subject);
        for (size_t k = 0; k < subject->open_duels && !subject->wrong; k++)
            add_run(mutants, &subject->duels[k],
                    next_variant(&subject->duels[k]));
    }
    int interrupted = schedule_run(mutants->schedule);
    schedule_free(mutants->schedule);
    progress_clear(&mutants->progress);
    if (interrupted)
        return EXIT_INTERRUPTED;
    printf("%zu mutants in %.0f s: %s; evidence in %s\n", mutants->count,
           progress_seconds(&mutants->progress),
           mutants->status == 0            ? "each killed by its named test"
           : mutants->status == EXIT_INFRA ? "not all could be judged"
                                           : "not all killed as they should be",
           mutants->run.path);
    return mutants->status;
}

static int load(struct mutants *mutants)
{
    const struct lab_dir *dir = mutants->lab.dir;
    char *patches = str_format("%s/mutants", dir->solution);
    char *work =
        str_format("%s/mutants/%s%s", mutants->lab.project.build, dir->number,
                   mutants->place.world == WORLD_HOST ? "" : "-guest");
    int status = mutants_load(patches, work, mutants->only, &mutants->list,
                              &mutants->count);
    free(patches);
    free(work);
    mutants->subjects =
        mem_zalloc((mutants->count + 1) * sizeof(*mutants->subjects));
    for (size_t i = 0; i < mutants->count && status == 0; i++) {
        mutants->subjects[i].mutant = &mutants->list[i];
        status = find_tests(mutants, &mutants->subjects[i]);
    }
    return status;
}

static int prepare(struct mutants *mutants, const char *lab)
{
    int status = lab_open(&mutants->lab, lab);
    if (status == 0)
        status = place_choose(&mutants->place, &mutants->lab.project,
                              mutants->world, mutants->engine);
    mutants->lab.flavour = place_flavour(&mutants->place);
    if (status == 0)
        status = lab_prepare(&mutants->lab, "solution");
    if (status == EXIT_FAILED)
        status = infra_error("the reference does not compile: %s",
                             mutants->lab.compile_error);
    if (status == 0)
        status = lab_list(&mutants->lab, "");
    if (status == 0)
        status = load(mutants);
    if (status == 0)
        status = run_dir_make(&mutants->run, &mutants->lab.project,
                              mutants->lab.dir);
    return status;
}

static void fini(struct mutants *mutants)
{
    for (size_t i = 0; i < mutants->count; i++) {
        free(mutants->subjects[i].wrong);
        for (size_t k = 0; k < MUTANT_MAX_TESTS; k++) {
            json_decref(mutants->subjects[i].duels[k].killer);
            free(mutants->subjects[i].duels[k].reason);
        }
    }
    free(mutants->subjects);
    mutants_free(mutants->list, mutants->count);
    place_fini(&mutants->place);
    run_dir_close(&mutants->run);
    lab_close(&mutants->lab);
}

int cli_mutants(int argc, char **argv)
{
    struct mutants mutants = {
        .engine = "wire", .seed.value = 1, .run.lock_fd = -1};
    const struct command_option options[] = {
        {"--only", OPTION_TEXT, &mutants.only, "NAME",
         "only the mutant of this name", NULL},
        {"--seed", OPTION_SEED, &mutants.seed, "S", "the seed of all runs (1)",
         NULL},
        {"--engine", OPTION_TEXT, &mutants.engine, "ENGINE",
         "wire (default) or netem", engine_names},
        {"--world", OPTION_TEXT, &mutants.world, "WORLD", PLACE_WORLD_HELP,
         world_names},
        {"--jobs", OPTION_COUNT, &mutants.jobs, "N", "at most N tests at once",
         NULL},
        {"--update", OPTION_FLAG, &mutants.update, NULL,
         "writes the golden messages instead of comparing", NULL},
    };
    const struct command command = {
        .name = "mutants",
        .usage = "NN [--only NAME] [--update]",
        .summary = "Applies each wrong program of a lab and sees that its "
                   "named test kills it",
        .text = "The patches lie in solutions/NN-name/mutants, and say in "
                "their first lines which\nmistake they make and by which test "
                "(of which variant) they are killed.\nExit status: 0 each was "
                "killed, with its golden message; 1 one was not; 3 one\ncould "
                "not be judged.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .min_operands = 1,
        .max_operands = 1,
    };
    size_t operands;
    int status;
    if (!command_parse(&command, argc, argv, &operands, &status))
        return status;
    status = prepare(&mutants, argv[1]);
    if (status == 0)
        status = run(&mutants);
    fini(&mutants);
    return status;
}

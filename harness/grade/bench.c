/* A bench's main: options, alternation, exit status.  See wirelab/bench.h. */
#include "grade/bench.h"

#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "topo/topo.h"

enum {
    DEFAULT_REPETITIONS = 5,
    EXIT_MISSED = 1,
    EXIT_USAGE = 2,
    EXIT_INFRA = 3
};

struct bench {
    struct bench_options options;
    const struct bench_pair *pairs;
    size_t count;
    char work_dir[256];
    unsigned measurements; /* made so far */
};

/* ---- Options ------------------------------------------------------------- */

static void usage(FILE *out, const char *program, const struct bench *bench)
{
    fprintf(out,
            "usage: %s [--pairs N] [--only NAME] [--json] [--seed S]\n"
            "  --pairs N       measure each pair N times (default %d)\n"
            "  --only NAME     measure one pair\n"
            "  --json          print JSON instead of the table\n"
            "  --seed S        of all that is random (default 1)\n"
            "  --programs DIR  where the lab's programs are\n"
            "pairs:\n",
            program, DEFAULT_REPETITIONS);
    for (size_t i = 0; i < bench->count; i++)
        fprintf(out, "  %-15s %s\n", bench->pairs[i].name,
                bench->pairs[i].what ? bench->pairs[i].what : "");
}

static const struct bench_pair *find_pair(const struct bench *bench,
                                          const char *name)
{
    for (size_t i = 0; i < bench->count; i++) {
        if (strcmp(bench->pairs[i].name, name) == 0)
            return &bench->pairs[i];
    }
    return NULL;
}

static int parse_number(const char *text, unsigned long long low,
                        unsigned long long high, unsigned long long *value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 0);
    bool whole = *text != '\0' && *text != '-' && *end == '\0' && errno == 0;
    return whole && *value >= low && *value <= high ? 0 : -EINVAL;
}

static int set_option(struct bench *bench, int option, const char *value)
{
    struct bench_options *options = &bench->options;
    unsigned long long number;
    switch (option) {
    case 'p':
        if (parse_number(value, 1, BENCH_MAX_REPETITIONS, &number) < 0) {
            fprintf(stderr, "--pairs %s: give a number from 1 to %d\n", value,
                    BENCH_MAX_REPETITIONS);
            return -EINVAL;
        }
        options->repetitions = (int)number;
        return 0;
    case 's':
        if (parse_number(value, 0, UINT64_MAX, &number) < 0) {
            fprintf(stderr, "--seed %s: give a number\n", value);
            return -EINVAL;
        }
        options->seed = number;
        return 0;
    case 'o':
        options->only = value;
        if (find_pair(bench, value))
            return 0;
        fprintf(stderr, "no pair is named \"%s\"; see --help\n", value);
        return -EINVAL;
    case 'd':
        options->programs_dir = value;
        return 0;
    case 'j':
        options->json = true;
        return 0;
    default:
        return -EINVAL; /* getopt has said why */
    }
}

/* Returns 0, -EINVAL, or 1 after --help. */
static int parse_options(struct bench *bench, int argc, char **argv)
{
    static const struct option known[] = {
        {"pairs", required_argument, NULL, 'p'},
        {"only", required_argument, NULL, 'o'},
        {"seed", required_argument, NULL, 's'},
        {"programs", required_argument, NULL, 'd'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    for (int option;
         (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (option == 'h') {
            usage(stdout, argv[0], bench);
            return 1;
        }
        if (set_option(bench, option, optarg) < 0)
            return -EINVAL;
    }
    if (optind < argc) {
        fprintf(stderr, "%s: takes no arguments, see --help\n", argv[optind]);
        return -EINVAL;
    }
    return 0;
}

/* The programs of lab 08's bench, build/bench/08, are in build/labs/08-…/fast.
 * The caller frees it. */
static char *find_programs(void)
{
    char self[512];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash == NULL)
        return mem_strdup("");
    *slash = '\0';
    char *pattern = str_format("%s/../labs/%s-*/fast", self, slash + 1);
    glob_t found;
    int error = glob(pattern, 0, NULL, &found);
    char *real = error ? NULL : realpath(found.gl_pathv[0], NULL);
    if (error == 0)
        globfree(&found);
    free(pattern);
    return real ? real : mem_strdup("");
}

/* ---- Measuring ----------------------------------------------------------- */

static int measure(struct bench *bench, const struct bench_pair *pair,
                   bool ours, int repetition, double *rate)
{
    char *dir = str_format("%s/%u", bench->work_dir, ++bench->measurements);
    const uint64_t words[] = {bench->options.seed, (uint64_t)repetition};
    struct bench_job job = {
        .name = pair->name,
        .fn = ours ? pair->ours : pair->theirs,
        .context = pair->context,
        .seed = hash_words(words, 2),
        .programs_dir = bench->options.programs_dir,
        .work_dir = dir,
    };
    int error = mkdir(dir, 0700) < 0 ? -errno : bench_measure(&job, rate);
    work_dir_remove(dir);
    free(dir);
    if (error == 0)
        fprintf(stderr, " %s %.4g", ours ? "ours" : "theirs",
                *rate / (pair->scale > 0 ? pair->scale : 1.0));
    return error;
}

/* A B, B A, A B, ...: what drifts favours neither. */
static int measure_series(struct bench *bench, struct bench_series *series)
{
    const struct bench_pair *pair = series->pair;
    for (int i = 0; i < series->count; i++) {
        bool ours_first = i % 2 == 0;
        fprintf(stderr, "%s %d/%d:", pair->name, i + 1, series->count);
        for (int half = 0; half < 2; half++) {
            bool ours = (half == 0) == ours_first;
            double *rate = ours ? &series->ours[i] : &series->theirs[i];
            int error = measure(bench, pair, ours, i, rate);
            if (error < 0)
                return error;
        }
        fprintf(stderr, "  ratio %.3f\n", series->ours[i] / series->theirs[i]);
    }
    return 0;
}

static int repetitions_of(const struct bench *bench,
                          const struct bench_pair *pair)
{
    if (bench->options.repetitions > 0)
        return bench->options.repetitions;
    return pair->repetitions > 0 ? pair->repetitions : DEFAULT_REPETITIONS;
}

static void series_init(struct bench_series *series, int count,
                        const struct bench_pair *pair)
{
    series->pair = pair;
    series->count = count;
    series->ours = mem_zalloc((size_t)count * sizeof(double));
    series->theirs = mem_zalloc((size_t)count * sizeof(double));
}

static void series_fini(struct bench_series *series)
{
    free(series->ours);
    free(series->theirs);
}

/* Returns how many pairs could not be measured; the others are in `all`. */
static int run_all(struct bench *bench, struct bench_series *all, size_t *count)
{
    int failed = 0;
    for (size_t i = 0; i < bench->count; i++) {
        const struct bench_pair *pair = &bench->pairs[i];
        if (bench->options.only && strcmp(bench->options.only, pair->name) != 0)
            continue;
        struct bench_series *series = &all[*count];
        series_init(series, repetitions_of(bench, pair), pair);
        if (measure_series(bench, series) == 0) {
            (*count)++;
            continue;
        }
        series_fini(series);
        failed++;
    }
    return failed;
}

static int tell(const struct bench *bench, const struct bench_series *all,
                size_t count)
{
    if (bench->options.json)
        bench_print_json(stdout, all, count);
    else
        bench_print_table(stdout, all, count);
    for (size_t i = 0; i < count; i++) {
        if (!bench_met(&all[i]))
            return EXIT_MISSED;
    }
    return EXIT_SUCCESS;
}

static int measure_and_tell(struct bench *bench)
{
    struct bench_series *all = mem_zalloc(bench->count * sizeof(*all));
    size_t measured = 0;
    int failed = run_all(bench, all, &measured);
    int status = tell(bench, all, measured);
    for (size_t i = 0; i < measured; i++)
        series_fini(&all[i]);
    free(all);
    return failed ? EXIT_INFRA : status;
}

int bench_main(int argc, char **argv, const struct bench_pair *pairs,
               size_t count)
{
    struct bench bench = {
        .options = {.seed = 1}, .pairs = pairs, .count = count};
    int parsed = parse_options(&bench, argc, argv);
    if (parsed != 0)
        return parsed < 0 ? EXIT_USAGE : EXIT_SUCCESS;
    cell_sweep();
    int error = work_dir_make(bench.work_dir, sizeof(bench.work_dir));
    if (error < 0) {
        fprintf(stderr, "no work directory: %s\n", strerror(-error));
        return EXIT_INFRA;
    }
    char *programs = find_programs();
    if (bench.options.programs_dir == NULL)
        bench.options.programs_dir = programs;
    int status = measure_and_tell(&bench);
    free(programs);
    work_dir_remove(bench.work_dir);
    return status;
}

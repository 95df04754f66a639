/* What a bench tells: ratios with their spread, and where they were taken. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "grade/bench.h"

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct bench_spread bench_spread_of(const double *values, int count)
{
    size_t bytes = (size_t)count * sizeof(*values);
    double *sorted = mem_zalloc(bytes);
    memcpy(sorted, values, bytes);
    qsort(sorted, (size_t)count, sizeof(*sorted), compare);
    struct bench_spread spread = {
        .median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2,
        .min = sorted[0],
        .max = sorted[count - 1],
    };
    free(sorted);
    return spread;
}

struct bench_spread bench_ratio_of(const struct bench_series *series)
{
    double *ratios = mem_zalloc((size_t)series->count * sizeof(*ratios));
    for (int i = 0; i < series->count; i++)
        ratios[i] = series->ours[i] / series->theirs[i];
    struct bench_spread spread = bench_spread_of(ratios, series->count);
    free(ratios);
    return spread;
}

bool bench_met(const struct bench_series *series)
{
    double goal = series->pair->goal;
    return isnan(goal) || bench_ratio_of(series).median >= goal;
}

/* ---- The machine --------------------------------------------------------- */

static void cpu_model(char *text, size_t size)
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[256];
    snprintf(text, size, "unknown CPU");
    while (file && fgets(line, sizeof(line), file)) {
        const char *value = strchr(line, ':');
        if (value == NULL || strncmp(line, "model name", 10) != 0)
            continue;
        snprintf(text, size, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
        break;
    }
    if (file)
        fclose(file);
}

static json_t *machine_json(void)
{
    char cpu[128];
    struct utsname kernel = {0};
    cpu_model(cpu, sizeof(cpu));
    uname(&kernel);
    return json_pack("{s:s, s:I, s:s, s:s}", "cpu", cpu, "cores",
                     (json_int_t)sysconf(_SC_NPROCESSORS_ONLN), "kernel",
                     kernel.release, "arch", kernel.machine);
}

/* ---- JSON ---------------------------------------------------------------- */

static json_t *spread_json(const double *values, int count)
{
    struct bench_spread spread = bench_spread_of(values, count);
    return json_pack("{s:f, s:f, s:f}", "median", spread.median, "min",
                     spread.min, "max", spread.max);
}

static json_t *series_json(const struct bench_series *series)
{
    const struct bench_pair *pair = series->pair;
    struct bench_spread ratio = bench_ratio_of(series);
    json_t *goal = isnan(pair->goal) ? json_null() : json_real(pair->goal);
    return json_pack(
        "{s:s, s:f, s:f, s:f, s:o, s:b, s:s, s:s, s:f, s:i, s:o, s:o}", "name",
        pair->name, "ratio_median", ratio.median, "ratio_min", ratio.min,
        "ratio_max", ratio.max, "goal", goal, "met", bench_met(series), "what",
        pair->what ? pair->what : "", "unit", pair->unit ? pair->unit : "",
        "scale", pair->scale > 0 ? pair->scale : 1.0, "pairs", series->count,
        "ours", spread_json(series->ours, series->count), "theirs",
        spread_json(series->theirs, series->count));
}

void bench_print_json(FILE *out, const struct bench_series *series,
                      size_t count)
{
    json_t *pairs = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(pairs, series_json(&series[i]));
    json_t *all =
        json_pack("{s:o, s:o}", "pairs", pairs, "machine", machine_json());
    json_dumpf(all, out,
               JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(6));
    fputc('\n', out);
    json_decref(all);
}

/* ---- Table --------------------------------------------------------------- */

static void print_row(FILE *out, const struct bench_series *series)
{
    const struct bench_pair *pair = series->pair;
    struct bench_spread ratio = bench_ratio_of(series);
    double scale = pair->scale > 0 ? pair->scale : 1.0;
    double ours = bench_spread_of(series->ours, series->count).median / scale;
    double theirs =
        bench_spread_of(series->theirs, series->count).median / scale;
    char goal[32] = "-";
    const char *met = "";
    if (!isnan(pair->goal)) {
        snprintf(goal, sizeof(goal), "%.2f", pair->goal);
        met = bench_met(series) ? "yes" : "NO";
    }
    fprintf(out, "%-20s %7.3f %7.3f %7.3f %6s %-4s %9.4g %9.4g  %s%s%s\n",
            pair->name, ratio.median, ratio.min, ratio.max, goal, met, ours,
            theirs, pair->unit ? pair->unit : "",
            pair->unit && pair->what ? ", " : "", pair->what ? pair->what : "");
}

void bench_print_table(FILE *out, const struct bench_series *series,
                       size_t count)
{
    fprintf(out, "%-20s %7s %7s %7s %6s %-4s %9s %9s  %s\n", "pair", "ratio",
            "min", "max", "goal", "met", "ours", "theirs", "of what");
    for (size_t i = 0; i < count; i++)
        print_row(out, &series[i]);
    json_t *machine = machine_json();
    fprintf(out, "\n%s, %lld cores, Linux %s %s\n",
            json_string_value(json_object_get(machine, "cpu")),
            json_integer_value(json_object_get(machine, "cores")),
            json_string_value(json_object_get(machine, "kernel")),
            json_string_value(json_object_get(machine, "arch")));
    json_decref(machine);
}

/* Figures over time; they go into the verdict when the run ends. */
#include <wirelab/record.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "expect/judge.h"
#include "expect/record.h"
#include "topo/topo.h"

struct point {
    int64_t t_ns;
    double value;
};

/* Every `stride`-th point that came is in `points`; the newest is `last`,
 * whether it is one of them or not. */
struct series {
    char *name, *unit;
    struct point points[RECORD_MAX_POINTS];
    struct point last;
    size_t count, stride, came;
};

/* Of this process's run, as the steps are. */
static struct series *recorded[RECORD_MAX_SERIES];
static size_t recorded_count;
static void (*at_end)(void);

static struct series *find(const char *name, const char *unit)
{
    for (size_t i = 0; i < recorded_count; i++) {
        if (strcmp(recorded[i]->name, name) == 0)
            return recorded[i];
    }
    if (recorded_count == RECORD_MAX_SERIES)
        return NULL;
    struct series *series = mem_zalloc(sizeof(*series));
    series->name = mem_strdup(name);
    series->unit = mem_strdup(unit);
    series->stride = 1;
    return recorded[recorded_count++] = series;
}

static void thin(struct series *series)
{
    for (size_t i = 0; i < series->count / 2; i++)
        series->points[i] = series->points[2 * i];
    series->count /= 2;
    series->stride *= 2;
}

void record(const char *name, const char *unit, int64_t t_ns, double value)
{
    struct series *series = find(name, unit);
    if (series == NULL)
        return;
    series->last = (struct point){t_ns, value};
    if (series->came++ % series->stride != 0)
        return;
    if (series->count == RECORD_MAX_POINTS)
        thin(series);
    series->points[series->count++] = series->last;
}

/* [t_ms, value]; six digits are more than a plot can show. */
static json_t *point_json(const struct point *point)
{
    double t_ms = round((double)point->t_ns / 1e3) / 1e3;
    json_t *value =
        isfinite(point->value) ? json_real(point->value) : json_null();
    return json_pack("[f, o]", t_ms, value);
}

static json_t *series_json(const struct series *series)
{
    json_t *points = json_array();
    for (size_t i = 0; i < series->count; i++)
        json_array_append_new(points, point_json(&series->points[i]));
    if ((series->came - 1) % series->stride != 0)
        json_array_append_new(points, point_json(&series->last));
    return json_pack("{s:s, s:s, s:I, s:o}", "name", series->name, "unit",
                     series->unit, "recorded", (json_int_t)series->came,
                     "points", points);
}

json_t *record_json(void)
{
    json_t *array = json_array();
    for (size_t i = 0; i < recorded_count; i++)
        json_array_append_new(array, series_json(recorded[i]));
    return array;
}

static void tell(json_t *verdict, const struct ending *ending, void *unused)
{
    (void)ending;
    (void)unused;
    if (at_end && net_current())
        at_end();
    if (recorded_count > 0)
        json_object_set_new(verdict, "series", record_json());
}

void record_at_end(void (*fn)(void))
{
    at_end = fn;
}

void record_begin(void)
{
    at_end = NULL;
    for (size_t i = 0; i < recorded_count; i++) {
        free(recorded[i]->name);
        free(recorded[i]->unit);
        free(recorded[i]);
    }
    recorded_count = 0;
    testrun_witness(tell, NULL);
}

/* What is told of one test beside its packets. */
#include "report/evidence.h"

#include <string.h>

#include "base/strbuf.h"
#include "report/page.h"

enum {
    MAX_TEXT_BYTES = 8000, /* of one text: a message, a tail of stderr */
    MAX_STEPS = 200,
    MAX_STEP_BYTES = 1000,
    MAX_ITEMS = 400,  /* of any other array */
    MAX_POINTS = 800, /* of a series: more than a plot has pixels for */
};

/* ---- Cutting --------------------------------------------------------------
 */

/* Where a text of UTF-8 may be cut at `at` or before. */
static size_t character_start(const char *text, size_t at)
{
    while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
        at--;
    return at;
}

/* The beginning and the end of it: errors tend to be at the end. */
json_t *evidence_text(const char *text, size_t most)
{
    size_t bytes = strlen(text), half = most / 2;
    if (bytes <= most)
        return json_string(text);
    size_t head = character_start(text, half);
    size_t tail = character_start(text, bytes - half);
    struct strbuf cut = {0};
    strbuf_add(&cut, text, head);
    strbuf_printf(&cut, "\n[%zu bytes are left out here]\n", tail - head);
    strbuf_add(&cut, text + tail, bytes - tail);
    json_t *json = json_stringn(cut.text, cut.length);
    strbuf_fini(&cut);
    return json;
}

static json_t *cut(const json_t *value);

static json_t *cut_array(const json_t *array)
{
    json_t *copy = json_array();
    size_t n = json_array_size(array);
    for (size_t i = 0; i < n && i < MAX_ITEMS; i++)
        json_array_append_new(copy, cut(json_array_get(array, i)));
    return copy;
}

/* Depth is that of results.json, which jansson has limited. */
static json_t *cut(const json_t *value) /* NOLINT(misc-no-recursion) */
{
    const char *key;
    json_t *member, *copy;
    switch (json_typeof(value)) {
    case JSON_STRING:
        return evidence_text(json_string_value(value), MAX_TEXT_BYTES);
    case JSON_ARRAY:
        return cut_array(value);
    case JSON_OBJECT:
        copy = json_object();
        json_object_foreach((json_t *)value, key, member)
            json_object_set_new(copy, key, cut(member));
        return copy;
    default:
        return json_copy((json_t *)value);
    }
}

/* The last steps, with how many there were before. */
static void cut_steps(json_t *copy, const json_t *steps)
{
    size_t n = json_array_size(steps);
    size_t from = n > MAX_STEPS ? n - MAX_STEPS : 0;
    json_t *last = json_array();
    for (size_t i = from; i < n; i++) {
        json_t *step = json_copy(json_array_get(steps, i));
        json_object_set_new(
            step, "text",
            evidence_text(member_text(step, "text"), MAX_STEP_BYTES));
        json_array_append_new(last, step);
    }
    json_object_set_new(copy, "steps", last);
    if (from > 0)
        json_object_set_new(copy, "steps_before",
                            json_integer((json_int_t)from));
}

/* ---- The verdict's own file -----------------------------------------------
 */

static json_t *load_verdict(const json_t *entry, const char *run_dir)
{
    const json_t *evidence = json_object_get(entry, "evidence");
    const char *dir = member_text(evidence, "dir");
    if (*dir == '\0' || strstr(dir, ".."))
        return NULL;
    char *path = str_format("%s/%s/verdict.json", run_dir, dir);
    json_t *verdict = json_load_file(path, 0, NULL);
    free(path);
    /* The scheduler judged otherwise: the file is not of what is told. */
    if (strcmp(member_text(verdict, "id"), member_text(entry, "id")) != 0) {
        json_decref(verdict);
        return NULL;
    }
    return verdict;
}

/* Every so many-th point, and the last. */
static json_t *thin_points(const json_t *points)
{
    size_t n = json_array_size(points);
    size_t stride = n / MAX_POINTS + 1;
    json_t *thin = json_array();
    for (size_t i = 0; i < n; i += stride)
        json_array_append(thin, json_array_get(points, i));
    if (n > 0 && (n - 1) % stride != 0)
        json_array_append(thin, json_array_get(points, n - 1));
    return thin;
}

static json_t *series_json(const json_t *series)
{
    json_t *all = json_array(), *one;
    size_t i;
    json_array_foreach(series, i, one)
    {
        json_t *copy = json_copy(one);
        json_object_set_new(copy, "points",
                            thin_points(json_object_get(one, "points")));
        json_array_append_new(all, copy);
    }
    return all;
}

json_t *evidence_entry(const json_t *entry, const char *run_dir)
{
    static const char *const more[] = {"programs", "links", "clock_ms",
                                       "engine", "capture_missing"};
    json_t *copy = cut(entry);
    json_object_del(copy, "packets"); /* there a digest, on the page packets */
    json_t *verdict = load_verdict(entry, run_dir);
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        const json_t *value = json_object_get(verdict, more[i]);
        if (value && !json_object_get(entry, more[i]))
            json_object_set_new(copy, more[i], cut(value));
    }
    const json_t *series = json_object_get(verdict, "series");
    if (series)
        json_object_set_new(copy, "series", series_json(series));
    if (json_object_get(entry, "steps"))
        cut_steps(copy, json_object_get(entry, "steps"));
    json_decref(verdict);
    return copy;
}

/* The table that registers a lab's tests. */
#include "grade/table.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/strbuf.h"
#include "grade/labjson.h"

const char *const variants_pairing[] = {"itself", "to-reference",
                                        "from-reference", NULL};

const struct lab_test *table_find(const struct table *table, const char *id)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->tests[i].id, id) == 0)
            return &table->tests[i];
    }
    return NULL;
}

const char *table_nearest(const struct table *table, const char *id)
{
    const char **ids = mem_zalloc(table->count * sizeof(*ids));
    for (size_t i = 0; i < table->count; i++)
        ids[i] = table->tests[i].id;
    const char *nearest = nearest_word(id, ids, table->count);
    free(ids);
    return nearest;
}

size_t test_variants(const struct lab_test *test)
{
    size_t n = 0;
    while (test->variants && test->variants[n])
        n++;
    return n;
}

int test_variant(const struct lab_test *test, const char *name)
{
    size_t n = test_variants(test);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(test->variants[i], name) == 0)
            return (int)i;
    }
    return -ENOENT;
}

int test_limit_s(const struct lab_test *test)
{
    return test->time_limit_s > 0 ? test->time_limit_s : TEST_DEFAULT_LIMIT_S;
}

/* ---- Listing ------------------------------------------------------------ */

static json_t *needs_json(unsigned needs)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {
        {NEEDS_HOST_SPEED, "host_speed"},
        {NEEDS_ASAN, "asan"},
        {NEEDS_ROOT, "root"},
        {NEEDS_THROUGHPUT, "throughput"},
    };
    json_t *array = json_array();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (needs & names[i].bit)
            json_array_append_new(array, json_string(names[i].name));
    }
    return array;
}

static json_t *variants_json(const struct lab_test *test, bool same_impl)
{
    size_t n = test_variants(test);
    if (same_impl && test->variants == variants_pairing)
        n = 1;
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, json_string(test->variants[i]));
    return array;
}

/* "loss segments": ["loss","segments"]. */
static json_t *figures_json(const struct lab_test *test)
{
    json_t *array = json_array();
    const char *at = test->figures ? test->figures : "";
    while (*(at += strspn(at, " "))) {
        size_t n = strcspn(at, " ");
        json_array_append_new(array, json_stringn(at, n));
        at += n;
    }
    return array;
}

json_t *table_json(const struct table *table, bool same_impl)
{
    json_t *tests = json_array();
    for (size_t i = 0; i < table->count; i++) {
        const struct lab_test *t = &table->tests[i];
        json_array_append_new(
            tests,
            json_pack(
                "{s:s, s:s, s:i, s:i, s:s, s:s, s:s, s:i, s:i, s:i, s:o, s:o, "
                "s:o}",
                "id", t->id, "title", t->title, "checkpoint", t->checkpoint,
                "points", t->points, "why", t->why, "cause", t->cause, "see",
                t->see, "time_limit_s", test_limit_s(t), "lasts_s", t->lasts_s,
                "load", t->load ? t->load : LOAD_LIGHT, "needs",
                needs_json(t->needs), "variants", variants_json(t, same_impl),
                "figures", figures_json(t)));
    }
    return json_pack("{s:s, s:o}", "lab", table->lab, "tests", tests);
}

/* ---- Finding fault ------------------------------------------------------ */

static bool is_name(const char *text, const char *also)
{
    if (*text == '\0')
        return false;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (!islower(c) && !isdigit(c) && strchr(also, c) == NULL)
            return false;
    }
    return true;
}

/* "08.4.reorder_no_storm" for lab 08 and checkpoint 4. */
static bool is_id(const char *id, const char *lab, int checkpoint)
{
    char *prefix = str_format("%s.%d.", lab, checkpoint);
    size_t n = strlen(prefix);
    bool good = strncmp(id, prefix, n) == 0 && is_name(id + n, "_");
    free(prefix);
    return good;
}

static bool empty(const char *text)
{
    return text == NULL || *text == '\0';
}

static int check_texts(const struct lab_test *test, FILE *out)
{
    const struct {
        const char *name, *text;
    } texts[] = {
        {"title", test->title},
        {"why", test->why},
        {"cause", test->cause},
        {"see", test->see},
    };
    int faults = 0;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (empty(texts[i].text)) {
            fprintf(out, "%s: its .%s is missing\n", test->id, texts[i].name);
            faults++;
        }
    }
    return faults;
}

static int check_variants(const struct lab_test *test, FILE *out)
{
    int faults = 0;
    size_t n = test_variants(test);
    for (size_t i = 0; i < n; i++) {
        if (!is_name(test->variants[i], "-_.")) {
            fprintf(out,
                    "%s: variant \"%s\" must be of lower-case letters, "
                    "digits and -_.\n",
                    test->id, test->variants[i]);
            faults++;
        }
        if (test_variant(test, test->variants[i]) != (int)i) {
            fprintf(out, "%s: variant \"%s\" is there twice\n", test->id,
                    test->variants[i]);
            faults++;
        }
    }
    return faults;
}

static int check_figures(const struct lab_test *test, FILE *out)
{
    if (test->figures == NULL || is_name(test->figures, "_ "))
        return 0;
    fprintf(out,
            "%s: .figures must be names of lower-case letters, digits and _, "
            "with a space between two\n",
            test->id);
    return 1;
}

static int check_test(const struct table *table, size_t index, FILE *out)
{
    const struct lab_test *test = &table->tests[index];
    if (test->id == NULL) {
        fprintf(out, "test %zu of the table: its .id is missing\n", index + 1);
        return 1;
    }
    int faults = 0;
    if (!is_id(test->id, table->lab, test->checkpoint)) {
        fprintf(out, "%s: its .id must be \"%s.%d.name_in_lower_case\"\n",
                test->id, table->lab, test->checkpoint);
        faults++;
    }
    for (size_t i = 0; i < index; i++) {
        if (!empty(table->tests[i].id) &&
            strcmp(table->tests[i].id, test->id) == 0) {
            fprintf(out, "%s: the .id is there twice\n", test->id);
            faults++;
        }
    }
    if (test->test == NULL) {
        fprintf(out, "%s: begins without TEST(name)\n", test->id);
        faults++;
    }
    if (test->checkpoint < 1 || test->points < 1 || test->time_limit_s < 0) {
        fprintf(out,
                "%s: .checkpoint and .points must be positive, "
                ".time_limit_s not negative\n",
                test->id);
        faults++;
    }
    if (test->lasts_s < 0 || test->lasts_s > test_limit_s(test)) {
        fprintf(out, "%s: .lasts_s must be from 0 to .time_limit_s\n",
                test->id);
        faults++;
    }
    return faults + check_texts(test, out) + check_variants(test, out) +
           check_figures(test, out);
}

int table_check(const struct table *table, FILE *out)
{
    int faults = 0;
    for (size_t i = 0; i < table->count; i++)
        faults += check_test(table, i, out);
    return faults;
}

static int lint_points(const struct table *table, const struct labjson *lab,
                       FILE *out)
{
    int faults = 0;
    for (size_t i = 0; i < lab->checkpoint_count; i++) {
        const struct checkpoint *checkpoint = &lab->checkpoints[i];
        int points = 0;
        for (size_t j = 0; j < table->count; j++) {
            if (table->tests[j].checkpoint == checkpoint->number)
                points += table->tests[j].points;
        }
        if (points != checkpoint->points) {
            fprintf(out,
                    "checkpoint %d: its tests are worth %d points, lab.json "
                    "says %d\n",
                    checkpoint->number, points, checkpoint->points);
            faults++;
        }
    }
    return faults;
}

int table_lint(const struct table *table, const char *labjson_path, FILE *out)
{
    int faults = table_check(table, out);
    char error[LABJSON_ERROR_BYTES];
    struct labjson lab;
    if (labjson_load(labjson_path, &lab, error) < 0) {
        fprintf(out, "%s\n", error);
        return faults + 1;
    }
    if (strcmp(lab.id, table->lab) != 0) {
        fprintf(out, "the suite is of lab %s, %s of lab %s\n", table->lab,
                labjson_path, lab.id);
        faults++;
    }
    if (table->count < SUITE_LEAST_TESTS) {
        fprintf(out, "there are %zu tests; a lab has %d at least\n",
                table->count, SUITE_LEAST_TESTS);
        faults++;
    }
    for (size_t i = 0; i < table->count; i++) {
        if (labjson_checkpoint(&lab, table->tests[i].checkpoint) == NULL) {
            fprintf(out, "%s: lab.json has no checkpoint %d\n",
                    table->tests[i].id, table->tests[i].checkpoint);
            faults++;
        }
    }
    faults += lint_points(table, &lab, out);
    labjson_fini(&lab);
    return faults;
}

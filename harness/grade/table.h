/* The table that registers a lab's tests: finding in it, listing it, and
 * finding fault with it. */
#ifndef GRADE_TABLE_H
#define GRADE_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <wirelab/suite.h>

enum { TEST_DEFAULT_LIMIT_S = 30, SUITE_LEAST_TESTS = 12 };

struct table {
    const char *lab; /* "08" */
    const struct lab_test *tests;
    size_t count;
};

const struct lab_test *table_find(const struct table *table, const char *id);
/* The id nearest to a mistyped one, or NULL. */
const char *table_nearest(const struct table *table, const char *id);

/* How many variants a test has; 0 if it has none. */
size_t test_variants(const struct lab_test *test);
/* The number of a variant by its name, or -ENOENT. */
int test_variant(const struct lab_test *test, const char *name);
int test_limit_s(const struct lab_test *test);

/* What `suite --list` prints.  With `same_impl` the reference is what is
 * tested, and tests by variants_pairing have their first variant only. */
json_t *table_json(const struct table *table, bool same_impl);

/* Checks that the table makes sense by itself: ids are well formed and unique,
 * every test says what it must.  Writes one line for each fault to `out`.
 * Returns how many there are. */
int table_check(const struct table *table, FILE *out);
/* Compares it with lab.json: checkpoints exist and their points agree, and
 * there are tests enough.  As above. */
int table_lint(const struct table *table, const char *labjson_path, FILE *out);

#endif

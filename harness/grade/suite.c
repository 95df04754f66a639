/* The main of every suite binary. */
#include <wirelab/suite.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/strbuf.h"
#include "base/testrun.h"
#include "grade/options.h"
#include "grade/supervise.h"
#include "grade/table.h"

enum { EXIT_USAGE = 2, EXIT_INFRA = 3 };

static bool same_dir(const char *a, const char *b)
{
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static int list(const struct table *table, const struct suite_options *options)
{
    bool same = same_dir(options->impl_dir, options->reference_dir);
    json_t *json = table_json(table, same);
    int rc = json_dumpf(json, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    json_decref(json);
    return rc < 0 || puts("") < 0 || fflush(stdout) != 0 ? EXIT_INFRA : 0;
}

/* ---- Running one -------------------------------------------------------- */

/* mkdir -p. */
static int make_dirs(const char *path)
{
    char *part = mem_strdup(path);
    int rc = 0;
    for (char *slash = part + 1; rc == 0 && slash; *slash++ = '/') {
        slash = strchr(slash, '/');
        if (slash)
            *slash = '\0';
        if (mkdir(part, 0777) < 0 && errno != EEXIST)
            rc = -errno;
        if (slash == NULL)
            break;
    }
    free(part);
    return rc;
}

/* The absolute path of a directory, or "" if there is none.  The caller frees
 * it. */
static char *absolute(const char *path)
{
    char *real = *path ? realpath(path, NULL) : NULL;
    return real ? real : mem_strdup("");
}

static int unknown_test(const struct table *table, const char *id)
{
    const char *nearest = table_nearest(table, id);
    fprintf(stderr, "lab %s has no test %s; ", table->lab, id);
    if (nearest)
        fprintf(stderr, "did you mean %s?\n", nearest);
    else
        fprintf(stderr, "--list tells which there are\n");
    return EXIT_USAGE;
}

static int unknown_variant(const struct lab_test *test, const char *name)
{
    size_t n = test_variants(test);
    if (n == 0) {
        fprintf(stderr, "%s has no variants\n", test->id);
        return EXIT_USAGE;
    }
    const char *nearest = nearest_word(name, test->variants, n);
    fprintf(stderr, "%s has no variant \"%s\"; did you mean %s/%s?\n", test->id,
            name, test->id, nearest ? nearest : test->variants[0]);
    return EXIT_USAGE;
}

static const char *skip_reason(const struct testrun *run, int variant)
{
    if ((run->test->needs & NEEDS_ROOT) && geteuid() != 0)
        return "needs real root; run it with sudo";
    if (variant > 0 && run->test->variants == variants_pairing &&
        same_dir(run->impl_dir, run->reference_dir))
        return "what is tested is the reference: this pairing is the same as "
               "the first";
    return NULL;
}

static int run_in_dirs(struct testrun *run, int variant,
                       const struct suite_options *options)
{
    char *named = str_format("%s%s%s", run->test->id, *run->variant ? "." : "",
                             run->variant);
    const char *wanted = options->out_dir ? options->out_dir : named;
    int rc = make_dirs(wanted);
    if (rc < 0) {
        fprintf(stderr, "cannot make %s: %s\n", wanted, strerror(-rc));
        free(named);
        return EXIT_INFRA;
    }
    char *out = absolute(wanted), *impl = absolute(options->impl_dir),
         *reference = absolute(options->reference_dir);
    run->out_dir = out;
    run->impl_dir = impl;
    run->reference_dir = reference;
    const char *reason = skip_reason(run, variant);
    rc = reason ? supervise_skip(run, reason) : supervise(run, variant);
    free(out);
    free(impl);
    free(reference);
    free(named);
    return rc;
}

static int run_one(const struct table *table,
                   const struct suite_options *options)
{
    char *id = mem_strdup(options->subject);
    char *slash = strchr(id, '/');
    const char *variant_name = slash ? slash + 1 : "";
    if (slash)
        *slash = '\0';
    int status = EXIT_USAGE, variant = 0;
    const struct lab_test *test = table_find(table, id);
    if (test && (slash || test_variants(test) > 0))
        variant = test_variant(test, variant_name);
    if (test == NULL)
        status = unknown_test(table, id);
    else if (variant < 0)
        status = unknown_variant(test, variant_name);
    else
        status = run_in_dirs(
            &(struct testrun){
                .test = test,
                .lab = table->lab,
                .variant = variant_name,
                .seed = options->seed,
                .work_dir = ".",
                .engine = options->engine,
                .params = options->params,
                .verdict_fd = options->verdict_fd,
            },
            variant, options);
    free(id);
    return status;
}

int suite_main(int argc, char **argv, const char *lab,
               const struct lab_test *tests, size_t count)
{
    struct table table = {.lab = lab, .tests = tests, .count = count};
    struct suite_options options;
    if (suite_options_parse(&options, argc, argv, stderr) < 0)
        return EXIT_USAGE;
    if (options.command == SUITE_HELP) {
        suite_usage(stdout, lab);
        return 0;
    }
    if (options.command == SUITE_LINT)
        return table_lint(&table, options.subject, stderr) > 0;
    if (table_check(&table, stderr) > 0)
        return EXIT_USAGE;
    if (options.command == SUITE_LIST)
        return list(&table, &options);
    return run_one(&table, &options);
}

/* What a batch is of, and what it was graded by: OUT/batch.json. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "cli/batch.h"
#include "cli/child.h"
#include "base/object.h"
#include "cli/seed.h"
#include "cli/version.h"
#include "run/cgroup.h"

/* What must agree for two runs to be parts of one batch. */
static const char *const must_agree[] = {
    "schema",    "wirelab", "lab",    "lab_digest", "harness_digest",
    "toolchain", "world",   "engine", "seeds",      "hidden",
};

/* What the harness's verdicts do not depend on. */
static bool is_harness(const char *path, bool is_dir)
{
    static const char *const others[] = {"tests",   "bench", "fuzz",
                                         "attacks", "site",  "handout"};
    (void)is_dir;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strcmp(path, others[i]) == 0)
            return false;
    }
    return *path != '.';
}

/* A lab is its description, interfaces and tests; and the reference, which may
 * be a peer. */
static bool is_lab(const char *path, bool is_dir)
{
    size_t n = strlen(path);
    (void)is_dir;
    return *path != '.' && strcmp(path, "mutants") != 0 &&
           strcmp(path, "fuzz") != 0 && strcmp(path, "bench") != 0 &&
           (n < 4 || strcmp(path + n - 3, ".md") != 0);
}

/* The skeleton beside lab.json is the learner's own to change. */
static bool is_lab_without_skeleton(const char *path, bool is_dir)
{
    size_t n = strlen(path);
    bool top_source =
        strchr(path, '/') == NULL && n > 2 && strcmp(path + n - 2, ".c") == 0;
    return !top_source && is_lab(path, is_dir);
}

static int digest_lab(const struct lab *lab, char text[DIGEST_BYTES])
{
    struct digest *digest = digest_new("wirelab lab 1");
    int result = digest_tree(digest, lab->dir->path, is_lab_without_skeleton);
    if (result == 0)
        (void)digest_tree(digest, lab->dir->solution, is_lab); /* if any */
    digest_end(digest, text);
    return result;
}

static int digest_harness(const struct project *project,
                          char text[DIGEST_BYTES])
{
    struct digest *digest = digest_new("wirelab harness 1");
    char *dir = str_format("%s/harness", project->root);
    int result = digest_tree(digest, dir, is_harness);
    digest_end(digest, text);
    free(dir);
    return result;
}

/* The first line of what the compiler says of itself. */
static char *compiler(void)
{
    const char *cc = getenv("CC");
    const char *argv[] = {cc && *cc ? cc : "gcc", "--version", NULL};
    char *output = NULL;
    (void)child_run(NULL, argv, &output);
    output[strcspn(output, "\n")] = '\0';
    return output;
}

/* Where students' seeds come from.  A secret is told by a digest that nobody
 * can guess it from, so that two batches may be compared. */
static char *describe_seeds(const struct batch *batch)
{
    const struct batch_options *options = batch->options;
    if (options->seed.given)
        return str_format("fixed %llu",
                          (unsigned long long)options->seed.value);
    if (!batch->has_secret)
        return str_format("public %d", PUBLIC_SEED);
    const char *const parts[] = {"fingerprint", NULL};
    return str_format("secret %016llx",
                      (unsigned long long)secret_seed(&batch->secret, parts));
}

static json_t *describe_hidden(const struct batch *batch)
{
    char text[DIGEST_BYTES];
    if (batch->options->hidden == NULL)
        return json_null();
    struct digest *digest = digest_new("wirelab hidden 1");
    char *list = json_dumps(batch->listed, JSON_SORT_KEYS | JSON_COMPACT);
    digest_text(digest, "tests", list);
    digest_end(digest, text);
    free(list);
    return json_string(text);
}

static const char *tier(void)
{
    struct cgroup_run run;
    cgroup_run_init(&run, 0);
    enum cgroup_tier found = run.tier;
    (void)cgroup_run_fini(&run);
    return cgroup_tier_name(found);
}

int batch_describe(struct batch *batch)
{
    char lab_digest[DIGEST_BYTES], harness_digest[DIGEST_BYTES];
    char started[SEED_TIME_BYTES];
    const struct lab *lab = &batch->lab;
    int result = digest_lab(lab, lab_digest);
    if (result == 0)
        result = digest_harness(&lab->project, harness_digest);
    if (result < 0)
        return infra_error("cannot read the lab and the harness: %s",
                           strerror(-result));
    rfc3339_now(started);
    char *toolchain = compiler(), *seeds = describe_seeds(batch);
    batch->about = json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s?,"
        " s:s, s:s}",
        "schema", BATCH_SCHEMA, "wirelab", WIRELAB_VERSION, "lab", lab->json.id,
        "title", lab->json.title, "lab_digest", lab_digest, "harness_digest",
        harness_digest, "toolchain", toolchain, "world",
        world_names[batch->place.world], "engine", batch->options->engine,
        "tier", tier(), "seeds", seeds, "hidden", describe_hidden(batch),
        "shard", batch->options->shard, "layout",
        layout_names[batch->handins.layout], "started", started);
    free(toolchain);
    free(seeds);
    return batch->about ? 0 : infra_error("the compiler's version is no text");
}

const char *batch_difference(const json_t *a, const json_t *b)
{
    for (size_t i = 0; i < sizeof(must_agree) / sizeof(must_agree[0]); i++) {
        if (!json_equal(json_object_get(a, must_agree[i]),
                        json_object_get(b, must_agree[i])))
            return must_agree[i];
    }
    return NULL;
}

/* What a batch keeps: OUT, its lock, decided tests, and the cache of those of
 * earlier batches.  A test's key is a digest of everything that its verdict may
 * depend on; a file with another key is as good as none. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/replace.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/batch.h"
#include "base/object.h"

/* ---- OUT ------------------------------------------------------------------
 */

/* A lock of this process alone: what it forks, and what may outlive a kill by
 * moments, does not hold it. */
static int lock_out(struct batch *batch)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char *path = str_format("%s/.lock", batch->out);
    int status = 0;
    batch->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (batch->lock_fd < 0) {
        status =
            infra_error("cannot write in %s: %s", batch->out, strerror(errno));
    } else if (fcntl(batch->lock_fd, F_SETLK, &whole) < 0) {
        (void)fcntl(batch->lock_fd, F_GETLK, &whole);
        status = infra_error("another wirelab grade (process %d) is at work "
                             "in %s: wait for it, or use another --out",
                             (int)whole.l_pid, batch->options->out);
    }
    free(path);
    return status;
}

static bool is_empty(const char *dir)
{
    DIR *stream = opendir(dir);
    const struct dirent *entry;
    bool empty = true;
    while (stream && (entry = readdir(stream)) != NULL)
        empty = empty && entry->d_name[0] == '.';
    if (stream)
        (void)closedir(stream);
    return empty;
}

/* What must agree, does: else these would be two batches in one. */
static int compare(struct batch *batch, const char *path)
{
    json_error_t error;
    json_t *before = json_load_file(path, 0, &error);
    const char *differs = batch_difference(before, batch->about);
    int status = 0;
    if (before == NULL)
        status = infra_error("%s: %s", path, error.text);
    else if (differs == NULL &&
             !json_equal(json_object_get(before, "shard"),
                         json_object_get(batch->about, "shard")))
        differs = "shard";
    if (status == 0 && differs) {
        char *was =
            json_dumps(json_object_get(before, differs), JSON_ENCODE_ANY);
        char *is =
            json_dumps(json_object_get(batch->about, differs), JSON_ENCODE_ANY);
        status = usage_error("%s holds another batch: its %s is %s, not %s; "
                             "use another --out",
                             batch->options->out, differs, was ? was : "none",
                             is ? is : "none");
        free(was);
        free(is);
    }
    if (status == 0) /* it began when it began */
        (void)json_object_set(batch->about, "started",
                              json_object_get(before, "started"));
    json_decref(before);
    return status;
}

static int begin(struct batch *batch)
{
    char *path = str_format("%s/batch.json", batch->out);
    bool before = access(path, F_OK) == 0;
    int status = 0;
    if (before && !batch->options->resume)
        status = usage_error("%s holds a batch already: --resume goes on with "
                             "it, another --out begins anew",
                             batch->options->out);
    else if (before)
        status = compare(batch, path);
    else if (!is_empty(batch->out))
        status = usage_error("%s is not empty, and no batch: name a directory "
                             "that is new",
                             batch->options->out);
    if (status == 0 && !before)
        batch_write(batch, path, batch->about);
    free(path);
    return batch->broken ? EXIT_INFRA : status;
}

int batch_store_open(struct batch *batch)
{
    const char *out = batch->options->out;
    if (tree_make(out) < 0 || (batch->out = realpath(out, NULL)) == NULL)
        return infra_error("cannot make %s: %s", out, strerror(errno));
    int status = lock_out(batch);
    return status ? status : begin(batch);
}

void batch_store_close(struct batch *batch)
{
    if (batch->lock_fd >= 0)
        (void)close(batch->lock_fd);
    batch->lock_fd = -1;
}

void batch_write(struct batch *batch, const char *path, const json_t *json)
{
    char *text = json_dumps(json, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    char *line = str_format("%s\n", text ? text : "");
    int result = text ? file_replace(path, line, strlen(line)) : -EINVAL;
    if (result < 0 && !batch->broken) {
        progress_clear(&batch->progress);
        (void)infra_error("cannot write %s: %s; what is there stays good: "
                          "make room, and go on with --resume",
                          path, strerror(-result));
        batch->broken = true;
    }
    free(line);
    free(text);
}

/* ---- Decided tests --------------------------------------------------------
 */

static void make_key(const struct grading *grading, const json_t *listed,
                     char key[DIGEST_BYTES])
{
    static const char *const about[] = {
        "lab_digest", "harness_digest", "toolchain", "world", "engine", "tier"};
    const struct batch *batch = grading->batch;
    struct digest *digest = digest_new("wirelab verdict 1");
    char seed[32];
    (void)snprintf(seed, sizeof(seed), "%llu",
                   (unsigned long long)grading->seed);
    for (size_t i = 0; i < sizeof(about) / sizeof(about[0]); i++)
        digest_text(digest, about[i], object_text(batch->about, about[i]));
    digest_text(digest, "submission", grading->digest);
    digest_text(digest, "seed", seed);
    digest_text(digest, "test", object_text(listed, "id"));
    if (json_object_get(listed, "of")) { /* its seeds come of the secret */
        char *spec = json_dumps(listed, JSON_SORT_KEYS | JSON_COMPACT);
        digest_text(digest, "hidden", spec);
        digest_text(digest, "student", grading->handin->id);
        digest_text(digest, "seeds", object_text(batch->about, "seeds"));
        free(spec);
    }
    digest_end(digest, key);
}

static char *test_path(const struct grading *grading, const json_t *listed)
{
    return str_format("%s/%s.json", grading->tests_dir.path,
                      object_text(listed, "id"));
}

/* Two levels, as some file systems dislike very large directories. */
static char *cache_path(const struct batch *batch, const char *key)
{
    const char *hex = strchr(key, ':') + 1;
    return batch->cache
               ? str_format("%s/%.2s/%s.json", batch->cache, hex, hex + 2)
               : NULL;
}

static json_t *load(const char *path, const char *key)
{
    json_error_t error;
    json_t *file = path ? json_load_file(path, 0, &error) : NULL;
    json_t *runs = NULL;
    if (file && strcmp(object_text(file, "key"), key) == 0)
        runs = json_incref(json_object_get(file, "runs"));
    json_decref(file);
    return runs;
}

json_t *batch_recall(const struct grading *grading, const json_t *listed)
{
    char key[DIGEST_BYTES];
    make_key(grading, listed, key);
    char *path = test_path(grading, listed);
    char *cached = cache_path(grading->batch, key);
    json_t *runs = load(path, key);
    if (runs == NULL)
        runs = load(cached, key);
    free(path);
    free(cached);
    return runs;
}

/* In the cache, evidence is nowhere. */
static json_t *without_dirs(const json_t *history)
{
    json_t *copy = json_deep_copy(history);
    size_t i;
    json_t *run;
    json_array_foreach(copy, i, run)
    {
        (void)json_object_set_new(run, "dir", json_null());
    }
    return copy;
}

static void keep_in_cache(const struct batch *batch, const char *key,
                          const json_t *listed, const json_t *history)
{
    char *path = cache_path(batch, key);
    if (path == NULL)
        return;
    char *slash = strrchr(path, '/');
    *slash = '\0';
    int made = tree_make(path);
    *slash = '/';
    json_t *file = json_pack("{s:i, s:s, s:s, s:o}", "schema", BATCH_SCHEMA,
                             "key", key, "id", object_text(listed, "id"),
                             "runs", without_dirs(history));
    char *text = json_dumps(file, JSON_COMPACT);
    if (made == 0 && text)
        (void)file_replace(path, text, strlen(text)); /* only a convenience */
    free(text);
    json_decref(file);
    free(path);
}

void batch_keep(const struct grading *grading, const json_t *listed,
                const json_t *history)
{
    char key[DIGEST_BYTES];
    make_key(grading, listed, key);
    char *path = test_path(grading, listed);
    json_t *file =
        json_pack("{s:i, s:s, s:s, s:O}", "schema", BATCH_SCHEMA, "key", key,
                  "id", object_text(listed, "id"), "runs", history);
    batch_write(grading->batch, path, file);
    if (!grading->batch->broken)
        keep_in_cache(grading->batch, key, listed, history);
    json_decref(file);
    free(path);
}

void batch_drop_evidence(const struct grading *grading, const char *id)
{
    struct dirent **entries;
    int n = scandir(grading->tests_dir.path, &entries, NULL, NULL);
    size_t length = strlen(id);
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        if (strncmp(name, id, length) == 0 &&
            (name[length] == '\0' || name[length] == '.')) {
            char *path = str_format("%s/%s", grading->tests_dir.path, name);
            (void)tree_remove(path); /* what stays is only room */
            free(path);
        }
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

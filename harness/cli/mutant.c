/* A wrong program; see mutant.h. */
#include "cli/mutant.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/replace.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/build.h"
#include "cli/child.h"
#include "cli/cli.h"

/* ---- Reading the patch's header -------------------------------------------
 */

static bool take(const char *line, const char *key, char **value)
{
    size_t n = strlen(key);
    if (strncmp(line, key, n) != 0)
        return false;
    line += n;
    line += strspn(line, " \t");
    free(*value);
    *value = mem_strdup(line);
    for (size_t end = strlen(*value); end > 0; (*value)[--end] = '\0') {
        if (!strchr(" \t\r", (*value)[end - 1]))
            break;
    }
    return true;
}

static void read_line(struct mutant *mutant, const char *line)
{
    char *test = NULL;
    if (take(line, "Mistake:", &mutant->mistake) ||
        take(line, "Variant:", &mutant->variant))
        return;
    if (!take(line, "Killed-by:", &test))
        return;
    if (mutant->test_count < MUTANT_MAX_TESTS)
        mutant->tests[mutant->test_count++] = test;
    else
        free(test);
}

static int read_header(struct mutant *mutant)
{
    char *text = file_load(mutant->patch, NULL);
    if (text == NULL)
        return infra_error("%s: %s", mutant->patch, strerror(errno));
    char *rest = text;
    char *line;
    while ((line = strsep(&rest, "\n")) && strncmp(line, "---", 3) != 0)
        read_line(mutant, line);
    free(text);
    if (mutant->mistake && mutant->test_count > 0)
        return 0;
    return infra_error("%s: its header lacks '%s'", mutant->patch,
                       mutant->mistake ? "Killed-by: ID" : "Mistake: TEXT");
}

static int load(struct mutant *mutant, const char *path, const char *work)
{
    const char *name = strrchr(path, '/') + 1;
    *mutant =
        (struct mutant){.name = strndup(name, strlen(name) - strlen(".patch")),
                        .patch = mem_strdup(path)};
    mutant->golden =
        str_format("%.*s.golden", (int)(strlen(path) - strlen(".patch")), path);
    mutant->source = str_format("%s/%s/source", work, mutant->name);
    mutant->programs = str_format("%s/%s/programs", work, mutant->name);
    return read_header(mutant);
}

static int unknown_mutant(const char *only, const glob_t *found)
{
    const char **names = mem_zalloc((found->gl_pathc + 1) * sizeof(*names));
    for (size_t i = 0; i < found->gl_pathc; i++) {
        char *name = strrchr(found->gl_pathv[i], '/') + 1;
        *strrchr(name, '.') = '\0';
        names[i] = name;
    }
    int status = usage_unknown("mutant", only, names, found->gl_pathc);
    free(names);
    return status;
}

static bool is_called(const char *path, const char *name)
{
    const char *base = strrchr(path, '/') + 1;
    size_t n = strlen(name);
    return strncmp(base, name, n) == 0 && strcmp(base + n, ".patch") == 0;
}

int mutants_load(const char *dir, const char *work, const char *only,
                 struct mutant **mutants, size_t *count)
{
    char *pattern = str_format("%s/*.patch", dir);
    glob_t found = {0};
    int status = 0;
    *count = 0;
    *mutants = NULL;
    if (glob(pattern, 0, NULL, &found) != 0)
        status = usage_error("%s holds no mutants", dir);
    *mutants = mem_zalloc((found.gl_pathc + 1) * sizeof(**mutants));
    for (size_t i = 0; i < found.gl_pathc && status == 0; i++) {
        if (only == NULL || is_called(found.gl_pathv[i], only))
            status = load(&(*mutants)[(*count)++], found.gl_pathv[i], work);
    }
    if (status == 0 && *count == 0)
        status = unknown_mutant(only, &found);
    globfree(&found);
    free(pattern);
    return status;
}

void mutants_free(struct mutant *mutants, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct mutant *mutant = &mutants[i];
        free(mutant->name);
        free(mutant->patch);
        free(mutant->golden);
        free(mutant->mistake);
        free(mutant->variant);
        free(mutant->source);
        free(mutant->programs);
        for (size_t k = 0; k < mutant->test_count; k++)
            free(mutant->tests[k]);
    }
    free(mutants);
}

/* ---- Making its sources ---------------------------------------------------
 */

static uint64_t hash_file(uint64_t hash, const char *path)
{
    size_t bytes = 0;
    char *text = file_load(path, &bytes);
    uint64_t words[] = {hash, hash_bytes(path, strlen(path)),
                        text ? hash_bytes(text, bytes) : 0};
    free(text);
    return hash_words(words, sizeof(words) / sizeof(words[0]));
}

/* Of everything that the mutant's sources are made from. */
static char *fingerprint(const struct mutant *mutant, const char *solution)
{
    char *pattern = str_format("%s/*.[ch]", solution);
    uint64_t hash = hash_file(0, mutant->patch);
    glob_t found;
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            hash = hash_file(hash, found.gl_pathv[i]);
        globfree(&found);
    }
    free(pattern);
    return str_format("%016llx\n", (unsigned long long)hash);
}

static bool is_current(const char *stamp, const char *wanted)
{
    char *found = file_load(stamp, NULL);
    bool same = found && strcmp(found, wanted) == 0;
    free(found);
    return same;
}

static int copy_times(const char *from, const char *to)
{
    struct stat st;
    if (stat(from, &st) < 0)
        return -errno;
    const struct timespec times[] = {st.st_atim, st.st_mtim};
    return utimensat(AT_FDCWD, to, times, 0) < 0 ? -errno : 0;
}

static char *copy_file(const char *from, const char *dir)
{
    size_t bytes;
    char *text = file_load(from, &bytes);
    char *to = str_format("%s/%s", dir, strrchr(from, '/') + 1);
    int error = text ? file_replace(to, text, bytes) : -errno;
    if (error == 0)
        error = copy_times(from, to);
    char *wrong = error < 0 ? str_format("cannot copy %s to %s: %s", from, to,
                                         strerror(-error))
                            : NULL;
    free(text);
    free(to);
    return wrong;
}

/* Copies what matches into `to`, made anew. */
static char *copy_files(const char *from, const char *which, const char *to)
{
    char *pattern = str_format("%s/%s", from, which);
    char *wrong = NULL;
    glob_t found;
    (void)tree_remove(to);
    if (tree_make(to) < 0)
        wrong = str_format("cannot make %s: %s", to, strerror(errno));
    if (wrong == NULL && glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc && wrong == NULL; i++)
            wrong = copy_file(found.gl_pathv[i], to);
        globfree(&found);
    }
    free(pattern);
    return wrong;
}

static char *apply_patch(const struct mutant *mutant)
{
    const char *argv[] = {
        "patch", "-p1", "--fuzz=0",    "--no-backup-if-mismatch",
        "-s",    "-i",  mutant->patch, NULL};
    char *output;
    int status = child_run(mutant->source, argv, &output);
    if (status == 0) {
        free(output);
        return NULL;
    }
    char *line = first_error(output);
    char *text =
        str_format("does not apply: %s", status < 0 ? strerror(-status) : line);
    free(line);
    free(output);
    return text;
}

char *mutant_make(const struct mutant *mutant, const char *solution,
                  const char *objects)
{
    char *wanted = fingerprint(mutant, solution);
    char *stamp = str_format("%s/.stamp", mutant->source);
    char *wrong = NULL;
    if (!is_current(stamp, wanted)) {
        wrong = copy_files(solution, "*.[ch]", mutant->source);
        if (wrong == NULL)
            wrong = copy_files(objects, "*.o", mutant->programs);
        if (wrong == NULL)
            wrong = apply_patch(mutant);
        if (wrong == NULL && file_replace(stamp, wanted, strlen(wanted)) < 0)
            wrong = str_format("cannot write %s", stamp);
    }
    free(wanted);
    free(stamp);
    return wrong;
}

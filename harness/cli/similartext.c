/* What was handed in becomes texts to be compared; see similar.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/child.h"
#include "cli/similar.h"
#include "grade/unpack.h"

enum { MAX_PROGRAMS = 16 };

void similar_leave_out(struct comparing *comparing, const char *id,
                       const char *why)
{
    (void)json_array_append_new(comparing->left_out,
                                json_pack("{s:s, s:s}", "id", id, "why", why));
}

static bool has_suffix(const char *name, const char *suffix)
{
    size_t n = strlen(name), k = strlen(suffix);
    return n > k && strcmp(name + n - k, suffix) == 0;
}

static int is_source(const struct dirent *entry)
{
    return has_suffix(entry->d_name, ".c") || has_suffix(entry->d_name, ".h");
}

static int is_header(const struct dirent *entry)
{
    return has_suffix(entry->d_name, ".h");
}

static int is_c(const struct dirent *entry)
{
    return has_suffix(entry->d_name, ".c");
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* What makes a text of a file; malloc'd, NULL if it cannot be read. */
typedef char *reader(const struct comparing *comparing, const char *path,
                     size_t *bytes);

static char *as_it_is(const struct comparing *comparing, const char *path,
                      size_t *bytes)
{
    (void)comparing;
    return file_load(path, bytes);
}

/* The skeleton is made from the reference, as `reset` does: the lab's folder
 * may hold somebody's work. */
static char *as_skeleton(const struct comparing *comparing, const char *path,
                         size_t *bytes)
{
    char *mkskel = str_format("%s/harness/mkskel", comparing->lab.project.root);
    const char *argv[] = {mkskel, path, NULL};
    char *text;
    if (child_run(NULL, argv, &text) != 0) {
        free(text);
        text = NULL;
    }
    *bytes = text ? strlen(text) : 0;
    free(mkskel);
    return text;
}

/* Adds a folder's files in the order of their names. */
static int add_folder(const struct comparing *comparing, struct ctext *text,
                      const char *dir, int (*wanted)(const struct dirent *),
                      reader *read)
{
    struct dirent **entries;
    int n = scandir(dir, &entries, wanted, by_bytes), status = 0;
    if (n < 0)
        return infra_error("cannot read %s: %s", dir, strerror(errno));
    for (int i = 0; i < n; i++) {
        size_t bytes;
        char *path = str_format("%s/%s", dir, entries[i]->d_name);
        char *data = status == 0 ? read(comparing, path, &bytes) : NULL;
        if (data)
            ctext_add(text, entries[i]->d_name, data, bytes);
        else if (status == 0)
            status = infra_error("cannot read %s", path);
        free(data);
        free(path);
        free(entries[i]);
    }
    free(entries);
    return status;
}

static struct ctext *new_text(struct comparing *comparing, const char *label)
{
    comparing->labels[comparing->count] = label;
    return &comparing->texts[comparing->count++];
}

static void drop_text(struct comparing *comparing)
{
    ctext_fini(&comparing->texts[--comparing->count]);
}

/* ---- Submissions ----------------------------------------------------------
 */

static int unpack(const struct comparing *comparing,
                  const struct handin *handin, const char *dir,
                  json_t *problems)
{
    const char *programs[MAX_PROGRAMS];
    const json_t *names = json_object_get(comparing->lab.json.json, "programs");
    size_t n = json_array_size(names);
    if (n > MAX_PROGRAMS)
        n = MAX_PROGRAMS;
    for (size_t i = 0; i < n; i++)
        programs[i] = json_string_value(json_array_get(names, i));
    return unpack_handin(handin, dir, programs, n, problems);
}

static int read_handin(struct comparing *comparing, const struct handin *handin,
                       const char *dir)
{
    struct ctext *text = new_text(comparing, handin->id);
    int status = add_folder(comparing, text, dir, is_source, as_it_is);
    const char *why = text->count == 0   ? "there is no C in it"
                      : text->overflowed ? "it is too large"
                                         : NULL;
    if (status == 0 && why) {
        similar_leave_out(comparing, handin->id, why);
        drop_text(comparing);
    }
    return status;
}

static int take_handin(struct comparing *comparing, const struct handin *handin)
{
    char *dir = str_format("%s/handin", comparing->scratch);
    json_t *problems = json_array();
    int status = 0, result = unpack(comparing, handin, dir, problems);
    size_t n = json_array_size(problems);
    if (result == -EBADMSG)
        similar_leave_out(comparing, handin->id,
                          n ? json_string_value(json_array_get(problems, n - 1))
                            : "it cannot be unpacked");
    else if (result < 0)
        status = infra_error("cannot unpack %s: %s", handin->label,
                             strerror(-result));
    else
        status = read_handin(comparing, handin, dir);
    if (tree_remove(dir) < 0 && status == 0)
        status = infra_error("cannot remove %s: %s", dir, strerror(errno));
    json_decref(problems);
    free(dir);
    return status;
}

static int take_handins(struct comparing *comparing)
{
    int status = 0;
    for (size_t i = 0; i < comparing->handins.count && status == 0; i++) {
        const struct handin *handin = &comparing->handins.list[i];
        if (*handin->label)
            status = take_handin(comparing, handin);
    }
    return status;
}

/* ---- The lab's own text ---------------------------------------------------
 */

static int take_reference(struct comparing *comparing)
{
    const struct lab_dir *dir = comparing->lab.dir;
    if (access(dir->solution, F_OK) < 0)
        return 0;
    return add_folder(comparing, new_text(comparing, SIMILAR_REFERENCE),
                      dir->solution, is_source, as_it_is);
}

static int take_given(struct comparing *comparing)
{
    const struct lab_dir *dir = comparing->lab.dir;
    struct ctext *given = &comparing->texts[comparing->count];
    bool made = access(dir->solution, F_OK) == 0;
    int status = add_folder(comparing, given, dir->path, is_header, as_it_is);
    if (status)
        return status;
    return add_folder(comparing, given, made ? dir->solution : dir->path, is_c,
                      made ? as_skeleton : as_it_is);
}

static int find(struct comparing *comparing)
{
    char error[HANDIN_ERROR_BYTES];
    if (comparing->roster_path) {
        if (roster_load(&comparing->roster, comparing->roster_path, error) < 0)
            return usage_error("--roster %s", error);
        comparing->has_roster = true;
    }
    char *bulk = str_format("%s/bulk", comparing->scratch);
    int result =
        handins_open(&comparing->handins, comparing->submissions, bulk,
                     comparing->has_roster ? &comparing->roster : NULL, error);
    free(bulk);
    return result < 0 ? usage_error("--submissions %s", error) : 0;
}

int similar_collect(struct comparing *comparing)
{
    int status = find(comparing);
    if (status)
        return status;
    size_t most = comparing->handins.count + 2;
    comparing->texts = mem_zalloc(most * sizeof(*comparing->texts));
    comparing->labels = mem_zalloc(most * sizeof(*comparing->labels));
    status = take_handins(comparing);
    if (status == 0)
        status = take_reference(comparing);
    if (status == 0)
        status = take_given(comparing);
    return status;
}

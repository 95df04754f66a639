/* What was handed in, and by whom: finding the layout, and what all have in
 * common; see handin.h. */
#include "grade/handin.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "grade/layout.h"
#include "run/output.h"

const char *const layout_names[] = {"plain", "gradescope", "canvas", "moodle"};

static const char *const archive_suffixes[] = {
    ".tar.gz", ".tar.xz", ".tar.zst", ".tgz", ".txz", ".tar", ".zip", ".bundle",
};

/* ---- Handins --------------------------------------------------------------
 */

static const char *archive_suffix(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0;
         i < sizeof(archive_suffixes) / sizeof(archive_suffixes[0]); i++) {
        size_t k = strlen(archive_suffixes[i]);
        if (n > k && strcasecmp(name + n - k, archive_suffixes[i]) == 0)
            return name + n - k;
    }
    return NULL;
}

bool handin_is_archive(const char *name)
{
    return archive_suffix(name) != NULL;
}

struct handin *handins_add(struct handins *handins, const char *id,
                           const char *label)
{
    handins->list = mem_realloc(handins->list,
                                (handins->count + 1) * sizeof(*handins->list));
    struct handin *handin = &handins->list[handins->count++];
    /* Names of files are any bytes; results are UTF-8. */
    *handin = (struct handin){.id = output_as_utf8(id, strlen(id)),
                              .name = mem_strdup(""),
                              .email = mem_strdup(""),
                              .label = output_as_utf8(label, strlen(label))};
    return handin;
}

struct handin *handins_get(struct handins *handins, const char *id)
{
    for (size_t i = 0; i < handins->count; i++) {
        if (strcmp(handins->list[i].id, id) == 0)
            return &handins->list[i];
    }
    return NULL;
}

void handin_add_file(struct handin *handin, char *path, const char *name)
{
    handin->files = mem_realloc(handin->files, (handin->file_count + 1) *
                                                   sizeof(*handin->files));
    handin->files[handin->file_count++] =
        (struct handin_file){.path = path, .name = mem_strdup(name)};
}

static void replace(char **text, const char *with)
{
    if (*with == '\0')
        return;
    free(*text);
    *text = mem_strdup(with);
}

void handin_be(struct handin *handin, const struct student *student)
{
    replace(&handin->name, student->name);
    replace(&handin->email, student->email);
}

static void handin_fini(struct handin *handin)
{
    for (size_t i = 0; i < handin->file_count; i++) {
        free(handin->files[i].path);
        free(handin->files[i].name);
    }
    free(handin->files);
    free(handin->id);
    free(handin->name);
    free(handin->email);
    free(handin->label);
}

void handins_fini(struct handins *handins)
{
    for (size_t i = 0; i < handins->count; i++)
        handin_fini(&handins->list[i]);
    free(handins->list);
    *handins = (struct handins){0};
}

/* ---- The folder -----------------------------------------------------------
 */

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && strcmp(entry->d_name, "__MACOSX") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int find_layout(const char *dir, struct dirent **entries, int n)
{
    int plain = 0, canvas = 0;
    char *metadata = str_format("%s/%s", dir, GRADESCOPE_METADATA);
    bool gradescope = access(metadata, F_OK) == 0;
    free(metadata);
    if (gradescope)
        return LAYOUT_GRADESCOPE;
    for (int i = 0; i < n; i++) {
        struct moodle_name moodle;
        struct canvas_name name;
        if (moodle_name_parse(&moodle, entries[i]->d_name))
            return LAYOUT_MOODLE;
        if (canvas_name_parse(&name, entries[i]->d_name))
            canvas++;
        else
            plain++;
    }
    return canvas > plain ? LAYOUT_CANVAS : LAYOUT_PLAIN;
}

static int by_id(const void *a, const void *b)
{
    const struct handin *one = a, *other = b;
    return strcmp(one->id, other->id);
}

/* Those of the roster from whom there is nothing. */
static void add_absent(struct handins *handins, const struct roster *roster)
{
    handins->found = handins->count;
    for (size_t i = 0; roster && i < roster->count; i++) {
        const struct student *student = &roster->students[i];
        struct handin *handin = handins_get(handins, student->id);
        if (handin == NULL)
            handin_be(handins_add(handins, student->id, ""), student);
    }
    for (size_t i = 0; roster && i < handins->found; i++)
        handins->list[i].stranger =
            roster_find(roster, ROSTER_ID, handins->list[i].id) == NULL;
}

static int read_entries(struct handins *handins, const char *dir,
                        struct dirent **entries, int n,
                        const struct roster *roster, char *error)
{
    int result = 0;
    handins->layout = (enum layout)find_layout(dir, entries, n);
    if (handins->layout == LAYOUT_GRADESCOPE)
        return handins_read_gradescope(handins, dir, roster, error);
    for (int i = 0; i < n && result == 0; i++)
        result =
            handins_read_entry(handins, dir, entries[i]->d_name, roster, error);
    return result;
}

/* A bulk download may have one folder on top. */
static char *descend(const char *dir, struct dirent **entries, int n)
{
    if (n != 1)
        return NULL;
    char *below = str_format("%s/%s", dir, entries[0]->d_name);
    char *metadata = str_format("%s/%s", below, GRADESCOPE_METADATA);
    bool found = access(metadata, F_OK) == 0;
    free(metadata);
    if (found)
        return below;
    free(below);
    return NULL;
}

int handins_find(struct handins *handins, const char *dir,
                 const struct roster *roster, char *error)
{
    struct dirent **entries;
    *handins = (struct handins){0};
    int n = scandir(dir, &entries, is_visible, by_bytes);
    if (n < 0) {
        int result = -errno;
        (void)snprintf(error, HANDIN_ERROR_BYTES, "%.300s: %s", dir,
                       strerror(-result));
        return result;
    }
    char *below = descend(dir, entries, n);
    int result = below ? handins_read_gradescope(handins, below, roster, error)
                       : read_entries(handins, dir, entries, n, roster, error);
    if (below)
        handins->layout = LAYOUT_GRADESCOPE;
    free(below);
    for (int i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
    if (result == 0 && handins->count == 0) {
        (void)snprintf(error, HANDIN_ERROR_BYTES,
                       "%.300s: there are no submissions in it: neither "
                       "folders nor archives",
                       dir);
        result = -ENOENT;
    }
    if (result < 0) {
        handins_fini(handins);
        return result;
    }
    add_absent(handins, roster);
    qsort(handins->list, handins->count, sizeof(*handins->list), by_id);
    return 0;
}

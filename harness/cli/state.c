/* What wirelab remembers of a learner; see state.h.
 *
 * Readers take no lock: a file is only ever replaced as a whole.  Writers take
 * one on a file beside it, since the file itself is a new one after each
 * change. */
#include "cli/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/replace.h"
#include "base/strbuf.h"
#include "base/tree.h"

enum { MAX_ASIDE = 1000, WHY_BYTES = 128 };

/* ---- Where it lies --------------------------------------------------------
 */

/* A relative $XDG_STATE_HOME does not count; so the specification has it.
 * Returns NULL if neither variable helps. */
static char *state_dir(void)
{
    const char *base = getenv("XDG_STATE_HOME");
    if (base && *base == '/')
        return str_format("%s/wirelab", base);
    const char *home = getenv("HOME");
    return home && *home == '/' ? str_format("%s/.local/state/wirelab", home)
                                : NULL;
}

static void tell_not_kept(const char *where, const char *why)
{
    (void)fprintf(stderr,
                  "wirelab: your progress is not remembered: %s: %s; set "
                  "XDG_STATE_HOME to a folder that can be written to\n",
                  where, why);
}

/* ---- Reading --------------------------------------------------------------
 */

enum found { FOUND_OURS, FOUND_NONE, FOUND_STRANGE };

/* `why` (WHY_BYTES) says what is strange about it. */
static enum found load(const char *path, json_t **state, char *why)
{
    json_error_t error;
    *state = NULL;
    char *text = file_load(path, NULL);
    if (text == NULL) {
        bool none = errno == ENOENT || errno == ENOTDIR;
        (void)snprintf(why, WHY_BYTES, "%s", strerror(errno));
        return none ? FOUND_NONE : FOUND_STRANGE;
    }
    *state = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    free(text);
    const json_t *schema = json_object_get(*state, "schema");
    if (json_integer_value(schema) == STATE_SCHEMA)
        return FOUND_OURS;
    if (json_is_integer(schema))
        (void)snprintf(why, WHY_BYTES,
                       "it is of another version of wirelab (schema %d, not "
                       "%d)",
                       (int)json_integer_value(schema), STATE_SCHEMA);
    else
        (void)snprintf(why, WHY_BYTES, "it is damaged");
    json_decref(*state);
    *state = NULL;
    return FOUND_STRANGE;
}

json_t *state_read(const struct lab_dir *lab)
{
    char why[WHY_BYTES];
    json_t *state = NULL;
    char *dir = state_dir();
    if (dir == NULL)
        return json_object();
    char *path = str_format("%s/%s.json", dir, lab->number);
    if (load(path, &state, why) == FOUND_STRANGE)
        (void)fprintf(stderr, "wirelab: %s is not read: %s\n", path, why);
    free(path);
    free(dir);
    return state ? state : json_object();
}

/* ---- Changing -------------------------------------------------------------
 */

/* Gives the file a name of its own beside it.  Returns that, or NULL. */
static char *move_aside(const char *path)
{
    for (int i = 1; i <= MAX_ASIDE; i++) {
        char *aside = str_format("%s.kept-%d", path, i);
        if (renameat2(AT_FDCWD, path, AT_FDCWD, aside, RENAME_NOREPLACE) == 0)
            return aside;
        free(aside);
        if (errno != EEXIST)
            break;
    }
    return NULL;
}

/* Returns what is there to be changed: new, if what is there is strange and
 * could be moved aside; NULL after one line if it could not. */
static json_t *load_or_begin(const char *path, const char *number)
{
    char why[WHY_BYTES];
    json_t *state;
    enum found found = load(path, &state, why);
    if (found == FOUND_OURS)
        return state;
    if (found == FOUND_STRANGE) {
        char *aside = move_aside(path);
        if (aside == NULL) {
            tell_not_kept(path, why);
            return NULL;
        }
        (void)fprintf(stderr,
                      "wirelab: %s: %s; it is kept as %s, and your progress "
                      "begins anew\n",
                      path, why, aside);
        free(aside);
    }
    return json_pack("{s:i, s:s}", "schema", STATE_SCHEMA, "lab", number);
}

static void write_state(const char *path, const json_t *state)
{
    char *text = json_dumps(state, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    int error = text ? file_replace(path, text, strlen(text)) : -ENOMEM;
    if (error < 0)
        tell_not_kept(path, strerror(-error));
    free(text);
}

static int lock_dir(const char *dir)
{
    if (tree_make(dir) < 0)
        return -errno;
    char *path = str_format("%s/.lock", dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int error = -errno;
    free(path);
    if (fd >= 0)
        (void)flock(fd, LOCK_EX); /* where it cannot be had, nobody has it */
    return fd >= 0 ? fd : error;
}

void state_change(const struct lab_dir *lab, state_change_fn *change,
                  void *context)
{
    char *dir = state_dir();
    if (dir == NULL) {
        tell_not_kept("$HOME", "it is not set");
        return;
    }
    int lock = lock_dir(dir);
    if (lock < 0) {
        tell_not_kept(dir, strerror(-lock));
    } else {
        char *path = str_format("%s/%s.json", dir, lab->number);
        json_t *state = load_or_begin(path, lab->number);
        if (state) {
            change(state, context);
            write_state(path, state);
        }
        json_decref(state);
        free(path);
        (void)close(lock);
    }
    free(dir);
}

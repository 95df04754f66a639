/* Whether a learner has saved something; see changes.h. */
#include "cli/changes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"

enum {
    TOLD = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
           IN_DELETE_SELF | IN_MOVE_SELF,
};

struct file_mark {
    char name[64];
    ino_t inode;
    off_t bytes;
    struct timespec changed;
};

/* ---- Which files count ----------------------------------------------------
 */

static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n >= m && strcmp(name + n - m, end) == 0;
}

/* Editors leave ".x.c.swp", "#x.c#", "x.c~" and the like beside what they edit.
 */
static bool matters(const struct changes *changes, const char *name)
{
    if (name[0] == '.' || name[0] == '#' || ends_in(name, "~"))
        return false;
    return !changes->sources || ends_in(name, ".c") || ends_in(name, ".h") ||
           strcmp(name, "Makefile") == 0;
}

/* ---- Looking --------------------------------------------------------------
 */

static int by_name(const void *a, const void *b)
{
    const struct file_mark *one = a, *other = b;
    return strcmp(one->name, other->name);
}

static void add_mark(struct snapshot *snapshot, const char *name,
                     const struct stat *st)
{
    struct file_mark mark = {
        .inode = st->st_ino, .bytes = st->st_size, .changed = st->st_mtim};
    /* Of a name that is longer, as much tells one file from another. */
    (void)snprintf(mark.name, sizeof(mark.name), "%.63s", name);
    snapshot->files = mem_realloc(
        snapshot->files, (snapshot->count + 1) * sizeof(*snapshot->files));
    snapshot->files[snapshot->count++] = mark;
}

/* A folder that is not there at the moment has no files. */
static struct snapshot take(const struct changes *changes)
{
    struct snapshot snapshot = {0};
    const struct dirent *entry;
    struct stat st;
    DIR *dir = opendir(changes->dir);
    while (dir && (entry = readdir(dir)) != NULL) {
        if (matters(changes, entry->d_name) &&
            fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 &&
            S_ISREG(st.st_mode))
            add_mark(&snapshot, entry->d_name, &st);
    }
    if (dir)
        (void)closedir(dir);
    if (snapshot.count)
        qsort(snapshot.files, snapshot.count, sizeof(*snapshot.files), by_name);
    return snapshot;
}

static bool is_same(const struct file_mark *a, const struct file_mark *b)
{
    return strcmp(a->name, b->name) == 0 && a->inode == b->inode &&
           a->bytes == b->bytes && a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

/* Returns the first name in which they differ, or NULL. */
static const char *difference(const struct snapshot *a,
                              const struct snapshot *b)
{
    size_t i = 0;
    while (i < a->count && i < b->count && is_same(&a->files[i], &b->files[i]))
        i++;
    if (i == a->count && i == b->count)
        return NULL;
    if (i == a->count)
        return b->files[i].name;
    if (i == b->count || strcmp(a->files[i].name, b->files[i].name) < 0)
        return a->files[i].name;
    return b->files[i].name;
}

static void replace(struct snapshot *old, struct snapshot snapshot)
{
    free(old->files);
    *old = snapshot;
}

/* ---- Being told -----------------------------------------------------------
 */

/* The folder may be a new one under the old name: after a git checkout, say. */
static void listen(struct changes *changes)
{
    if (changes->fd >= 0 && changes->watch < 0)
        changes->watch = inotify_add_watch(changes->fd, changes->dir, TOLD);
}

static bool take_event(struct changes *changes,
                       const struct inotify_event *event)
{
    /* Events may have been lost in a queue that was full. */
    if (event->mask & IN_Q_OVERFLOW)
        return true;
    if (event->mask & (IN_IGNORED | IN_MOVE_SELF)) {
        if (event->mask & IN_MOVE_SELF)
            (void)inotify_rm_watch(changes->fd, changes->watch);
        changes->watch = -1;
        return true;
    }
    return event->len > 0 && matters(changes, event->name);
}

bool changes_told(struct changes *changes)
{
    _Alignas(struct inotify_event) char events[4096];
    bool told = false;
    ssize_t n;
    while ((n = read(changes->fd, events, sizeof(events))) > 0) {
        for (const char *at = events; at < events + n;) {
            const struct inotify_event *event = (const void *)at;
            told |= take_event(changes, event);
            at += sizeof(*event) + event->len;
        }
    }
    return told;
}

/* ---- The whole ------------------------------------------------------------
 */

int changes_open(struct changes *changes, const char *dir, bool sources)
{
    *changes = (struct changes){.dir = mem_strdup(dir),
                                .sources = sources,
                                .fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC),
                                .watch = -1};
    listen(changes);
    if (access(dir, R_OK | X_OK) < 0)
        return -errno;
    changes->taken = take(changes);
    changes->seen = take(changes);
    return 0;
}

void changes_close(struct changes *changes)
{
    if (changes->fd >= 0)
        (void)close(changes->fd);
    free(changes->dir);
    free(changes->taken.files);
    free(changes->seen.files);
    *changes = (struct changes){.fd = -1, .watch = -1};
}

const char *changes_look(struct changes *changes, bool settled)
{
    listen(changes);
    struct snapshot now = take(changes);
    bool steady = settled || difference(&changes->seen, &now) == NULL;
    const char *name = difference(&changes->taken, &now);
    if (name)
        (void)snprintf(changes->name, sizeof(changes->name), "%s", name);
    if (name && steady) {
        replace(&changes->taken, now);
        now = take(changes);
    }
    replace(&changes->seen, now);
    return name && steady ? changes->name : NULL;
}

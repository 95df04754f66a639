/* Where the evidence of checks lies; see runs.h. */
#include "cli/runs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/cli.h"

static char *new_name(void)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm local;
    (void)localtime_r(&now, &local);
    (void)strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &local);
    return str_format("%s-%d", stamp, (int)getpid());
}

/* The link is made under another name and moved: no reader finds it missing. */
static void point_latest(const char *runs, const char *name)
{
    char *temporary = str_format("%s/.latest-%d", runs, (int)getpid());
    char *latest = str_format("%s/latest", runs);
    (void)unlink(temporary);
    if (symlink(name, temporary) < 0 || rename(temporary, latest) < 0)
        (void)unlink(temporary); /* a convenience: the run goes on */
    free(temporary);
    free(latest);
}

int run_dir_make(struct run_dir *run, const struct project *project,
                 const struct lab_dir *lab)
{
    char *runs = str_format("%s/runs/%s", project->build, lab->number);
    char *name = new_name();
    *run = (struct run_dir){.path = str_format("%s/%s", runs, name),
                            .lock_fd = -1};
    int status = 0;
    if (tree_make(run->path) == 0)
        run->lock_fd = open(run->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (run->lock_fd < 0 || flock(run->lock_fd, LOCK_SH) < 0)
        status = infra_error("cannot write results in %s: %s", runs,
                             strerror(errno));
    else
        point_latest(runs, name);
    free(runs);
    free(name);
    return status;
}

static int is_run(const struct dirent *entry)
{
    int year, clock, pid;
    return sscanf(entry->d_name, "%8d-%6d-%d", &year, &clock, &pid) == 3;
}

static void remove_unless_locked(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        (void)tree_remove(path); /* what cannot be removed stays */
    (void)close(fd);
}

struct past_run {
    char *path;
    struct timespec written;
};

static int newer_first(const void *left, const void *right)
{
    const struct timespec *a = &((const struct past_run *)left)->written;
    const struct timespec *b = &((const struct past_run *)right)->written;
    if (a->tv_sec != b->tv_sec)
        return a->tv_sec < b->tv_sec ? 1 : -1;
    return (a->tv_nsec < b->tv_nsec) - (a->tv_nsec > b->tv_nsec);
}

/* What counts is when a run was last written to: a long one that ends now is
 * new, however many have begun since it did. */
static void remove_old(const char *runs)
{
    struct dirent **entries;
    int n = scandir(runs, &entries, is_run, NULL);
    if (n < 0)
        return;
    struct past_run *past = mem_zalloc(((size_t)n + 1) * sizeof(*past));
    for (int i = 0; i < n; i++) {
        struct stat st = {0};
        past[i].path = str_format("%s/%s", runs, entries[i]->d_name);
        (void)stat(past[i].path, &st);
        past[i].written = st.st_mtim;
        free(entries[i]);
    }
    free(entries);
    qsort(past, (size_t)n, sizeof(*past), newer_first);
    for (int i = 0; i < n; i++) {
        if (i >= RUNS_KEPT)
            remove_unless_locked(past[i].path);
        free(past[i].path);
    }
    free(past);
}

void run_dir_close(struct run_dir *run)
{
    if (run->lock_fd >= 0)
        (void)close(run->lock_fd);
    if (run->path) {
        char *slash = strrchr(run->path, '/');
        *slash = '\0';
        remove_old(run->path);
    }
    free(run->path);
    *run = (struct run_dir){.lock_fd = -1};
}

char *run_dir_test(const struct run_dir *run, const char *id,
                   const char *variant, int attempt)
{
    struct strbuf path = {0};
    strbuf_printf(&path, "%s/%s", run->path, id);
    if (*variant)
        strbuf_printf(&path, ".%s", variant);
    if (attempt > 1)
        strbuf_printf(&path, ".%d", attempt);
    if (tree_make(path.text) == 0)
        return path.text;
    (void)infra_error("cannot write results in %s: %s", path.text,
                      strerror(errno));
    strbuf_fini(&path);
    return NULL;
}

static int link_or_copy(const char *from, const char *to, mode_t mode)
{
    if (link(from, to) == 0)
        return 0;
    size_t bytes;
    char *content = file_load(from, &bytes);
    if (content == NULL)
        return -1;
    int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0777);
    bool whole = fd >= 0 && write(fd, content, bytes) == (ssize_t)bytes;
    free(content);
    if (fd >= 0 && close(fd) < 0)
        whole = false;
    return whole ? 0 : -1;
}

static int keep_one(const char *dir, const char *kept, const char *name)
{
    char *from = str_format("%s/%s", dir, name);
    char *to = str_format("%s/%s", kept, name);
    struct stat st;
    int result = 0;
    if (stat(from, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0100))
        result = link_or_copy(from, to, st.st_mode);
    free(from);
    free(to);
    return result;
}

char *run_dir_keep_programs(const struct run_dir *run, const char *dir)
{
    char *kept = str_format("%s/programs", run->path);
    struct dirent *entry;
    DIR *stream = opendir(dir);
    bool whole = stream && tree_make(kept) == 0;
    while (whole && (entry = readdir(stream)) != NULL)
        whole = keep_one(dir, kept, entry->d_name) == 0;
    if (stream)
        (void)closedir(stream);
    if (whole)
        return kept;
    free(kept);
    return mem_strdup(dir);
}

/* Control groups of either version; see cgroup.h. */
#include "run/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "topo/topo.h"

enum {
    PATH_BYTES = 512,
    FILE_BYTES = 4096,
    NS_PER_USEC = 1000,
    REMOVE_TRIES = 2000,
    ENTER_TRIES = 10,
};

static const char *const controllers[CGROUP_KINDS] = {
    [CGROUP_MEMORY] = "memory",
    [CGROUP_PIDS] = "pids",
    [CGROUP_CPU] = "cpuacct",
};

/* ---- Files of a group ---------------------------------------------------- */

static int open_in(const char *dir, const char *file, int flags)
{
    char path[PATH_BYTES + 64];
    snprintf(path, sizeof(path), "%s/%s", dir, file);
    int fd = open(path, flags | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int write_in(const char *dir, const char *file, const char *text)
{
    int fd = open_in(dir, file, O_WRONLY);
    if (fd < 0)
        return fd;
    ssize_t n = write(fd, text, strlen(text));
    int result = n < 0 ? -errno : 0;
    close(fd);
    return result;
}

static int write_number(const char *dir, const char *file, uint64_t number)
{
    char text[32];
    snprintf(text, sizeof(text), "%" PRIu64, number);
    return write_in(dir, file, text);
}

/* Returns how much was read, NUL-terminated, or -errno. */
static ssize_t read_in(const char *dir, const char *file, char *text)
{
    int fd = open_in(dir, file, O_RDONLY);
    if (fd < 0)
        return fd;
    ssize_t n = read(fd, text, FILE_BYTES - 1);
    if (n < 0)
        n = -errno;
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n;
}

/* The number after "KEY " at a line's start, or -1. */
static int64_t read_key(const char *dir, const char *file, const char *key)
{
    char text[FILE_BYTES];
    size_t length = strlen(key);
    if (read_in(dir, file, text) < 0)
        return -1;
    for (char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            return strtoll(line + length, NULL, 10);
    }
    return -1;
}

static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
        bool starts = at == text || strchr(" ,:\n", at[-1]);
        if (starts && strchr(" ,:\n", at[length])) /* or the NUL */
            return true;
    }
    return false;
}

/* ---- Where groups can be made -------------------------------------------- */

/* Finds the mount of a hierarchy; `controller` is NULL for version 2. */
static bool find_mount(const char *controller, char *dir)
{
    FILE *mounts = setmntent("/proc/self/mounts", "re");
    struct mntent *entry;
    bool found = false;
    while (mounts && !found && (entry = getmntent(mounts)) != NULL) {
        found = controller ? strcmp(entry->mnt_type, "cgroup") == 0 &&
                                 hasmntopt(entry, controller)
                           : strcmp(entry->mnt_type, "cgroup2") == 0;
        if (found)
            snprintf(dir, PATH_BYTES, "%s", entry->mnt_dir);
    }
    if (mounts)
        endmntent(mounts);
    return found;
}

/* The path of this process in a hierarchy: "4:memory:/path", "0::/path". */
static void own_path(const char *controller, char *path)
{
    char line[PATH_BYTES];
    FILE *file = fopen("/proc/self/cgroup", "re");
    path[0] = '\0';
    while (file && fgets(line, sizeof(line), file)) {
        char *names = strchr(line, ':');
        char *at = names ? strchr(names + 1, ':') : NULL;
        if (at == NULL)
            continue;
        *at = '\0';
        bool ours = controller ? has_word(names, controller) : !names[1];
        if (ours) {
            at[1 + strcspn(at + 1, "\n")] = '\0';
            snprintf(path, PATH_BYTES, "%s", at + 1);
        }
    }
    if (file)
        fclose(file);
}

static int make_dir(const char *dir)
{
    return mkdir(dir, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* Below our own group, so that the limits of whatever contains us still hold.
 * In a container that has its own view, that path may not exist: then below
 * the mount itself. */
static bool make_run_dir1(const char *controller, const char *name, char *dir)
{
    char mount[PATH_BYTES], path[PATH_BYTES];
    if (!find_mount(controller, mount))
        return false;
    own_path(controller, path);
    snprintf(dir, PATH_BYTES, "%.200s%.200s/%s", mount, path, name);
    if (make_dir(dir) == 0)
        return true;
    snprintf(dir, PATH_BYTES, "%.200s/%s", mount, name);
    return make_dir(dir) == 0;
}

static bool offers_limits(const char *dir)
{
    char text[FILE_BYTES];
    return read_in(dir, "cgroup.controllers", text) > 0 &&
           has_word(text, "memory") && has_word(text, "pids");
}

/* Tries one parent.  A group that has processes of its own cannot hand
 * controllers down, hence the walk towards the root in make_run_dir2. */
static bool try_parent2(const char *parent, const char *name, char *dir)
{
    snprintf(dir, PATH_BYTES, "%.400s/%s", parent, name);
    if (make_dir(dir) < 0)
        return false;
    if (!offers_limits(dir))
        (void)write_in(parent, "cgroup.subtree_control", "+memory +pids +cpu");
    if (offers_limits(dir) &&
        write_in(dir, "cgroup.subtree_control", "+memory +pids +cpu") == 0)
        return true;
    (void)rmdir(dir);
    return false;
}

static bool make_run_dir2(const char *name, char *dir)
{
    char mount[PATH_BYTES], path[PATH_BYTES];
    if (!find_mount(NULL, mount))
        return false;
    own_path(NULL, path);
    for (;;) {
        char parent[PATH_BYTES];
        snprintf(parent, sizeof(parent), "%.200s%.200s", mount, path);
        if (try_parent2(parent, name, dir))
            return true;
        char *slash = strrchr(path, '/');
        if (slash == NULL)
            return false;
        *slash = '\0';
    }
}

void cgroup_run_init(struct cgroup_run *run, unsigned number)
{
    char cell[CELL_NAME_BYTES];
    *run = (struct cgroup_run){.tier = TIER_CGROUP2};
    cell_name(cell);
    snprintf(run->name, sizeof(run->name), "%.60s-%d.%u", cell, getpid(),
             number);
    if (make_run_dir2(run->name, run->dir[0]))
        return;
    run->dir[0][0] = '\0';
    run->tier = TIER_CGROUP1;
    for (int kind = 0; kind < CGROUP_KINDS; kind++) {
        if (make_run_dir1(controllers[kind], run->name, run->dir[kind]))
            continue;
        run->dir[kind][0] = '\0';
        (void)cgroup_run_fini(run); /* nothing is in them yet */
        run->tier = TIER_RLIMIT;
        return;
    }
}

/* The kernel lets go of a group a moment after its last process was reaped, and
 * there is no event for that: asks again, every millisecond. */
static int remove_dir(const char *dir)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    for (int tries = 0; rmdir(dir) < 0 && errno != ENOENT; tries++) {
        if (errno != EBUSY || tries == REMOVE_TRIES)
            return -errno;
        nanosleep(&pause, NULL);
    }
    return 0;
}

int cgroup_run_fini(struct cgroup_run *run)
{
    int result = 0;
    for (int kind = 0; kind < CGROUP_KINDS; kind++) {
        int one = run->dir[kind][0] ? remove_dir(run->dir[kind]) : 0;
        if (one < 0)
            result = one;
        else
            run->dir[kind][0] = '\0';
    }
    return result;
}

const char *cgroup_tier_name(enum cgroup_tier tier)
{
    static const char *const names[] = {
        [TIER_RLIMIT] = "rlimit",
        [TIER_CGROUP1] = "cgroup1",
        [TIER_CGROUP2] = "cgroup2",
    };
    return names[tier];
}

/* ---- A program's group --------------------------------------------------- */

static const char *group_dir(const struct cgroup *group, int kind, char *dir)
{
    const struct cgroup_run *run = group->run;
    int which = run->tier == TIER_CGROUP2 ? 0 : kind;
    snprintf(dir, PATH_BYTES, "%.480s/%u", run->dir[which], group->number);
    return dir;
}

static bool exists(const struct cgroup *group)
{
    return group->run && group->run->tier != TIER_RLIMIT;
}

static int limit1(const struct cgroup *group, size_t memory_bytes,
                  int processes)
{
    char dir[PATH_BYTES];
    group_dir(group, CGROUP_MEMORY, dir);
    int result = write_number(dir, "memory.limit_in_bytes", memory_bytes);
    /* Absent where the kernel does not account swap. */
    (void)write_number(dir, "memory.memsw.limit_in_bytes", memory_bytes);
    group_dir(group, CGROUP_PIDS, dir);
    return result ? result : write_number(dir, "pids.max", (uint64_t)processes);
}

static int limit2(const struct cgroup *group, size_t memory_bytes,
                  int processes)
{
    char dir[PATH_BYTES];
    group_dir(group, CGROUP_MEMORY, dir);
    int result = write_number(dir, "memory.max", memory_bytes);
    /* Absent where there is no swap. */
    (void)write_in(dir, "memory.swap.max", "0");
    return result ? result : write_number(dir, "pids.max", (uint64_t)processes);
}

/* Makes the group's directory in a hierarchy, and the run's if it is not there
 * any more. */
static int make_group_dir(const struct cgroup *group, int kind)
{
    char dir[PATH_BYTES];
    const struct cgroup_run *run = group->run;
    int result = make_dir(run->dir[kind]);
    if (result == 0 && run->tier == TIER_CGROUP2)
        result = write_in(run->dir[kind], "cgroup.subtree_control",
                          "+memory +pids +cpu");
    return result ? result : make_dir(group_dir(group, kind, dir));
}

static int try_entering(const struct cgroup *group, pid_t pid,
                        size_t memory_bytes, int max_processes)
{
    char dir[PATH_BYTES];
    bool v2 = group->run->tier == TIER_CGROUP2;
    int kinds = v2 ? 1 : CGROUP_KINDS, result = 0;
    for (int kind = 0; kind < kinds && result == 0; kind++)
        result = make_group_dir(group, kind);
    if (result == 0)
        result = v2 ? limit2(group, memory_bytes, max_processes)
                    : limit1(group, memory_bytes, max_processes);
    for (int kind = 0; kind < kinds && result == 0; kind++)
        result = write_number(group_dir(group, kind, dir), "cgroup.procs",
                              (uint64_t)pid);
    return result;
}

static bool is_gone(int result)
{
    return result == -ENOENT || result == -ENODEV;
}

/* A group that is empty may be swept by a run in another pid namespace, where
 * our owner's pid means nothing; so it is made as late as possible, and once
 * more if it went before the process was in it. */
int cgroup_enter(struct cgroup *group, const struct cgroup_run *run,
                 unsigned number, pid_t pid, size_t memory_bytes,
                 int max_processes)
{
    int result = -ENOENT;
    *group = (struct cgroup){.run = run, .number = number};
    if (!exists(group))
        return 0;
    for (int tries = 0; tries < ENTER_TRIES && is_gone(result); tries++)
        result = try_entering(group, pid, memory_bytes, max_processes);
    return result;
}

int64_t cgroup_cpu_ns(const struct cgroup *group)
{
    char dir[PATH_BYTES], text[FILE_BYTES];
    if (!exists(group))
        return -1;
    group_dir(group, CGROUP_CPU, dir);
    if (group->run->tier == TIER_CGROUP2) {
        int64_t usec = read_key(dir, "cpu.stat", "usage_usec");
        return usec < 0 ? -1 : usec * NS_PER_USEC;
    }
    return read_in(dir, "cpuacct.usage", text) > 0 ? strtoll(text, NULL, 10)
                                                   : -1;
}

int64_t cgroup_oom_kills(const struct cgroup *group)
{
    char dir[PATH_BYTES];
    if (!exists(group))
        return 0;
    group_dir(group, CGROUP_MEMORY, dir);
    const char *file = group->run->tier == TIER_CGROUP2 ? "memory.events"
                                                        : "memory.oom_control";
    int64_t kills = read_key(dir, file, "oom_kill");
    return kills < 0 ? 0 : kills;
}

int cgroup_remove(struct cgroup *group)
{
    char dir[PATH_BYTES];
    int result = 0;
    for (int kind = 0; exists(group) && kind < CGROUP_KINDS; kind++) {
        int one = remove_dir(group_dir(group, kind, dir));
        result = one < 0 ? one : result;
    }
    if (result == 0)
        group->run = NULL;
    return result;
}

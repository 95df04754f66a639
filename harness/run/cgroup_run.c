/* Where a run's control groups can be made: the best tier that works here. */
#include <errno.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "run/cgfile.h"
#include "run/cgroup.h"
#include "topo/topo.h"

static const char *const controllers[CGROUP_KINDS] = {
    [CGROUP_MEMORY] = "memory",
    [CGROUP_PIDS] = "pids",
    [CGROUP_CPU] = "cpuacct",
};

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
        bool ours = controller ? cgfile_has_word(names, controller) : !names[1];
        if (ours) {
            at[1 + strcspn(at + 1, "\n")] = '\0';
            snprintf(path, PATH_BYTES, "%s", at + 1);
        }
    }
    if (file)
        fclose(file);
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
    if (cgfile_make_dir(dir) == 0)
        return true;
    snprintf(dir, PATH_BYTES, "%.200s/%s", mount, name);
    return cgfile_make_dir(dir) == 0;
}

static bool offers_limits(const char *dir)
{
    char text[CGFILE_BYTES];
    return cgfile_read(dir, "cgroup.controllers", text) > 0 &&
           cgfile_has_word(text, "memory") && cgfile_has_word(text, "pids");
}

/* Tries one parent.  A group that has processes of its own cannot hand
 * controllers down, hence the walk towards the root in make_run_dir2. */
static bool try_parent2(const char *parent, const char *name, char *dir)
{
    snprintf(dir, PATH_BYTES, "%.400s/%s", parent, name);
    if (cgfile_make_dir(dir) < 0)
        return false;
    if (!offers_limits(dir))
        (void)cgfile_write(parent, "cgroup.subtree_control",
                           "+memory +pids +cpu");
    if (offers_limits(dir) &&
        cgfile_write(dir, "cgroup.subtree_control", "+memory +pids +cpu") == 0)
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

int cgroup_run_fini(struct cgroup_run *run)
{
    int result = 0;
    for (int kind = 0; kind < CGROUP_KINDS; kind++) {
        int one = run->dir[kind][0] ? cgfile_remove_dir(run->dir[kind]) : 0;
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

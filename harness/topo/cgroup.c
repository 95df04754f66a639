/* Control groups left by killed runs.
 *
 * A group carries the pid and start time of its owner in its name, and the pid
 * namespace in which they were read; these name one process for ever.  Where a
 * pid means something else nothing is judged.  Groups are looked for where a
 * run could have made them: in our own group of each hierarchy, and in those
 * above it.  One that still holds a process cannot be removed by rmdir(2), so
 * nothing alive is ever at risk. */
#include "topo/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "topo/process.h"
#include "topo/topo.h"

struct hierarchy {
    char mount_point[256], root[256]; /* of the mount, in the hierarchy */
    char options[256];                /* "rw,memory"; "" for version 2 */
};

/* ---- One group ----------------------------------------------------------- */

/* Removes a group and those below it, as far as they are empty of processes. */
static bool remove_group(int parent, const char *name, int depth)
{
    if (unlinkat(parent, name, AT_REMOVEDIR) == 0)
        return true;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 || depth == 0 ? NULL : fdopendir(fd);
    if (dir == NULL) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            remove_group(dirfd(dir), entry->d_name, depth - 1);
    }
    closedir(dir);
    return unlinkat(parent, name, AT_REMOVEDIR) == 0;
}

static bool owner_is_gone(const char *name)
{
    int pid, end = 0;
    unsigned long long start;
    unsigned long space;
    if (sscanf(name, "wirelab-%d-%llu-%lu%n", &pid, &start, &space, &end) !=
            3 ||
        (name[end] != '\0' && name[end] != '.' && name[end] != '-'))
        return false;
    return space == process_pid_namespace() && process_start_time(pid) != start;
}

static int sweep_group(const char *path)
{
    enum { MAX_DEPTH = 8 };
    int removed = 0;
    DIR *dir = opendir(path);
    if (dir == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_type == DT_DIR && owner_is_gone(entry->d_name))
            removed += remove_group(dirfd(dir), entry->d_name, MAX_DEPTH);
    }
    closedir(dir);
    return removed;
}

/* ---- Where to look ------------------------------------------------------- */

/* Whether a comma-separated list holds all words of another. */
static bool holds_all(const char *list, const char *words)
{
    while (*words) {
        size_t n = strcspn(words, ",");
        const char *at = list;
        while (*at && !(strncmp(at, words, n) == 0 &&
                        (at[n] == ',' || at[n] == '\0'))) {
            at += strcspn(at, ",");
            at += *at == ',';
        }
        if (*at == '\0')
            return false;
        words += n + (words[n] == ',');
    }
    return true;
}

/* Finds our own group in a hierarchy, as a path below its mount point. */
static bool find_own_group(const struct hierarchy *hierarchy, char *group,
                           size_t size)
{
    FILE *file = fopen("/proc/self/cgroup", "re");
    char line[512], controllers[128], path[256];
    bool found = false;
    while (file && !found && fgets(line, sizeof(line), file)) {
        controllers[0] = '\0'; /* "4:memory:/a/b" or, version 2, "0::/a/b" */
        if (sscanf(line, "%*d::%255s", path) != 1 &&
            sscanf(line, "%*d:%127[^:]:%255s", controllers, path) != 2)
            continue;
        bool v2 = hierarchy->options[0] == '\0';
        found =
            v2 ? controllers[0] == '\0'
               : controllers[0] && holds_all(hierarchy->options, controllers);
    }
    if (file)
        fclose(file);
    size_t skip = strcmp(hierarchy->root, "/") ? strlen(hierarchy->root) : 0;
    if (!found || strstr(path, "..") ||
        strncmp(path, hierarchy->root, skip) != 0)
        return false;
    snprintf(group, size, "%s", path + skip);
    return true;
}

static int sweep_hierarchy(const struct hierarchy *hierarchy)
{
    char group[256] = "";
    int removed = 0;
    if (!find_own_group(hierarchy, group, sizeof(group)))
        group[0] = '\0';
    for (;;) { /* from our own group up to the mount point */
        char *path = str_format("%s%s", hierarchy->mount_point, group);
        removed += sweep_group(path);
        free(path);
        char *slash = strrchr(group, '/');
        if (slash == NULL)
            return removed;
        *slash = '\0';
    }
}

/* Parses a line of /proc/self/mountinfo (proc(5)); false if it is no cgroup. */
static bool parse_mount(const char *line, struct hierarchy *hierarchy)
{
    char type[32];
    const char *tail = strstr(line, " - ");
    if (tail == NULL || sscanf(line, "%*s %*s %*s %255s %255s", hierarchy->root,
                               hierarchy->mount_point) != 2)
        return false;
    hierarchy->options[0] = '\0';
    if (sscanf(tail, " - %31s %*s %255s", type, hierarchy->options) < 1)
        return false;
    if (strcmp(type, "cgroup2") == 0)
        hierarchy->options[0] = '\0';
    return strncmp(type, "cgroup", 6) == 0;
}

int sweep_cgroups(void)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char line[2048];
    int removed = 0;
    while (file && fgets(line, sizeof(line), file)) {
        struct hierarchy hierarchy;
        if (parse_mount(line, &hierarchy))
            removed += sweep_hierarchy(&hierarchy);
    }
    if (file)
        fclose(file);
    return removed;
}

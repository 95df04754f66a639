/* Looking at process trees through /proc; see tree.h. */
#include "run/tree.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef bool visit_fn(pid_t pid, void *context); /* false stops */

ino_t tree_of(pid_t pid)
{
    char path[64];
    struct stat st;
    snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
    return stat(path, &st) < 0 ? 0 : st.st_ino;
}

static void visit_tree(ino_t tree, pid_t init, visit_fn *visit, void *context)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    bool more = tree != 0;
    while (proc && more && (entry = readdir(proc)) != NULL) {
        pid_t pid = atoi(entry->d_name);
        if (pid > 0 && pid != init && tree_of(pid) == tree)
            more = visit(pid, context);
    }
    if (proc)
        closedir(proc);
}

enum { STAT_BYTES = 1024 };

/* What /proc says of a process, from its state on, which follows the name's
 * last parenthesis: the name itself may hold anything.  NULL if it is gone. */
static const char *read_stat(pid_t pid, char text[STAT_BYTES])
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return NULL;
    size_t n = fread(text, 1, STAT_BYTES - 1, file);
    fclose(file);
    text[n] = '\0';
    const char *at = strrchr(text, ')');
    return at && at[1] == ' ' && at[2] ? at + 2 : NULL;
}

/* The dead that nobody has reaped yet hold nothing any more. */
static bool is_alive(pid_t pid)
{
    char text[STAT_BYTES];
    const char *state = read_stat(pid, text);
    return state && *state != 'Z' && *state != 'X';
}

pid_t tree_stray(void)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    ino_t ours = tree_of(getpid());
    pid_t stray = 0;
    while (proc && stray == 0 && (entry = readdir(proc)) != NULL) {
        pid_t pid = atoi(entry->d_name);
        ino_t tree = pid > 0 ? tree_of(pid) : 0;
        if (tree != 0 && tree != ours && is_alive(pid))
            stray = pid;
    }
    if (proc)
        closedir(proc);
    return stray;
}

/* What the process's dead children used, in ns: cutime and cstime. */
static int64_t reaped_cpu_ns(pid_t pid)
{
    char text[STAT_BYTES];
    long long user = 0, kernel = 0;
    const char *state = read_stat(pid, text);
    if (state == NULL ||
        sscanf(state,
               "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %lld %lld",
               &user, &kernel) != 2)
        return 0;
    return (user + kernel) * (1000000000 / sysconf(_SC_CLK_TCK));
}

static bool add_cpu(pid_t pid, void *context)
{
    int64_t *sum_ns = context;
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(pid, &clock) == 0 &&
        clock_gettime(clock, &used) == 0)
        *sum_ns += (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
    *sum_ns += reaped_cpu_ns(pid);
    return true;
}

int64_t tree_cpu_ns(ino_t tree, pid_t init)
{
    int64_t sum_ns = reaped_cpu_ns(init);
    visit_tree(tree, init, add_cpu, &sum_ns);
    return sum_ns;
}

static bool add_rss(pid_t pid, void *context)
{
    char path[64];
    long long size, resident = 0;
    snprintf(path, sizeof(path), "/proc/%d/statm", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return true;
    if (fscanf(file, "%lld %lld", &size, &resident) == 2)
        *(int64_t *)context += resident * sysconf(_SC_PAGESIZE);
    fclose(file);
    return true;
}

int64_t tree_rss_bytes(ino_t tree, pid_t init)
{
    int64_t sum_bytes = 0;
    visit_tree(tree, init, add_rss, &sum_bytes);
    return sum_bytes;
}

struct schedstat {
    long long ran_ns, waited_ns;
};

static bool add_schedstat(pid_t pid, void *context)
{
    struct schedstat *sum = context, one;
    char path[64];
    struct dirent *entry;
    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    DIR *threads = opendir(path);
    while (threads && (entry = readdir(threads)) != NULL) {
        snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", pid,
                 atoi(entry->d_name));
        FILE *file = fopen(path, "re");
        if (file == NULL)
            continue; /* "..", or it has just ended */
        if (fscanf(file, "%lld %lld", &one.ran_ns, &one.waited_ns) == 2) {
            sum->ran_ns += one.ran_ns;
            sum->waited_ns += one.waited_ns;
        }
        fclose(file);
    }
    if (threads)
        closedir(threads);
    return true;
}

void tree_schedstat(ino_t tree, pid_t init, int64_t *ran_ns, int64_t *waited_ns)
{
    struct schedstat sum = {0};
    visit_tree(tree, init, add_schedstat, &sum);
    *ran_ns = sum.ran_ns;
    *waited_ns = sum.waited_ns;
}

struct states {
    int sleeping, ready;
};

static bool count_state(pid_t pid, void *context)
{
    struct states *states = context;
    char text[STAT_BYTES];
    const char *state = read_stat(pid, text);
    if (state == NULL)
        return true;
    states->ready += *state == 'R';
    states->sleeping += *state != 'R' && *state != 'Z' && *state != 'X';
    return true;
}

bool tree_sleeps(ino_t tree, pid_t init)
{
    struct states states = {0};
    visit_tree(tree, init, count_state, &states);
    return states.ready == 0 && states.sleeping > 0;
}

struct wanted {
    char link[32];
    bool found;
};

static bool find_socket(pid_t pid, void *context)
{
    struct wanted *wanted = context;
    char path[64], link[64];
    snprintf(path, sizeof(path), "/proc/%d/fd", pid);
    DIR *fds = opendir(path);
    struct dirent *entry;
    while (fds && !wanted->found && (entry = readdir(fds)) != NULL) {
        ssize_t n =
            readlinkat(dirfd(fds), entry->d_name, link, sizeof(link) - 1);
        link[n > 0 ? n : 0] = '\0';
        wanted->found = strcmp(link, wanted->link) == 0;
    }
    if (fds)
        closedir(fds);
    return !wanted->found;
}

bool tree_holds_socket(ino_t tree, pid_t init, uint32_t inode)
{
    struct wanted wanted = {.found = false};
    snprintf(wanted.link, sizeof(wanted.link), "socket:[%u]", inode);
    visit_tree(tree, init, find_socket, &wanted);
    return wanted.found;
}

int process_fd_count(pid_t pid)
{
    char path[64];
    struct dirent *entry;
    int count = 0;
    snprintf(path, sizeof(path), "/proc/%d/fd", pid);
    DIR *fds = opendir(path);
    if (fds == NULL)
        return -1;
    while ((entry = readdir(fds)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(fds);
    return count;
}

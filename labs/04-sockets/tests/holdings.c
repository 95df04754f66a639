/* A look into a program's processes through /proc; see common.h. */
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common.h"

/* What /proc/PID/stat says: the fields behind the name, which may itself hold
 * blanks and parentheses. */
struct process {
    int pid, parent;
    char state;
};

static bool read_stat(const char *path, struct process *process)
{
    char text[512] = "";
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    size_t n = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[n] = '\0';
    const char *rest = strrchr(text, ')');
    process->pid = atoi(text);
    return rest &&
           sscanf(rest + 1, " %c %d", &process->state, &process->parent) == 2;
}

static int count_entries(const char *path)
{
    DIR *dir = opendir(path);
    if (dir == NULL)
        return 0;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void add_process(int pid, struct holdings *sum)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/fd", pid);
    sum->descriptors += count_entries(path);
    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    sum->threads += count_entries(path);
}

/* Adds the children of `parent`, and theirs. */
static void add_children(int parent, struct holdings *sum)
{
    DIR *dir = opendir("/proc");
    if (dir == NULL)
        test_infra("cannot read /proc");
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[300];
        struct process process;
        snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        if (!isdigit((unsigned char)entry->d_name[0]) ||
            !read_stat(path, &process) || process.parent != parent)
            continue;
        if (process.state == 'Z') {
            sum->zombies++;
            continue;
        }
        add_process(process.pid, sum);
        add_children(process.pid, sum);
    }
    closedir(dir);
}

struct holdings proc_holdings(struct proc *proc)
{
    struct holdings sum = {0};
    add_process(proc_pid(proc), &sum);
    add_children(proc_pid(proc), &sum);
    return sum;
}

static void pause_ms(int ms)
{
    struct timespec pause = {.tv_nsec = ms * 1000000};
    nanosleep(&pause, NULL);
}

void expect_let_go(struct proc *proc, struct holdings before,
                   int64_t timeout_ns, const char *what)
{
    int64_t deadline_ns = clock_now_ns() + timeout_ns;
    struct holdings now = proc_holdings(proc);
    while ((now.descriptors > before.descriptors ||
            now.threads > before.threads || now.zombies > 0) &&
           clock_now_ns() < deadline_ns) {
        pause_ms(10); /* between two looks: /proc cannot be awaited */
        now = proc_holdings(proc);
    }
    expect_running(proc);
    expect_at_most(now.descriptors, before.descriptors,
                   "%s %s holds %d descriptors", what, proc_name(proc),
                   now.descriptors);
    expect_at_most(now.threads, before.threads,
                   "%s %s has %d threads and processes", what, proc_name(proc),
                   now.threads);
    expect_at_most(now.zombies, 0,
                   "%s %s has %d zombies: children that have ended and were "
                   "not waited for",
                   what, proc_name(proc), now.zombies);
}

/* Whether each thread of a process is stopped ('T'). */
static bool all_stopped(int pid)
{
    char path[400];
    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    DIR *dir = opendir(path);
    if (dir == NULL)
        return true; /* it has ended */
    bool all = true;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        struct process thread;
        snprintf(path, sizeof(path), "/proc/%d/task/%s/stat", pid,
                 entry->d_name);
        if (entry->d_name[0] != '.' && read_stat(path, &thread))
            all = all && thread.state == 'T';
    }
    closedir(dir);
    return all;
}

void proc_stop(struct proc *proc)
{
    int64_t deadline_ns = clock_now_ns() + SECONDS(5);
    proc_signal(proc, SIGSTOP);
    while (!all_stopped(proc_pid(proc))) {
        if (clock_now_ns() > deadline_ns)
            test_infra("%s does not stop", proc_name(proc));
        pause_ms(1);
    }
}

void stop_and_continue(struct proc *proc)
{
    proc_stop(proc);
    proc_signal(proc, SIGCONT);
}

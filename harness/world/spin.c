/* Finding a program that polls; see spin.h.
 *
 * UML runs each address space of the guest as a traced process of the host.  At
 * a system call the process stops, and /proc/PID/syscall shows the call and its
 * arguments: "45 0x3 0x7ffe… 0x400 0x40 0x0 0x0 SP PC", or "running" between
 * two calls, or -1 while the guest's kernel is about to resume it. */
#include "world/spin.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

enum {
    ENOUGH_TICKS = 20,
    NEARLY_ALL_PERCENT = 90,
    SAMPLES = 200,
    CALLS = 512,
    ARGS = 6,
};

/* ---- Processor time -------------------------------------------------------
 */

/* Behind the name in parentheses: state, ppid, …, utime (14th), stime. */
static bool read_stat(pid_t pid, pid_t *parent, long *ticks)
{
    char path[64], text[1024];
    long user, system;
    (void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    (void)fclose(file);
    const char *at = strrchr(text, ')');
    if (at == NULL || sscanf(at + 1,
                             " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
                             "%ld %ld",
                             parent, &user, &system) != 3)
        return false;
    *ticks = user + system;
    return true;
}

void spin_survey(pid_t kernel, struct spin_survey *survey)
{
    DIR *dir = opendir("/proc");
    const struct dirent *entry;
    survey->count = 0;
    while (dir && (entry = readdir(dir)) != NULL &&
           survey->count < SPIN_MAX_PROCESSES) {
        pid_t parent, pid = (pid_t)strtol(entry->d_name, NULL, 10);
        struct spin_process *process = &survey->processes[survey->count];
        if (!isdigit((unsigned char)entry->d_name[0]) ||
            !read_stat(pid, &parent, &process->ticks) || parent != kernel)
            continue;
        process->pid = pid;
        survey->count++;
    }
    if (dir)
        (void)closedir(dir);
}

static long ticks_of(const struct spin_survey *survey, pid_t pid)
{
    for (size_t i = 0; i < survey->count; i++) {
        if (survey->processes[i].pid == pid)
            return survey->processes[i].ticks;
    }
    return 0;
}

pid_t spin_find(const struct spin_survey *before,
                const struct spin_survey *after)
{
    long all = 0, most = 0;
    pid_t busiest = 0;
    for (size_t i = 0; i < after->count; i++) {
        const struct spin_process *process = &after->processes[i];
        long ticks = process->ticks - ticks_of(before, process->pid);
        all += ticks;
        if (ticks > most) {
            most = ticks;
            busiest = process->pid;
        }
    }
    if (all < ENOUGH_TICKS)
        return -EAGAIN;
    return most * 100 >= all * NEARLY_ALL_PERCENT ? busiest : 0;
}

/* ---- Its calls ------------------------------------------------------------
 */

struct call {
    long number;
    const char *name;
    bool takes_fd;
    int flags_arg;   /* which argument holds MSG_ flags, or 0 */
    int timeout_arg; /* which holds a timeout in ms, or 0 */
};

static const struct call calls[] = {
    {SYS_read, "read", true, 0, 0},
    {SYS_write, "write", true, 0, 0},
    {SYS_recvfrom, "recvfrom", true, 3, 0},
    {SYS_recvmsg, "recvmsg", true, 2, 0},
    {SYS_recvmmsg, "recvmmsg", true, 3, 0},
    {SYS_sendto, "sendto", true, 3, 0},
    {SYS_sendmsg, "sendmsg", true, 2, 0},
    {SYS_accept, "accept", true, 0, 0},
    {SYS_accept4, "accept4", true, 0, 0},
    {SYS_connect, "connect", true, 0, 0},
    {SYS_getsockopt, "getsockopt", true, 0, 0},
    {SYS_ioctl, "ioctl", true, 0, 0},
    {SYS_lseek, "lseek", true, 0, 0},
    {SYS_poll, "poll", false, 0, 2},
    {SYS_ppoll, "ppoll", false, 0, 0},
    {SYS_select, "select", false, 0, 0},
    {SYS_pselect6, "pselect6", false, 0, 0},
    {SYS_epoll_wait, "epoll_wait", true, 0, 3},
    {SYS_epoll_pwait, "epoll_pwait", true, 0, 3},
    {SYS_epoll_pwait2, "epoll_pwait2", true, 0, 0},
    {SYS_sched_yield, "sched_yield", false, 0, 0},
    {SYS_wait4, "wait4", false, 0, 0},
    {SYS_futex, "futex", false, 0, 0},
    {SYS_stat, "stat", false, 0, 0},
    {SYS_newfstatat, "newfstatat", false, 0, 0},
    {SYS_clock_gettime, "clock_gettime", false, 0, 0},
    {SYS_gettimeofday, "gettimeofday", false, 0, 0},
    {SYS_time, "time", false, 0, 0},
};

struct seen {
    unsigned times;
    unsigned long args[ARGS]; /* of the last time */
};

static void look(pid_t pid, struct seen seen[CALLS])
{
    char path[64], text[256];
    long number;
    unsigned long args[ARGS];
    (void)snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return;
    if (fgets(text, sizeof(text), file) &&
        sscanf(text, "%ld %lx %lx %lx %lx %lx %lx", &number, &args[0], &args[1],
               &args[2], &args[3], &args[4], &args[5]) == 1 + ARGS &&
        number >= 0 && number < CALLS) {
        seen[number].times++;
        memcpy(seen[number].args, args, sizeof(args));
    }
    (void)fclose(file);
}

/* That time is looked at in between says nothing. */
static bool reads_clock(long number)
{
    return number == SYS_clock_gettime || number == SYS_gettimeofday ||
           number == SYS_time;
}

static long most_frequent(const struct seen seen[CALLS])
{
    long best = -1;
    for (long i = 0; i < CALLS; i++) {
        if (seen[i].times == 0)
            continue;
        if (best < 0 || (reads_clock(best) && !reads_clock(i)) ||
            (reads_clock(best) == reads_clock(i) &&
             seen[i].times > seen[best].times))
            best = i;
    }
    return best;
}

static const struct call *find_call(long number)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (calls[i].number == number)
            return &calls[i];
    }
    return NULL;
}

/* The arguments that tell why the call does not wait. */
static void describe(long number, const struct seen *seen,
                     char call[SPIN_CALL_BYTES])
{
    const struct call *known = find_call(number);
    if (known == NULL) {
        (void)snprintf(call, SPIN_CALL_BYTES, "system call %ld", number);
        return;
    }
    char first[16] = "";
    const char *more = "";
    if (known->takes_fd)
        (void)snprintf(first, sizeof(first), "%d", (int)seen->args[0]);
    if (known->flags_arg && seen->args[known->flags_arg] & MSG_DONTWAIT)
        more = ", MSG_DONTWAIT";
    if (known->timeout_arg && (int)seen->args[known->timeout_arg] == 0)
        more = ", timeout 0";
    if (*first == '\0' && *more)
        more += 2;
    (void)snprintf(call, SPIN_CALL_BYTES, "%s(%s%s)", known->name, first, more);
}

void spin_call(pid_t pid, char call[SPIN_CALL_BYTES])
{
    const struct timespec pause = {.tv_nsec = 1000000};
    struct seen *seen = calloc(CALLS, sizeof(*seen));
    call[0] = '\0';
    if (seen == NULL)
        return;
    for (int i = 0; i < SAMPLES; i++) {
        look(pid, seen);
        (void)nanosleep(&pause, NULL); /* samples are to be independent */
    }
    long number = most_frequent(seen);
    if (number >= 0)
        describe(number, &seen[number], call);
    free(seen);
}

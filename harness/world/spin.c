/* Finding a program that polls; see spin.h.
 *
 * UML runs each address space of the guest as a traced process of the host.  At
 * a system call (or page fault) the process stops, and that is counted: its
 * voluntary context switches are its turns.
 *
 * While a program polls and virtual time stands still nobody else's turn comes:
 * no timer ends, no packet arrives.  Work is different.  A link under full load
 * uses most of the guest's processor time in one process, the emulator's, but
 * each packet is somebody's who takes turns, too; so how the processor's time
 * is divided would tell nothing, and is asked only of a process that calls
 * nothing at all.
 *
 * A program may also work alone for a while: read a file byte by byte, say.  So
 * the call decides how many turns are enough.  Most of those that look for
 * something to do can be told by their name; for the others (read(2) of an
 * empty socket, read(2) of a file) only patience helps.
 *
 * /proc/PID/syscall shows the call and its arguments: "45 0x3 0x7ffe… 0x400
 * 0x40 0x0 0x0 SP PC", or "running" between two calls, or -1 while the guest's
 * kernel is about to resume it. */
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
    ENOUGH_TURNS = 20000,         /* of a call that does no work */
    ENOUGH_OTHER_TURNS = 2000000, /* of one that may */
    TURNS_PER_TURN_OF_OTHERS = 1000,
    ENOUGH_TICKS = 1000, /* of a process that calls nothing */
    NO_TURNS = 100,      /* page faults, mostly */
    NEARLY_ALL_PERCENT = 90,
    SAMPLES = 200,
    CALLS = 512,
    ARGS = 6,
};

/* ---- Turns and time --------------------------------------------------------
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

static long read_turns(pid_t pid)
{
    static const char key[] = "voluntary_ctxt_switches:";
    char path[64], line[256];
    long turns = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, key, sizeof(key) - 1) == 0)
            turns = strtol(line + sizeof(key) - 1, NULL, 10);
    }
    if (file)
        (void)fclose(file);
    return turns;
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
        process->turns = read_turns(pid);
        survey->count++;
    }
    if (dir)
        (void)closedir(dir);
}

static struct spin_process find_process(const struct spin_survey *survey,
                                        pid_t pid)
{
    for (size_t i = 0; i < survey->count; i++) {
        if (survey->processes[i].pid == pid)
            return survey->processes[i];
    }
    return (struct spin_process){.pid = pid};
}

/* Who ended in between got on, too. */
static bool all_still_live(const struct spin_survey *before,
                           const struct spin_survey *after)
{
    for (size_t i = 0; i < before->count; i++) {
        pid_t pid = before->processes[i].pid;
        size_t k = 0;
        while (k < after->count && after->processes[k].pid != pid)
            k++;
        if (k == after->count)
            return false;
    }
    return true;
}

/* What each has used between two surveys. */
static struct spin_survey difference(const struct spin_survey *before,
                                     const struct spin_survey *after)
{
    struct spin_survey used = *after;
    for (size_t i = 0; i < used.count; i++) {
        struct spin_process *process = &used.processes[i];
        struct spin_process then = find_process(before, process->pid);
        process->turns -= then.turns;
        process->ticks -= then.ticks;
    }
    return used;
}

static bool computes_alone(const struct spin_process *one,
                           const struct spin_process *all)
{
    return all->turns < NO_TURNS && all->ticks >= ENOUGH_TICKS &&
           one->ticks * 100 >= all->ticks * NEARLY_ALL_PERCENT;
}

int spin_find(const struct spin_survey *before, const struct spin_survey *after,
              struct spin_suspect *suspect)
{
    struct spin_survey used = difference(before, after);
    struct spin_process all = {0}, caller = {0}, worker = {0};
    for (size_t i = 0; i < used.count; i++) {
        const struct spin_process *process = &used.processes[i];
        all.turns += process->turns;
        all.ticks += process->ticks;
        if (process->turns > caller.turns)
            caller = *process;
        if (process->ticks > worker.ticks)
            worker = *process;
    }
    if (!all_still_live(before, after))
        return 0;
    if (all.turns < ENOUGH_TURNS) {
        *suspect = (struct spin_suspect){worker.pid, worker.turns};
        return computes_alone(&worker, &all) ? 1 : -EAGAIN;
    }
    *suspect = (struct spin_suspect){caller.pid, caller.turns};
    long others = all.turns - caller.turns;
    return others * TURNS_PER_TURN_OF_OTHERS <= caller.turns;
}

/* ---- Its calls ------------------------------------------------------------
 */

struct call {
    long number;
    const char *name;
    bool looks; /* it does no work: who calls it alone for long only looks */
    bool takes_fd;
    int flags_arg;   /* which argument holds MSG_ flags, or 0 */
    int timeout_arg; /* which holds a timeout in ms, or 0 */
};

static const struct call calls[] = {
    {SYS_read, "read", false, true, 0, 0},
    {SYS_write, "write", false, true, 0, 0},
    {SYS_recvfrom, "recvfrom", true, true, 3, 0},
    {SYS_recvmsg, "recvmsg", true, true, 2, 0},
    {SYS_recvmmsg, "recvmmsg", true, true, 3, 0},
    {SYS_sendto, "sendto", false, true, 3, 0},
    {SYS_sendmsg, "sendmsg", false, true, 2, 0},
    {SYS_accept, "accept", true, true, 0, 0},
    {SYS_accept4, "accept4", true, true, 0, 0},
    {SYS_connect, "connect", true, true, 0, 0},
    {SYS_getsockopt, "getsockopt", true, true, 0, 0},
    {SYS_ioctl, "ioctl", true, true, 0, 0},
    {SYS_lseek, "lseek", false, true, 0, 0},
    {SYS_poll, "poll", true, false, 0, 2},
    {SYS_ppoll, "ppoll", true, false, 0, 0},
    {SYS_select, "select", true, false, 0, 0},
    {SYS_pselect6, "pselect6", true, false, 0, 0},
    {SYS_epoll_wait, "epoll_wait", true, true, 0, 3},
    {SYS_epoll_pwait, "epoll_pwait", true, true, 0, 3},
    {SYS_epoll_pwait2, "epoll_pwait2", true, true, 0, 0},
    {SYS_sched_yield, "sched_yield", true, false, 0, 0},
    {SYS_waitid, "waitid", true, false, 0, 0},
    {SYS_wait4, "wait4", true, false, 0, 0},
    {SYS_futex, "futex", true, false, 0, 0},
    {SYS_stat, "stat", false, false, 0, 0},
    {SYS_newfstatat, "newfstatat", false, false, 0, 0},
    {SYS_clock_gettime, "clock_gettime", true, false, 0, 0},
    {SYS_gettimeofday, "gettimeofday", true, false, 0, 0},
    {SYS_time, "time", true, false, 0, 0},
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

/* Looks at it again and again.  Returns the call it is met in most often, or
 * -1. */
static long sample(pid_t pid, struct seen *seen_last)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    struct seen *seen = calloc(CALLS, sizeof(*seen));
    if (seen == NULL)
        return -1;
    for (int i = 0; i < SAMPLES; i++) {
        look(pid, seen);
        (void)nanosleep(&pause, NULL); /* samples are to be independent */
    }
    long number = most_frequent(seen);
    if (number >= 0)
        *seen_last = seen[number];
    free(seen);
    return number;
}

int spin_judge(const struct spin_suspect *suspect, char call[SPIN_CALL_BYTES])
{
    struct seen seen;
    call[0] = '\0';
    if (suspect->turns < NO_TURNS)
        return 1; /* it calls nothing */
    long number = sample(suspect->pid, &seen);
    const struct call *known = find_call(number);
    if (number >= 0)
        describe(number, &seen, call);
    bool looks = known && known->looks;
    return looks || suspect->turns >= ENOUGH_OTHER_TURNS ? 1 : -EAGAIN;
}

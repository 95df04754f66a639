/* tries: ptrace, /proc writes, priorities, the machine's knobs
 * points: 0
 * ends: exited with 0 before it listened
 * says: tried */
#include "hostile.h"

#include <sys/ptrace.h>
#include <sys/resource.h>

static void overwrite(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    attempt(path, fd >= 0 && write(fd, text, strlen(text)) > 0);
}

int main(void)
{
    attempt("traced pid 1", ptrace(PTRACE_ATTACH, 1, 0, 0) == 0);
    attempt("seized pid 1", ptrace(PTRACE_SEIZE, 1, 0, 0) == 0);
    overwrite("/proc/1/mem", "x");
    overwrite("/proc/1/oom_score_adj", "1000");
    overwrite("/proc/self/oom_score_adj", "-1000");
    overwrite("/proc/sys/kernel/core_pattern", "|/work/core");
    overwrite("/proc/sys/kernel/hostname", "x");
    overwrite("/proc/sys/net/ipv4/ip_forward", "1");
    overwrite("/proc/sys/vm/drop_caches", "1");
    overwrite("/proc/sysrq-trigger", "c");
    overwrite("/proc/self/setgroups", "allow");
    attempt("raised its priority", setpriority(PRIO_PROCESS, 0, -5) == 0);
    return tried();
}

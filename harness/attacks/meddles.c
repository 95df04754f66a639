/* Tries to kill, trace, limit or look into processes that are not its own:
 * every pid it can name, pid 1 above all. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MAX_PID = 70000 };

static int can_open(int pid, const char *name)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
    int fd = open(path, O_RDONLY | O_DIRECTORY * (name[0] == 'f'));
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void meddle(int pid)
{
    char what[64], byte;
    struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};
    snprintf(what, sizeof(what), "traced pid %d", pid);
    attempt(what, ptrace(PTRACE_ATTACH, pid, 0, 0) == 0);
    snprintf(what, sizeof(what), "read the memory of pid %d", pid);
    attempt(what, process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0);
    snprintf(what, sizeof(what), "listed the descriptors of pid %d", pid);
    attempt(what, can_open(pid, "fd"));
    snprintf(what, sizeof(what), "opened the memory of pid %d", pid);
    attempt(what, can_open(pid, "mem"));
    snprintf(what, sizeof(what), "read the environment of pid %d", pid);
    attempt(what, can_open(pid, "environ"));
    kill(pid, SIGTERM);
    kill(pid, SIGKILL);
}

int main(int argc, char **argv)
{
    /* The pids, as the machine counts them, of those we must not reach. */
    for (int i = 1; i < argc; i++) {
        char what[64];
        int pid = atoi(argv[i]);
        snprintf(what, sizeof(what), "signalled pid %d", pid);
        attempt(what, pid != getpid() && pid != 1 && kill(pid, 0) == 0);
    }
    for (int pid = 1; pid < MAX_PID; pid++) {
        if (pid != getpid() && (kill(pid, 0) == 0 || errno == EPERM))
            meddle(pid);
    }
    kill(-1, SIGKILL); /* everybody but pid 1 and ourselves */
    attempt("outlived pid 1", kill(1, 0) < 0);
    tried();
    return 0;
}

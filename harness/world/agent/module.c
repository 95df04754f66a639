/* Kernel modules: those that nets need at once, and a way for the kernel to
 * load any other by itself.
 *
 * modprobe(8) looks for them below lib/modules; UML's lie elsewhere, in the
 * host's /usr, which is read-only.  So a directory of ours leads there, and
 * what the kernel calls is a script that says so. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world/agent/agent.h"

#define BASE "/run/modules"
#define HELPER BASE "/modprobe"

static int write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0)
        return -errno;
    ssize_t n = write(fd, text, strlen(text));
    int error = n < 0 ? -errno : 0;
    (void)close(fd);
    return error;
}

/* Output goes to the console, whose tail is shown when a guest fails. */
static int run(const char *const *argv)
{
    int status;
    pid_t pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0) {
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    if (waitpid(pid, &status, 0) < 0)
        return -errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? -ENOENT : 0;
}

int modules_load(const char *dir)
{
    static const char script[] =
        "#!/bin/sh\nexec /usr/sbin/modprobe -d " BASE " \"$@\"\n";
    static const char helper[] = HELPER;
    /* All others come when something asks for them.  These would too, but a
     * test's time is already running then. */
    static const char *const wanted[] = {
        helper,      "-a",       "-q",        "tun",  "veth", "bridge",
        "sch_netem", "udp_diag", "unix_diag", "ipv6", NULL};
    int error = make_dirs(BASE "/lib");
    if (error == 0 && symlink(dir, BASE "/lib/modules") < 0)
        error = -errno;
    if (error == 0)
        error = write_file(HELPER, script, 0755);
    if (error == 0)
        error = write_file("/proc/sys/kernel/modprobe", HELPER, 0);
    /* One that this kernel lacks, or has built in, is missed by who needs it.
     */
    return error ? error : run(wanted);
}

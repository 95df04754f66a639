/* tries: namespaces, mounts, chroot, devices, setuid, BPF, keys
 * points: 0
 * ends: exited with 0 before it listened
 * says: tried */
#include "hostile.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

int main(void)
{
    char attr[256] = {0};
    attempt("made a user namespace", unshare(CLONE_NEWUSER) == 0);
    attempt("made a network", unshare(CLONE_NEWNET) == 0);
    attempt("cloned a user namespace",
            syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) > 0);
    attempt("entered a namespace", setns(0, 0) == 0);
    attempt("mounted", mount("none", "/work", "tmpfs", 0, NULL) == 0);
    attempt("remounted",
            mount(NULL, "/lab", NULL, MS_REMOUNT | MS_BIND, NULL) == 0);
    attempt("changed its root", chroot("/work") == 0);
    attempt("made a device",
            mknod("disk", S_IFBLK | 0600, makedev(254, 0)) == 0);
    attempt("became root", setuid(0) == 0 || setgid(0) == 0);
    attempt("used BPF", syscall(SYS_bpf, 0, attr, sizeof(attr)) >= 0);
    attempt("used perf", syscall(SYS_perf_event_open, attr, 0, -1, -1, 0) >= 0);
    attempt("used keys", syscall(SYS_add_key, "user", "k", "v", 1, -3) >= 0);
    attempt("made an io_uring", syscall(SYS_io_uring_setup, 4, attr) >= 0);
    return tried();
}

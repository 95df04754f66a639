/* User namespaces: how an ordinary user becomes root of a small world.
 *
 * In a new user namespace a process has every capability, but only over what
 * that namespace owns; made in the same call, the new network and mount
 * namespaces belong to it.  One user id is mapped, ours to 0, which needs no
 * help from outside; the kernel then wants setgroups(2) denied first, or a
 * process could drop a group that forbids it something (user_namespaces(7)). */
#include "topo/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "topo/topo.h"

static int write_self(const char *name, const char *text)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/%s", name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n = write(fd, text, strlen(text));
    int result = n < 0 ? -errno : 0;
    close(fd);
    return result;
}

static int map_to_root(uid_t uid, gid_t gid, char *what)
{
    char uid_map[32], gid_map[32];
    snprintf(uid_map, sizeof(uid_map), "0 %u 1\n", uid);
    snprintf(gid_map, sizeof(gid_map), "0 %u 1\n", gid);
    int error = write_self("setgroups", "deny");
    if (error == 0)
        error = write_self("uid_map", uid_map);
    if (error == 0)
        error = write_self("gid_map", gid_map);
    if (error < 0)
        snprintf(what, CELL_ERROR_BYTES, "cannot map its user to root");
    return error;
}

int userns_unshare(int flags, char *what)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (unshare(CLONE_NEWUSER | flags) < 0) {
        int error = -errno;
        snprintf(what, CELL_ERROR_BYTES,
                 "cannot make namespaces (\"wirelab doctor\" tells why)");
        return error;
    }
    return map_to_root(uid, gid, what);
}

int cell_unshare(int flags, char *what)
{
    if (geteuid() == 0 && unshare(flags) == 0)
        return 0;
    /* Root without CAP_SYS_ADMIN, as in a container, is an ordinary user. */
    return userns_unshare(flags, what);
}

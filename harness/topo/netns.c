/* Network namespaces without names; see netns.h.
 *
 * A namespace lives as long as a process is in it or a descriptor holds it, so
 * one that only we hold vanishes with us, whatever kills us.  Namespaces belong
 * to threads, not to processes: a thread that works in a host does not move the
 * others, and both /proc/sys/net and a new socket follow the thread. */
#include "topo/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "topo/netlink.h"

/* Where this thread started; -1 while it is there.  Per thread, because where
 * to go back to is. */
static _Thread_local int home_fd = -1;

static int open_current(void)
{
    int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int netns_enter(int netns_fd)
{
    int home = home_fd >= 0 ? home_fd : open_current();
    if (home < 0)
        return home;
    int result = setns(netns_fd, CLONE_NEWNET) < 0 ? -errno : 0;
    if (result == 0)
        home_fd = home;
    else if (home != home_fd)
        close(home);
    return result;
}

int netns_leave(void)
{
    if (home_fd < 0)
        return 0;
    if (setns(home_fd, CLONE_NEWNET) < 0)
        return -errno;
    close(home_fd);
    home_fd = -1;
    return 0;
}

int netns_new(void)
{
    int home = open_current();
    if (home < 0)
        return home;
    int fd = unshare(CLONE_NEWNET) < 0 ? -errno : open_current();
    int back = setns(home, CLONE_NEWNET) < 0 ? -errno : 0;
    close(home);
    if (back < 0 && fd >= 0) {
        close(fd);
        return back;
    }
    return fd;
}

int netns_sysctl(const char *path, const char *value)
{
    char file[256];
    int n = snprintf(file, sizeof(file), "/proc/sys/%s", path);
    if (n < 0 || (size_t)n >= sizeof(file))
        return -ENAMETOOLONG;
    int fd = open(file, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t written = write(fd, value, strlen(value));
    int result = written < 0 ? -errno : 0;
    close(fd);
    return result;
}

int netns_loopback_up(void)
{
    struct rtnl rtnl;
    struct ifinfomsg lo = {
        .ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    int error = rtnl_open(&rtnl);
    if (error < 0)
        return error;
    rtnl_begin(&rtnl, RTM_NEWLINK, 0, &lo, sizeof(lo));
    error = rtnl_commit(&rtnl);
    rtnl_close(&rtnl);
    return error;
}

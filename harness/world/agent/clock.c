/* The guest's clock: reading it, and telling the host how far it has come.
 *
 * The agent lives as long as its guest, and what it does must not depend on
 * what it did before: in virtual time every test begins alike (virtual.c).  So
 * it asks the kernel for the time.  Of the reads that need no system call the
 * kernel lets every 32nd take time, and which one that is only the agent's past
 * would know.  And its heart beats in step with the test that it runs. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "world/agent/agent.h"

static int file_fd = -1, timer_fd = -1;

int64_t now_ns(void)
{
    struct timespec now;
    (void)syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* The file stays open when the mount is gone: nothing else can reach it. */
int clock_open(const char *dir)
{
    if (mount("clock", "/run", "hostfs", MS_NOSUID | MS_NODEV, dir) < 0)
        return -errno;
    file_fd = open("/run/clock", O_RDWR | O_CLOEXEC);
    int error = file_fd < 0 ? -errno : 0;
    (void)umount2("/run", MNT_DETACH);
    return error;
}

int clock_start(void)
{
    timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    clock_restart();
    beat();
    return timer_fd;
}

void clock_restart(void)
{
    const struct itimerspec second = {.it_interval.tv_sec = 1,
                                      .it_value.tv_sec = 1};
    (void)timerfd_settime(timer_fd, 0, &second, NULL);
}

void beat(void)
{
    int64_t ns = now_ns();
    struct timespec now = {.tv_sec = ns / 1000000000,
                           .tv_nsec = ns % 1000000000};
    const struct timespec times[] = {now, now};
    /* A host that cannot be told kills the guest, which is as it should be. */
    (void)futimens(file_fd, times);
}

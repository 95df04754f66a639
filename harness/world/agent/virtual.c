/* A test in virtual time begins like any other that had the same seed.
 *
 * What a run could still inherit from the guest's past is made the same before
 * each errand, so that its place in the row does not matter:
 *
 *   - the phase of the clock.  A jiffy is 10 ms, and the kernel's timer wheel
 *     rounds the longer timers to 8, 64, 512 and 4096 of them, counted from
 *     boot; and the kernel looks after itself every 1, 2, 5, 30 or 60 s.  So an
 *     errand begins at a multiple of all these, and so does the agent's own
 *     second.  The wait costs 0.1 s, since nobody else has anything to do
 *     meanwhile.
 *   - chance.  The kernel starts its random numbers anew from the test's name
 *     and seed (kernel/01-repeatable-random.patch): ports, initial sequence
 *     numbers and what programs draw themselves.
 *   - the date, which is the same midnight every time.
 *
 * And one guest is as large as the other (see fix_addresses() in warden.c).
 * Where that cannot be had, a few MiB more or less are all the difference, and
 * would show in the limits that the kernel derives from its memory: those of
 * TCP are set to round numbers of about the same size. */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "world/agent/agent.h"

enum {
    JIFFY_NS = 10000000,
    PERIOD_JIFFIES = 8 * 4096 * 375, /* 34 hours */
    KEY_BYTES = 32,
    MIDNIGHT = 1893456000, /* of 1 January 2030, UTC */
};

bool virtual_clock(void)
{
    return getenv("WIRELAB_VIRTUAL_CLOCK") != NULL;
}

struct setting {
    const char *name, *value;
};

static const struct setting settings[] = {
    {"net/ipv4/tcp_rmem", "4096 131072 4194304"}, /* bytes */
    {"net/ipv4/tcp_wmem", "4096 16384 4194304"},
    {"net/ipv4/tcp_mem", "6144 8192 12288"}, /* pages */
    {"net/ipv4/udp_mem", "12288 16384 24576"},
    /* A suite reserves more than a guest has, and may fork all the same. */
    {"vm/overcommit_memory", "1"},
};

/* Every network namespace begins with the settings of the first. */
int virtual_setup(void)
{
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        char path[64];
        size_t length = strlen(settings[i].value);
        (void)snprintf(path, sizeof(path), "/proc/sys/%s", settings[i].name);
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
            return -errno;
        ssize_t n = write(fd, settings[i].value, length);
        int error = n < 0 ? -errno : 0;
        (void)close(fd);
        if (error < 0)
            return error;
    }
    return 0;
}

static void align_clock(void)
{
    const int64_t period_ns = (int64_t)PERIOD_JIFFIES * JIFFY_NS;
    int64_t next_ns = (now_ns() / period_ns + 1) * period_ns;
    const struct timespec at = {.tv_sec = next_ns / 1000000000,
                                .tv_nsec = next_ns % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
        ;
}

/* FNV-1a, with the place of the byte that is made from it in the beginning. */
static uint8_t byte_of(const char *const *words, int place)
{
    uint64_t hash = 0xcbf29ce484222325u + (uint64_t)place;
    for (size_t i = 0; words[i]; i++) {
        for (const char *p = words[i]; *p; p++)
            hash = (hash ^ (uint8_t)*p) * 0x100000001b3u;
    }
    return (uint8_t)(hash >> 32);
}

/* Of the words only those count that are the same in each run of the test. */
static void restart_chance(const char *const *argv)
{
    const char *named[] = {"", "", NULL};
    uint8_t key[KEY_BYTES];
    for (size_t i = 0; argv[i] && argv[i + 1]; i++) {
        if (strcmp(argv[i], "--run") == 0)
            named[0] = argv[i + 1];
        else if (strcmp(argv[i], "--seed") == 0)
            named[1] = argv[i + 1];
    }
    for (int i = 0; i < KEY_BYTES; i++)
        key[i] = byte_of(named, i);
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    /* A kernel without that patch takes no notice. */
    (void)ioctl(fd, RNDCLEARPOOL, key);
    (void)close(fd);
}

void virtual_begin(const char *const *argv)
{
    const struct timespec midnight = {.tv_sec = MIDNIGHT};
    align_clock();
    clock_restart();
    (void)clock_settime(CLOCK_REALTIME, &midnight);
    restart_chance(argv);
}

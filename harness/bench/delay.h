/* How exactly a link keeps its delay, seen from outside the emulator.
 *
 * A host sends a datagram every millisecond with the time in it; the kernel of
 * the other one stamps its arrival.  The error is the difference minus the
 * profile's delay: it holds everything the emulator adds, on the way in (being
 * woken for a packet), in its own work and on the way out (being woken when the
 * packet is due). */
#ifndef BENCH_DELAY_H
#define BENCH_DELAY_H

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "bench/traffic.h"
#include "link/lateness.h"

enum { DELAY_BEATS = 3000, DELAY_MS = 10, DELAY_MAX_HOGS = 64 };

static inline int64_t delay_wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now); /* the kernel's stamps are of it */
    return now.tv_sec * SECONDS(1) + now.tv_nsec;
}

/* Beats time until all is sent. */
static inline void *delay_beat(void *context)
{
    int fd = *(int *)context;
    int64_t next_ns = clock_now_ns();
    for (int i = 0; i < DELAY_BEATS; i++) {
        next_ns += MSECONDS(1);
        struct timespec until = {.tv_sec = next_ns / SECONDS(1),
                                 .tv_nsec = next_ns % SECONDS(1)};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL))
            continue;
        int64_t sent_ns = delay_wall_ns();
        (void)send(fd, &sent_ns, sizeof(sent_ns), 0);
    }
    return NULL;
}

/* Receives one beat.  Returns the time it took. */
static inline int64_t delay_of_next(int fd)
{
    int64_t sent_ns = 0;
    struct timespec stamp = {0};
    union {
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
        struct cmsghdr align;
    } control;
    struct iovec part = {.iov_base = &sent_ns, .iov_len = sizeof(sent_ns)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    traffic_check(recvmsg(fd, &message, 0) == sizeof(sent_ns), "recvmsg");
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h;
         h = CMSG_NXTHDR(&message, h)) {
        if (h->cmsg_type == SO_TIMESTAMPNS)
            memcpy(&stamp, CMSG_DATA(h), sizeof(stamp));
    }
    traffic_check(stamp.tv_sec != 0, "no time stamp came");
    return stamp.tv_sec * SECONDS(1) + stamp.tv_nsec - sent_ns;
}

/* Processes that keep every core busy. */
struct delay_hogs {
    pid_t pids[DELAY_MAX_HOGS];
    int count;
};

static inline void delay_hogs_start(struct delay_hogs *hogs)
{
    hogs->count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    for (int i = 0; i < hogs->count && i < DELAY_MAX_HOGS; i++) {
        hogs->pids[i] = fork();
        if (hogs->pids[i] != 0)
            continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (volatile unsigned n = 0;; n++)
            continue;
    }
}

static inline void delay_hogs_stop(struct delay_hogs *hogs)
{
    for (int i = 0; i < hogs->count; i++) {
        kill(hogs->pids[i], SIGKILL);
        (void)waitpid(hogs->pids[i], NULL, 0);
    }
    hogs->count = 0;
}

/* Measures DELAY_BEATS errors.  Clears `errors` first. */
static inline void delay_measure(bool loaded, struct lateness *errors)
{
    struct delay_hogs hogs = {0};
    int on = 1;
    struct net *net = net_new(_seed());
    struct host *a = net_host(net, "left"), *b = net_host(net, "right");
    net_link(a, b, "delay 10ms");
    int rx = traffic_socket(b, SOCK_DGRAM, b, NULL);
    int tx = traffic_socket(a, SOCK_DGRAM, NULL, b);
    setsockopt(rx, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
    memset(errors, 0, sizeof(*errors));
    if (loaded)
        delay_hogs_start(&hogs);
    pthread_t thread;
    pthread_create(&thread, NULL, delay_beat, &tx);
    for (int i = 0; i < DELAY_BEATS; i++) {
        int64_t error_ns = delay_of_next(rx) - MSECONDS(DELAY_MS);
        lateness_add(errors, MSECONDS(DELAY_MS), llabs(error_ns), 1);
    }
    pthread_join(thread, NULL);
    delay_hogs_stop(&hogs);
    close(rx);
    close(tx);
}

#endif

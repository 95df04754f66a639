/* The wire engine's thread.
 *
 * It sleeps in epoll_pwait2 until a device has packets, the test's thread wants
 * something, or the next pending packet is nearly due.  The last 50 us before
 * a due time it does not sleep but polls, since waking up takes that long; with
 * WIRELAB_NO_SPIN in the environment it never does, because in a world whose
 * clock stands still while a program runs, polling would last for ever.
 *
 * A device is read until it is empty, but at most BURST packets at a time so
 * that one busy device cannot make the others late. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "link/wire.h"

enum { BURST = 64, MAX_EVENTS = 64, FIFO_PRIORITY = 10 };

#define SPIN_NS USECONDS(50)

/* Without privilege we stay an ordinary thread, and are later when the machine
 * is busy; the lateness says so. */
static void become_punctual(void)
{
    struct sched_param fifo = {.sched_priority = FIFO_PRIORITY};
    (void)pthread_setschedparam(pthread_self(), SCHED_FIFO, &fifo);
    (void)prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
}

/* Reads one packet.  Returns NULL when the device has none. */
static struct flight *read_packet(struct wire *wire,
                                  struct direction *direction)
{
    size_t room =
        direction->link->large ? FLIGHT_LARGE_BYTES : FLIGHT_SMALL_BYTES;
    struct flight *flight = flight_take(wire->flights, room);
    if (flight == NULL)
        flight = wire->spare;
    ssize_t n = read(direction->fd, flight_vnet(flight), room + VNET_BYTES);
    if (n > (ssize_t)VNET_BYTES) {
        flight->direction = direction;
        flight->bytes = (uint32_t)n - VNET_BYTES;
        return flight;
    }
    if (flight != wire->spare)
        flight_give(wire->flights, flight);
    return NULL;
}

static void read_burst(struct wire *wire, struct direction *direction)
{
    for (int i = 0; i < BURST; i++) {
        struct flight *flight = read_packet(wire, direction);
        if (flight == NULL)
            return;
        wire_deliver_due(wire);
        flight->sent_ns = clock_now_ns();
        wire_offer(wire, flight);
    }
}

static void answer_call(struct wire *wire)
{
    uint64_t calls;
    if (read(wire->control_fd, &calls, sizeof(calls)) < 0)
        return; /* EAGAIN: not called after all */
    wire->call.fn(wire, wire->call.context);
    sem_post(&wire->call.done);
}

static int wait_ready(struct wire *wire, int64_t next_ns,
                      struct epoll_event *events)
{
    struct timespec timeout = {0};
    if (next_ns == INT64_MAX)
        return epoll_pwait2(wire->epoll_fd, events, MAX_EVENTS, NULL, NULL);
    int64_t wait_ns = next_ns - clock_now_ns() - wire->spin_ns;
    if (wait_ns > 0) {
        timeout.tv_sec = wait_ns / SECONDS(1);
        timeout.tv_nsec = wait_ns % SECONDS(1);
    }
    return epoll_pwait2(wire->epoll_fd, events, MAX_EVENTS, &timeout, NULL);
}

static void *run(void *context)
{
    struct wire *wire = context;
    struct epoll_event events[MAX_EVENTS];
    become_punctual();
    while (!wire->stopping) {
        int64_t next_ns = wire_deliver_due(wire);
        capture_kick(wire->capture);
        int n = wait_ready(wire, next_ns, events);
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == NULL)
                answer_call(wire);
            else
                read_burst(wire, events[i].data.ptr);
        }
    }
    return NULL;
}

/* ---- From the test's thread ---------------------------------------------- */

static int watch(struct wire *wire, int fd, void *what)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    return epoll_ctl(wire->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno
                                                                    : 0;
}

int wire_watch(struct wire *wire, struct direction *direction)
{
    return watch(wire, direction->fd, direction);
}

/* Starts the thread with all signals blocked: they are the test's. */
static int spawn(struct wire *wire)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    int rc = pthread_create(&wire->thread, NULL, run, wire);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return -rc;
}

int wire_thread_start(struct wire *wire)
{
    wire->spin_ns = getenv("WIRELAB_NO_SPIN") ? 0 : SPIN_NS;
    sem_init(&wire->call.done, 0, 0);
    wire->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (wire->epoll_fd < 0)
        return -errno;
    wire->control_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wire->control_fd < 0)
        return -errno;
    int error = watch(wire, wire->control_fd, NULL);
    if (error == 0)
        error = spawn(wire);
    wire->running = error == 0;
    return error;
}

void wire_call(struct wire *wire, void (*fn)(struct wire *, void *),
               void *context)
{
    if (!wire->running) {
        fn(wire, context);
        return;
    }
    wire->call.fn = fn;
    wire->call.context = context;
    uint64_t one = 1;
    if (write(wire->control_fd, &one, sizeof(one)) < 0)
        abort(); /* a counter that nobody else uses cannot be full */
    while (sem_wait(&wire->call.done) < 0 && errno == EINTR)
        continue;
}

static void stop(struct wire *wire, void *context)
{
    (void)context;
    wire->stopping = true;
}

void wire_thread_stop(struct wire *wire)
{
    if (!wire->running)
        return;
    wire_call(wire, stop, NULL);
    pthread_join(wire->thread, NULL);
    wire->running = false;
    close(wire->epoll_fd);
    close(wire->control_fd);
    sem_destroy(&wire->call.done);
}

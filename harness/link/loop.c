/* The wire engine's thread.
 *
 * It sleeps in epoll_pwait2 until a device has packets, the test's thread wants
 * something, or the next pending packet is nearly due.  The last 50 us before
 * a due time it does not sleep but polls, since waking up takes that long. With
 * a virtual clock, which stands still while a program runs, it never does:
 * polling would last for ever.
 *
 * A device is read until it is empty, but at most BURST packets at a time so
 * that one busy device cannot make the others late.  For the same reason a
 * thread with real-time priority yields after each round: tests run side by
 * side, and their engines have the same priority.
 *
 * Where a link delays nothing, up to BATCH packets are read before the first is
 * written.  The kernel's two paths, of sending and of receiving, each run hot
 * that way, and the receiver is woken for many packets, not for one.  A packet
 * waits for those behind it, but only for those that were there already: some
 * 50 us where a device is never empty, nothing where it is. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "link/wire.h"

enum { BURST = 64, BATCH = 32, MAX_EVENTS = 64 };

#define SPIN_NS USECONDS(50)

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

/* How many packets may wait for each other: none that has to be on time, and
 * none that pushes the others out of the cache. */
static int batch_of(const struct wire *wire, const struct direction *direction)
{
    bool alone = direction->link->large || !direction->at_once ||
                 heap_peek(&wire->pending) != NULL;
    return alone ? 1 : BATCH;
}

/* Reads up to `most` packets.  Returns how many there were. */
static int read_batch(struct wire *wire, struct direction *direction,
                      struct flight **batch, int most)
{
    int n = 0;
    while (n < most) {
        struct flight *flight = read_packet(wire, direction);
        if (flight == NULL)
            break;
        flight->sent_ns = clock_now_ns();
        batch[n++] = flight;
        if (flight == wire->spare) /* there is only one */
            break;
    }
    return n;
}

static void read_burst(struct wire *wire, struct direction *direction)
{
    struct flight *batch[BATCH];
    for (int left = BURST; left > 0;) {
        int most = batch_of(wire, direction);
        int n = read_batch(wire, direction, batch, most);
        for (int i = 0; i < n; i++) {
            wire_deliver_due(wire);
            wire_offer(wire, batch[i]);
        }
        if (n < most)
            return;
        left -= n;
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

/* How long to sleep until `next_ns` has nearly come; negative: for ever. */
static int64_t pause_ns(const struct wire *wire, int64_t next_ns,
                        int64_t now_ns)
{
    if (next_ns == INT64_MAX)
        return -1;
    /* An ordinary thread only disturbs others by polling. */
    bool polls = wire->duty.ahead || !wire->duty.allowed;
    int64_t pause = next_ns - now_ns - (polls ? wire->spin_ns : 0);
    return pause > 0 ? pause : 0;
}

static int wait_ready(struct wire *wire, int64_t next_ns,
                      struct epoll_event *events)
{
    int64_t now_ns = clock_now_ns();
    int64_t pause = pause_ns(wire, next_ns, now_ns);
    struct timespec timeout = {.tv_sec = pause / SECONDS(1),
                               .tv_nsec = pause % SECONDS(1)};
    int n = epoll_pwait2(wire->epoll_fd, events, MAX_EVENTS,
                         pause < 0 ? NULL : &timeout, NULL);
    /* Polling is not sleeping. */
    duty_slept(&wire->duty, now_ns, pause == 0 ? now_ns : clock_now_ns());
    return n;
}

static void *run(void *context)
{
    struct wire *wire = context;
    struct epoll_event events[MAX_EVENTS];
    duty_begin(&wire->duty, clock_now_ns());
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
        if (wire->duty.ahead) /* an ordinary thread would yield to everybody */
            sched_yield();
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
    wire->spin_ns = clock_is_virtual() ? 0 : SPIN_NS;
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

/* router CONFIG IF=fd:N...: an IPv4 and IPv6 router in user space.
 *
 * One thread, which sleeps in ppoll(2) until a TAP has a frame, a timer is due
 * or a signal has come.  router.h draws the way of a packet. */
#include "router.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "say.h"

/* Frames taken from one TAP before the others get a look, and timers. */
enum { BURST = 64 };

static volatile sig_atomic_t stop_wanted, dump_wanted;

static void on_signal(int signal)
{
    if (signal == SIGUSR1)
        dump_wanted = 1;
    else
        stop_wanted = 1;
}

/* Signals come in ppoll(2) only, so that none is noticed a round too late. */
static void take_signals(sigset_t *waiting)
{
    static const int ours[] = {SIGUSR1, SIGTERM, SIGINT};
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t blocked;
    sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        sigaddset(&blocked, ours[i]);
        sigaction(ours[i], &action, NULL);
    }
    sigprocmask(SIG_BLOCK, &blocked, waiting);
}

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void read_burst(struct router *router, struct iface *iface)
{
    static uint8_t frame[FRAME_MAX_BYTES];
    for (int i = 0; i < BURST; i++) {
        ssize_t n = read(iface->fd, frame, sizeof(frame));
        if (n <= 0)
            return; /* EAGAIN: all are read; the rest will come again */
        frame_input(router, iface, frame, (size_t)n);
    }
}

/* Does what is due.  Returns how long nothing else is, in ms; -1: for ever. */
static int64_t tick(struct router *router)
{
    /* If there is no memory, it is tried again. */
    (void)routes_settle(&router->routes);
    router->now_ms = clock_ms();
    int64_t neigh_ms = neigh_tick(router), rip_ms = rip_tick(router);
    int64_t next_ms = neigh_ms < rip_ms ? neigh_ms : rip_ms;
    if (next_ms == INT64_MAX)
        return -1;
    return next_ms > router->now_ms ? next_ms - router->now_ms : 0;
}

/* Waits, and deals with the frames that have come. */
static int round_of(struct router *router, struct pollfd *wait, int64_t left_ms,
                    const sigset_t *waiting)
{
    struct timespec left = {left_ms / 1000, left_ms % 1000 * 1000000};
    int n =
        ppoll(wait, router->iface_count, left_ms < 0 ? NULL : &left, waiting);
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    router->now_ms = clock_ms();
    for (unsigned i = 0; n > 0 && i < router->iface_count; i++) {
        if (wait[i].revents & (POLLERR | POLLHUP | POLLNVAL))
            return -EIO;
        if (wait[i].revents)
            read_burst(router, &router->ifaces[i]);
    }
    return 0;
}

static int run(struct router *router)
{
    struct pollfd wait[ROUTER_MAX_IFACES];
    sigset_t waiting;
    for (unsigned i = 0; i < router->iface_count; i++)
        wait[i] = (struct pollfd){router->ifaces[i].fd, POLLIN, 0};
    take_signals(&waiting);
    router->now_ms = clock_ms();
    limit_init(&router->icmp_limit, router->icmp_limit.per_s,
               router->icmp_limit.burst, router->now_ms);
    int error = rip_start(router);
    if (error == 0)
        error = routes_settle(&router->routes);
    fputs("ready\n", stdout);
    fflush(stdout);
    while (error == 0 && !stop_wanted) {
        if (dump_wanted) {
            dump_wanted = 0;
            router_dump(router, stdout);
        }
        error = round_of(router, wait, tick(router), &waiting);
    }
    return error;
}

/* Returns 0, or a status with the complaint made. */
static int set_up(struct router *router, int argc, char **argv)
{
    char error[CONFIG_ERROR_BYTES];
    FILE *file = fopen(argv[1], "r");
    if (file == NULL) {
        say("cannot open %s: %s", argv[1], strerror(errno));
        return STATUS_TROUBLE;
    }
    int result = config_read(router, file, argv[1], error);
    fclose(file);
    for (int i = 2; result == 0 && i < argc; i++)
        result = config_attach(router, argv[i], error);
    if (result < 0) {
        say("%s", error);
        return STATUS_USAGE;
    }
    for (unsigned i = 0; i < router->iface_count; i++) {
        if (router->ifaces[i].fd < 0) {
            say("interface %s has no TAP: say %s=fd:N", router->ifaces[i].name,
                router->ifaces[i].name);
            return STATUS_USAGE;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct router router; /* large, and zero */
    if (argc < 3) {
        fputs("usage: router CONFIG IF=fd:N|IF=tap:NAME...\n", stderr);
        return STATUS_USAGE;
    }
    if (getrandom(&router.rip.chance, sizeof(router.rip.chance), 0) < 0 ||
        router.rip.chance == 0)
        router.rip.chance = 1;
    int status = set_up(&router, argc, argv);
    int error = status == 0 ? run(&router) : 0;
    if (error < 0) {
        say("cannot go on: %s", strerror(-error));
        status = STATUS_TROUBLE;
    }
    rip_fini(&router.rip);
    neigh_fini(&router.neighbours);
    routes_fini(&router.routes);
    return status;
}

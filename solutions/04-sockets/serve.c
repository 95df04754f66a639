/* A server's life; see serve.h.
 *
 * Who does what.  The first thread accepts clients and answers datagrams; each
 * client has a thread of its own which may block as it likes.  The two meet in
 * `struct crowd` alone: how many clients there are, under a mutex.
 *
 * Signals.  They are blocked in every thread, always, but for the moment in
 * which the first thread waits in ppoll(2).  So a SIGTERM can come neither
 * between the look at the flag and the wait (and be noticed a client too late)
 * nor in the midst of a client's write.  ppoll ends with EINTR then, which is
 * no error: it is what was hoped for.  SIGPIPE is ignored: a client that went
 * away is an error of one write, not the end of the server. */
#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "io.h"
//> #include "cli.h"

/* BEGIN SOLUTION 4 */
enum {
    FULL_PAUSE_MS = 100
}; /* out of descriptors or threads: wait for a
      client to leave, but look again after this */

static volatile sig_atomic_t stop_wanted, report_wanted;

static void on_signal(int signal)
{
    if (signal == SIGUSR1)
        report_wanted = 1;
    else
        stop_wanted = 1;
}

/* END SOLUTION */
/* BEGIN SOLUTION 1 */
struct crowd {
    pthread_mutex_t mutex;
    pthread_cond_t left; /* somebody left */
    int count;
};

struct client {
    const struct service *service;
    struct crowd *crowd;
    int fd;
};

static void crowd_add(struct crowd *crowd, int change)
{
    pthread_mutex_lock(&crowd->mutex);
    crowd->count += change;
    if (change < 0)
        pthread_cond_signal(&crowd->left);
    pthread_mutex_unlock(&crowd->mutex);
}

static int crowd_count(struct crowd *crowd)
{
    pthread_mutex_lock(&crowd->mutex);
    int count = crowd->count;
    pthread_mutex_unlock(&crowd->mutex);
    return count;
}

/* END SOLUTION */
/* BEGIN SOLUTION 4 */
static struct timespec in_ms(int64_t ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    int64_t ns = at.tv_nsec + ms % 1000 * 1000000;
    at.tv_sec += ms / 1000 + ns / 1000000000;
    at.tv_nsec = ns % 1000000000;
    return at;
}

/* Waits until at most `count` clients are left, or `ms` have passed. */
static void crowd_await(struct crowd *crowd, int count, int64_t ms)
{
    struct timespec until = in_ms(ms);
    int status = 0;
    pthread_mutex_lock(&crowd->mutex);
    while (crowd->count > count && status == 0)
        status = pthread_cond_timedwait(&crowd->left, &crowd->mutex, &until);
    pthread_mutex_unlock(&crowd->mutex);
}

/* END SOLUTION */
/* BEGIN SOLUTION 1 */
static void *client_main(void *argument)
{
    struct client client = *(struct client *)argument;
    free(argument);
    client.service->client(client.fd, client.service->context);
    close_gently(client.fd);
    crowd_add(client.crowd, -1);
    return NULL;
}

/* Starts a client's thread.  Returns 0 or -errno; `fd` is closed if not 0. */
static int admit(const struct service *service, struct crowd *crowd, int fd)
{
    struct client *client = malloc(sizeof(*client));
    if (client == NULL) {
        (void)close(fd); /* the client sees the end, and may try again */
        return -ENOMEM;
    }
    *client = (struct client){service, crowd, fd};
    crowd_add(crowd, 1);
    pthread_t thread;
    int error = pthread_create(&thread, NULL, client_main, client);
    if (error == 0)
        return -pthread_detach(thread);
    crowd_add(crowd, -1);
    free(client);
    (void)close(fd);
    return -error;
}

/* END SOLUTION */
/* BEGIN SOLUTION 4 */
/* Errors of accept(2) are of three kinds: nobody is there after all, or the
 * client was gone before it was let in (go on); the process is short of
 * something (the client still waits, and ppoll would report it again at once:
 * do not spin); our own mistake. */
static bool is_about_one_client(int error)
{
    return error == EAGAIN || error == EINTR || error == ECONNABORTED ||
           error == EPROTO || error == EPERM;
}

static bool is_shortage(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS ||
           error == ENOMEM || error == EAGAIN;
}

/* END SOLUTION */
/* BEGIN SOLUTION 1 */
/* DOC: take-client */
static int take_client(const struct service *service, struct crowd *crowd)
{
    int fd = accept4(service->tcp_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0 && is_about_one_client(errno))
        return 0;
    int error = fd < 0 ? -errno : admit(service, crowd, fd);
    if (error < 0 && is_shortage(-error)) {
        crowd_await(crowd, crowd_count(crowd) - 1, FULL_PAUSE_MS);
        return 0;
    }
    return error;
}

/* END SOLUTION */
/* BEGIN SOLUTION 4 */
/* Handlers without SA_RESTART: what a signal interrupts is to notice it.
 * Returns in `waiting` the mask for ppoll. */
static void take_signals(sigset_t *waiting)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t ours;
    sigemptyset(&ours);
    static const int signals[] = {SIGTERM, SIGINT, SIGUSR1};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        sigaddset(&ours, signals[i]);
        sigaction(signals[i], &action, NULL);
    }
    sigaction(SIGPIPE, &ignore, NULL);
    pthread_sigmask(SIG_BLOCK, &ours, waiting);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigdelset(waiting, signals[i]);
}

/* END SOLUTION */
/* BEGIN SOLUTION 1 */
/* DOC: serve-until-stopped */
static int serve_until_stopped(const struct service *service,
                               struct crowd *crowd, const sigset_t *waiting)
{
    struct pollfd wait[] = {{.fd = service->tcp_fd, .events = POLLIN},
                            {.fd = service->udp_fd, .events = POLLIN}};
    int error = 0;
    while (error == 0 && !stop_wanted) {
        if (report_wanted) {
            report_wanted = 0;
            fprintf(stderr, "clients: %d\n", crowd_count(crowd));
        }
        if (ppoll(wait, 2, NULL, waiting) < 0) {
            error = errno == EINTR ? 0 : -errno;
            continue;
        }
        if (wait[1].revents != 0)
            service->datagram(service->udp_fd, service->context);
        if (wait[0].revents != 0)
            error = take_client(service, crowd);
    }
    return error;
}

/* END SOLUTION */
int serve(const struct service *service)
{
    /* BEGIN SOLUTION 1 */
    /* Not on the stack: after a drain that was cut short, threads use it. */
    static struct crowd crowd = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&crowd.left, &monotonic);
    pthread_condattr_destroy(&monotonic);

    sigset_t waiting;
    take_signals(&waiting);
    int error = serve_until_stopped(service, &crowd, &waiting);

    (void)close(service->tcp_fd); /* from now on clients are refused */
    if (service->udp_fd >= 0)
        (void)close(service->udp_fd);
    crowd_await(&crowd, 0, SERVE_DRAIN_S * 1000);
    return error;
    /* END SOLUTION */
    //> (void)service;
    //> not_done(1, "serve() in serve.c");
}

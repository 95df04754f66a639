/* A server's life: take clients, run each in a thread of its own, stop. */
#ifndef SERVE_H
#define SERVE_H

enum { SERVE_DRAIN_S = 5 };

/* Serves one connection until it is over.  `fd` blocks; serve() closes it. */
typedef void client_fn(int fd, void *context);
/* Answers datagrams that wait on `fd`, without blocking. */
typedef void datagram_fn(int fd, void *context);

struct service {
    int tcp_fd; /* from listen_on(); serve() closes both */
    int udp_fd; /* or -1 */
    client_fn *client;
    datagram_fn *datagram; /* or NULL */
    void *context;
};

/* Serves until SIGTERM or SIGINT.  Then takes no more clients, waits up to
 * SERVE_DRAIN_S for those in hand, and returns.  SIGUSR1 prints one line,
 * "clients: N", to stderr.  SIGPIPE is ignored from here on.
 * Returns 0, or -errno if it could not go on. */
int serve(const struct service *service);

#endif

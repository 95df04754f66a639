/* The test's own sockets, opened in a host's namespace: a driver that speaks to
 * the program under test byte by byte.
 *
 * All are non-blocking inside and blocking to the caller, with a deadline. What
 * the peer does (refuses, closes, resets, is late) is returned, for the test to
 * judge; what the machine refuses is `infra`.  Errors are negative errno;
 * -ETIMEDOUT is the deadline. */
#ifndef WIRELAB_SOCK_H
#define WIRELAB_SOCK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <wirelab/net.h>
#include <wirelab/time.h>

/* A raw socket(2) in the host's namespace; set up as you like.  Close it with
 * close(2), or leave that to the end of the test. */
int host_socket(struct host *host, int domain, int type, int protocol);

/* Connects; `addr` is numeric, IPv4 or IPv6.  Returns the fd or -errno. */
int host_connect(struct host *host, const char *addr, uint16_t port,
                 int64_t timeout_ns);
/* A UDP socket, bound to `port` (0: any), not connected. */
int host_udp(struct host *host, uint16_t port);
/* A UDP socket connected to addr:port. */
int host_udp_connected(struct host *host, const char *addr, uint16_t port);
/* A listening TCP socket (dual stack if the net has IPv6). */
int host_listen(struct host *host, uint16_t port);
int sock_accept(int fd, int64_t timeout_ns);

/* Sends all bytes.  Returns 0 or -errno. */
int sock_send(int fd, const void *data, size_t bytes, int64_t timeout_ns);
int sock_puts(int fd, const char *text);
/* Receives exactly `bytes`, or less at the end of the stream.
 * Returns the count, or -errno. */
ssize_t sock_recv(int fd, void *data, size_t bytes, int64_t timeout_ns);
/* Receives up to and including '\n'; stores it without, NUL-terminated.
 * Returns the length, -ENODATA at the end of the stream, -EMSGSIZE. */
ssize_t sock_gets(int fd, char *line, size_t size, int64_t timeout_ns);
/* Returns 0 when the peer has closed its half, -EBUSY if data came instead. */
int sock_await_eof(int fd, int64_t timeout_ns);

/* One datagram to / from a numeric address; `addr` may be NULL when connected
 * or not wanted.  `addr` holds at least 46 bytes on receipt. */
int sock_sendto(int fd, const char *addr, uint16_t port, const void *data,
                size_t bytes);
ssize_t sock_recvfrom(int fd, void *data, size_t size, char *addr,
                      uint16_t *port, int64_t timeout_ns);

/* Closes with a RST instead of a FIN. */
void sock_reset(int fd);
/* shutdown(SHUT_WR). */
void sock_half_close(int fd);

#endif

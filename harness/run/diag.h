/* The sockets of a network namespace, asked of the kernel (sock_diag). */
#ifndef RUN_DIAG_H
#define RUN_DIAG_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "topo/topo.h"

struct diag_socket {
    int family, protocol; /* AF_INET or AF_INET6; IPPROTO_TCP or _UDP */
    int state;            /* TCP_ESTABLISHED ...; UDP: bound is TCP_CLOSE */
    uint8_t local[16], remote[16];
    uint16_t local_port, remote_port;
    uint32_t receive_queue_bytes, send_queue_bytes;
    unsigned retransmits; /* TCP: in a row, of the oldest segment */
    uint32_t inode;
};

enum { DIAG_ALL_STATES = -1 };

/* A socket that can ask about a host.  Returns it or -errno. */
int diag_open(const struct host *host);

/* Returns false to stop. */
typedef bool diag_fn(const struct diag_socket *socket, void *context);

/* Visits the sockets of a protocol, both families, whose state is in the mask
 * (1 << state).  Returns 0 or -errno. */
int diag_visit(int fd, int protocol, unsigned states, diag_fn *fn,
               void *context);

#endif

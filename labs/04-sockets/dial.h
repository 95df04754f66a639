/* A client's socket. */
#ifndef DIAL_H
#define DIAL_H

#include <stdbool.h>

struct dial_options {
    int type;       /* SOCK_STREAM or SOCK_DGRAM */
    int deadline_s; /* of each address tried, then of each wait */
    bool fast_open; /* let the first write travel in the SYN (RFC 7413) */
};

/* Connects to the first address of `host` (a name or a number) that can be
 * had, in the order in which the resolver gives them.
 * Returns the fd, or a negative number for dial_strerror. */
int dial(const char *host, const char *port,
         const struct dial_options *options);

/* What went wrong, as a text; resolver errors included. */
const char *dial_strerror(int error);

#endif

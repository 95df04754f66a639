/* What routers tell each other, as the tests see and say it. */
#ifndef TESTS_RIPNET_H
#define TESTS_RIPNET_H

#include "common.h"

enum { RIP_PORT = 520, RIP_INFINITY = 16 };

/* Adds an entry to a message: bytes 4 + 20 * i on. */
struct told {
    uint32_t prefix;
    uint32_t mask;
    uint32_t metric;
};
/* Writes a response.  Returns its length. */
size_t rip_message(uint8_t *message, const struct told *told, size_t count);
/* Sends it to the router from a socket of a's. */
void rip_tell(struct path *path, int fd, const struct told *told, size_t count);

/* The metric of a prefix in the last message that `from` sent on the link; 0 if
 * it is not there. */
int rip_metric(struct net *net, const struct link *link,
               const struct host *from, uint32_t prefix);
/* Waits until it is that. */
void rip_await_metric(struct net *net, const struct link *link,
                      const struct host *from, uint32_t prefix, int metric,
                      const char *what);

#endif

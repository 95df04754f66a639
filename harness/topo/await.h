/* Waiting for devices. */
#ifndef TOPO_AWAIT_H
#define TOPO_AWAIT_H

#include <netinet/in.h>

/* Waits until a device of the calling thread's namespace really moves packets,
 * and, unless `addr6` is NULL, until that address of it is answered for.
 * Returns 0, -ETIMEDOUT after some seconds, or -errno. */
int device_await(const char *name, const struct in6_addr *addr6);

#endif

/* Waiting for devices. */
#ifndef TOPO_AWAIT_H
#define TOPO_AWAIT_H

/* Waits until a device of the calling thread's namespace really moves packets.
 * Returns 0, -ETIMEDOUT after some seconds, or -errno. */
int device_await(const char *name);

#endif

/* Network namespaces without names, held by descriptors. */
#ifndef TOPO_NETNS_H
#define TOPO_NETNS_H

/* Makes a network namespace; the calling thread stays where it is.
 * Returns a descriptor that keeps it, or -errno. */
int netns_new(void);
/* Moves the calling thread into a namespace / back into the one it started in.
 * Entering another before leaving is allowed. Return 0 or -errno. */
int netns_enter(int netns_fd);
int netns_leave(void);
/* Writes a sysctl ("net/ipv4/ip_forward") of the calling thread's namespace.
 * Returns 0 or -errno. */
int netns_sysctl(const char *path, const char *value);
/* Sets lo up in the calling thread's namespace.  Returns 0 or -errno. */
int netns_loopback_up(void);

#endif

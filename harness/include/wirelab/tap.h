/* Hosts whose network stack is the program under test: routers, switches, TCPs.
 *
 *      struct host *router = net_tap_host(net, "router");
 *      struct link *left = net_ethernet(a, router, "delay 5ms loss 1%");
 *      struct link *right = net_ethernet(router, b, "");
 *      int fds[] = {host_tap(router, left), host_tap(router, right)};
 *      host_start_with(router, program("router"),
 *                      &(struct start_options){
 *                          .fds = fds, .fd_count = 2,
 *                          .fd_env = (const char *[]){"IF0_FD", "IF1_FD"}},
 *                      (const char *[]){"router.conf", "if0=fd:3", "if1=fd:4",
 *                                       NULL});
 *
 * The host's own kernel is no station of its links: it has no address there and
 * neither asks nor answers, neither by ARP nor by neighbour discovery.  What
 * host_addr_on(), host_addr6_on() and host_mac() say of such a host is what the
 * program should take for its own.  Works in both engines, with or without
 * root; the link may be impaired, scripted, cut and captured as any other. */
#ifndef WIRELAB_TAP_H
#define WIRELAB_TAP_H

#include <wirelab/net.h>

/* Adds such a host.  It may be joined to others by net_ethernet() and
 * net_lan() only.  host_forward() on it means: routes may lead through it. */
struct host *net_tap_host(struct net *net, const char *name);

/* The descriptor of a real TAP (IFF_TAP, no packet information, blocking):
 * read(2) gives one frame, Ethernet header first; write(2) sends one.  A frame
 * that exceeds the link's MTU is not sent.  Up to 10 000 frames wait for a
 * reader.  Ownership: the net's; a program is given a copy by start_options.fds
 * and several may have it one after the other. */
int host_tap(const struct host *host, const struct link *link);

#endif

/* The ends of a host whose program is its network stack; <wirelab/tap.h> says
 * what such a host is, tap.c how it is made.  The thread is in the host. */
#ifndef TOPO_TAP_H
#define TOPO_TAP_H

#include "topo/netlink.h"
#include "topo/topo.h"

/* Adds the address of the port's own device to a request: not the one of
 * port->mac, which is the program's. */
void tap_put_mac(struct rtnl *rtnl, const struct port *port);
/* Joins the port's device, which stands, to a new TAP: port->tap_fd. */
void tap_hand_over(struct port *port, unsigned mtu_bytes);
/* Waits until frames pass.  Returns 0 or -errno. */
int tap_await(const struct port *port);
/* Gives the TAP another MTU. */
void tap_set_mtu(const struct port *port, unsigned mtu_bytes);

#endif

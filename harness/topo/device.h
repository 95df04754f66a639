/* What every kind of device shares. */
#ifndef TOPO_DEVICE_H
#define TOPO_DEVICE_H

#include "topo/netlink.h"
#include "topo/topo.h"

enum device_kind { DEVICE_TUN, DEVICE_TAP, DEVICE_VETH };

/* Gives an existing device what its port says (addresses, MAC) and an MTU, and
 * sets it up.  The thread is in the port's host. */
void device_configure(const struct port *port, enum device_kind kind,
                      unsigned mtu_bytes);

/* Waits until whatever is sent there goes out, and what is sent to its
 * addresses is heard.  The thread is in the port's host. */
void device_await_port(const struct port *port);

/* Ends the run: /dev/net/tun refused (errno) to do `what` for the port. */
void device_tun_refused(const struct port *port, const char *what)
    __attribute__((noreturn));

/* rtnl_open and rtnl_commit whose failure is infra(): "WHERE DEVICE: cannot
 * WHAT: reason".  The second closes the socket. */
void device_open_rtnl(struct rtnl *rtnl);
void device_commit(struct rtnl *rtnl, const char *what, const char *device,
                   const char *where);

#endif

/* Devices: their addresses, and the TUN or TAP end of the wire engine.
 *
 *      host a [eth0]--fd--emulator--fd--[eth0] host b
 *
 * Taking down is left to the death of the namespace, which removes all its
 * devices in one go and in the background.  Closing the descriptor of a TUN
 * device would remove it at once and wait for that, 15 to 30 ms each; so it is
 * made persistent, which in a namespace without a name means: until that goes.
 * (Measured for two hosts: 40 ms against 2 ms.) */
#include "topo/device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/neighbour.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/testrun.h"
#include "topo/netlink.h"
#include "topo/await.h"
#include "topo/netns.h"
#include "topo/tap.h"

/* A full TUN queue drops without a word, so it is made longer than any burst a
 * test could send; loss is the profile's business. */
enum { TUN_QUEUE_PKTS = 10000 };

void device_open_rtnl(struct rtnl *rtnl)
{
    int error = rtnl_open(rtnl);
    if (error < 0)
        infra("cannot open a netlink socket: %s", strerror(-error));
}

void device_commit(struct rtnl *rtnl, const char *what, const char *device,
                   const char *where)
{
    int error = rtnl_commit(rtnl);
    rtnl_close(rtnl);
    if (error < 0)
        infra("%s %s: cannot %s: %s", where, device, what, rtnl->error);
}

/* ---- Addresses ----------------------------------------------------------- */

static void put_device(struct rtnl *rtnl, const struct port *port,
                       unsigned ifindex, enum device_kind kind,
                       unsigned mtu_bytes)
{
    struct ifinfomsg device = {
        .ifi_index = (int)ifindex, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    rtnl_begin(rtnl, RTM_NEWLINK, 0, &device, sizeof(device));
    rtnl_put_u32(rtnl, IFLA_MTU, mtu_bytes);
    if (port->host->taps)
        tap_put_mac(rtnl, port);
    else if (kind != DEVICE_TUN)
        rtnl_put(rtnl, IFLA_ADDRESS, port->mac, sizeof(port->mac));
    if (kind != DEVICE_VETH)
        rtnl_put_u32(rtnl, IFLA_TXQLEN, TUN_QUEUE_PKTS);
}

static void put_address(struct rtnl *rtnl, unsigned ifindex, int family,
                        const void *addr, size_t addr_bytes, unsigned prefix)
{
    struct ifaddrmsg message = {.ifa_family = (uint8_t)family,
                                .ifa_prefixlen = (uint8_t)prefix,
                                .ifa_index = ifindex};
    if (family == AF_INET6)
        message.ifa_flags = IFA_F_NODAD;
    rtnl_begin(rtnl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &message,
               sizeof(message));
    rtnl_put(rtnl, IFA_LOCAL, addr, addr_bytes);
    rtnl_put(rtnl, IFA_ADDRESS, addr, addr_bytes);
}

static void put_addresses(struct rtnl *rtnl, const struct port *port,
                          unsigned ifindex)
{
    put_address(rtnl, ifindex, AF_INET, &port->addr4, sizeof(port->addr4), 24);
    if (port->host->net->ipv6)
        put_address(rtnl, ifindex, AF_INET6, &port->addr6, sizeof(port->addr6),
                    64);
}

static void put_neighbour(struct rtnl *rtnl, unsigned ifindex, int family,
                          const void *addr, size_t addr_bytes,
                          const struct port *peer)
{
    struct ndmsg message = {.ndm_family = (uint8_t)family,
                            .ndm_ifindex = (int)ifindex,
                            .ndm_state = NUD_PERMANENT};
    rtnl_begin(rtnl, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &message,
               sizeof(message));
    rtnl_put(rtnl, NDA_DST, addr, addr_bytes);
    rtnl_put(rtnl, NDA_LLADDR, peer->mac, sizeof(peer->mac));
}

/* Where a link is no Ethernet to its test, nobody is to wait for ARP: the first
 * packet would be late by a round trip, which a TUN device does not know. */
static void put_peer(struct rtnl *rtnl, const struct port *port,
                     unsigned ifindex)
{
    const struct port *peer = &port->link->ports[1 - port->index];
    put_neighbour(rtnl, ifindex, AF_INET, &peer->addr4, sizeof(peer->addr4),
                  peer);
    if (port->host->net->ipv6)
        put_neighbour(rtnl, ifindex, AF_INET6, &peer->addr6,
                      sizeof(peer->addr6), peer);
}

void device_configure(const struct port *port, enum device_kind kind,
                      unsigned mtu_bytes)
{
    unsigned ifindex = if_nametoindex(port->device);
    struct rtnl rtnl;
    device_open_rtnl(&rtnl);
    put_device(&rtnl, port, ifindex, kind, mtu_bytes);
    if (!port->host->taps)
        put_addresses(&rtnl, port, ifindex);
    if (kind == DEVICE_VETH && !port->link->ethernet && !port->link->lan)
        put_peer(&rtnl, port, ifindex);
    device_commit(&rtnl, "configure it", port->device, port->host->name);
}

void device_await_port(const struct port *port)
{
    const struct host *host = port->host;
    bool addressed = host->net->ipv6 && !host->taps;
    int error = device_await(port->device, addressed ? &port->addr6 : NULL);
    if (error == 0 && host->taps)
        error = tap_await(port);
    if (error < 0)
        infra("host %s: %s does not come up: %s", host->name, port->device,
              strerror(-error));
}

/* ---- TUN and TAP --------------------------------------------------------- */

void device_tun_refused(const struct port *port, const char *what)
{
    const char *hint = "";
    if (errno == ENOENT || errno == ENODEV)
        hint = " (modprobe tun; in docker --device /dev/net/tun)";
    else if (errno == EACCES || errno == EPERM)
        hint = " (chmod 0666 /dev/net/tun)";
    infra("host %s: %s: %s%s", port->host->name, what, strerror(errno), hint);
}

static int attach_tun(const struct port *port, bool vnet_hdr)
{
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        device_tun_refused(port, "cannot open /dev/net/tun");
    struct ifreq request = {0};
    int flags = (port->link->ethernet ? IFF_TAP : IFF_TUN) | IFF_NO_PI;
    if (vnet_hdr)
        flags |= IFF_VNET_HDR;
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", port->device);
    request.ifr_flags = (short)flags;
    unsigned long offload = vnet_hdr ? TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 : 0;
    if (ioctl(fd, TUNSETIFF, &request) < 0)
        device_tun_refused(port, "cannot make a TUN device");
    if (ioctl(fd, TUNSETOFFLOAD, offload) < 0)
        device_tun_refused(port, "cannot set a TUN device's offloads");
    if (ioctl(fd, TUNSETPERSIST, 1UL) < 0)
        device_tun_refused(port, "cannot make a TUN device persistent");
    return fd;
}

/* A link-local address, which would be random, is of no use on a TUN device. */
static void no_link_local(const struct port *port)
{
    char path[64];
    snprintf(path, sizeof(path), "net/ipv6/conf/%s/addr_gen_mode",
             port->device);
    (void)netns_sysctl(path, "1"); /* one more address does no harm */
}

int port_open_tun(struct port *port, unsigned mtu_bytes, bool vnet_hdr)
{
    host_enter(port->host);
    int fd = attach_tun(port, vnet_hdr);
    bool tap = port->link->ethernet;
    if (!tap && port->host->net->ipv6)
        no_link_local(port);
    device_configure(port, tap ? DEVICE_TAP : DEVICE_TUN, mtu_bytes);
    if (port->host->taps)
        tap_hand_over(port, mtu_bytes);
    if (port->host->net->ipv6 || port->host->taps)
        device_await_port(port);
    host_leave();
    return fd;
}

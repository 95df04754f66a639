/* Devices: a TUN or TAP end for the wire engine, a veth pair or a bridged LAN
 * of them for the netem engine.
 *
 *      wire                               netem
 *      host a         host b              host a         host b
 *      [eth0]         [eth0]              [eth0]----------[eth0]   veth pair
 *        |fd            |fd
 *        +---emulator---+                 host a [eth0]----[p0]\
 *                                         host b [eth0]----[p1]-[br0] switch
 *                                         host c [eth0]----[p2]/
 *
 * Taking down is left to the death of the namespace, which removes all its
 * devices in one go and in the background.  Closing the descriptor of a TUN
 * device would remove it at once and wait for that, 15 to 30 ms each; so it is
 * made persistent, which in a namespace without a name means: until that goes.
 * (Measured for two hosts: 40 ms against 2 ms.) */
#include "topo/topo.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/veth.h>
#include <net/if.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/testrun.h"
#include "topo/netlink.h"
#include "topo/netns.h"

/* A full TUN queue drops without a word, so it is made longer than any burst a
 * test could send; loss is the profile's business. */
enum { TUN_QUEUE_PKTS = 10000 };

static void commit(struct rtnl *rtnl, const char *what, const char *device,
                   const char *where)
{
    int error = rtnl_commit(rtnl);
    rtnl_close(rtnl);
    if (error < 0)
        infra("%s %s: cannot %s: %s", where, device, what, rtnl->error);
}

static void open_or_infra(struct rtnl *rtnl)
{
    int error = rtnl_open(rtnl);
    if (error < 0)
        infra("cannot open a netlink socket: %s", strerror(-error));
}

/* ---- Addresses ----------------------------------------------------------- */

/* What kind of device an end is. */
enum device_kind { DEVICE_TUN, DEVICE_TAP, DEVICE_VETH };

static void put_device(struct rtnl *rtnl, const struct port *port,
                       unsigned ifindex, enum device_kind kind,
                       unsigned mtu_bytes)
{
    struct ifinfomsg device = {
        .ifi_index = (int)ifindex, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    rtnl_begin(rtnl, RTM_NEWLINK, 0, &device, sizeof(device));
    rtnl_put_u32(rtnl, IFLA_MTU, mtu_bytes);
    if (kind != DEVICE_TUN)
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

/* Gives an existing device what a port says, and sets it up.  The thread is in
 * the port's host. */
static void configure(const struct port *port, enum device_kind kind,
                      unsigned mtu_bytes)
{
    unsigned ifindex = if_nametoindex(port->device);
    struct rtnl rtnl;
    open_or_infra(&rtnl);
    put_device(&rtnl, port, ifindex, kind, mtu_bytes);
    put_address(&rtnl, ifindex, AF_INET, &port->addr4, sizeof(port->addr4), 24);
    if (port->host->net->ipv6)
        put_address(&rtnl, ifindex, AF_INET6, &port->addr6, sizeof(port->addr6),
                    64);
    commit(&rtnl, "configure it", port->device, port->host->name);
}

/* ---- TUN and TAP --------------------------------------------------------- */

static int tun_refused(const struct port *port, const char *what)
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
        return tun_refused(port, "cannot open /dev/net/tun");
    struct ifreq request = {0};
    int flags = (port->link->ethernet ? IFF_TAP : IFF_TUN) | IFF_NO_PI;
    if (vnet_hdr)
        flags |= IFF_VNET_HDR;
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", port->device);
    request.ifr_flags = (short)flags;
    unsigned long offload = vnet_hdr ? TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 : 0;
    if (ioctl(fd, TUNSETIFF, &request) < 0)
        return tun_refused(port, "cannot make a TUN device");
    if (ioctl(fd, TUNSETOFFLOAD, offload) < 0)
        return tun_refused(port, "cannot set a TUN device's offloads");
    if (ioctl(fd, TUNSETPERSIST, 1UL) < 0)
        return tun_refused(port, "cannot make a TUN device persistent");
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
    configure(port, tap ? DEVICE_TAP : DEVICE_TUN, mtu_bytes);
    host_leave();
    return fd;
}

/* ---- veth ---------------------------------------------------------------- */

struct veth_end {
    int netns_fd;
    const char *device;
};

static void put_veth_end(struct rtnl *rtnl, const struct veth_end *end,
                         unsigned mtu_bytes)
{
    rtnl_put_text(rtnl, IFLA_IFNAME, end->device);
    rtnl_put_u32(rtnl, IFLA_NET_NS_FD, (uint32_t)end->netns_fd);
    rtnl_put_u32(rtnl, IFLA_MTU, mtu_bytes);
}

/* Makes a veth pair whose ends are born where they belong. */
static void make_veth(const struct veth_end *a, const struct veth_end *b,
                      unsigned mtu_bytes)
{
    struct rtnl rtnl;
    struct ifinfomsg device = {0};
    open_or_infra(&rtnl);
    rtnl_begin(&rtnl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &device,
               sizeof(device));
    put_veth_end(&rtnl, a, mtu_bytes);
    size_t info = rtnl_nest(&rtnl, IFLA_LINKINFO);
    rtnl_put_text(&rtnl, IFLA_INFO_KIND, "veth");
    size_t data = rtnl_nest(&rtnl, IFLA_INFO_DATA);
    size_t peer = rtnl_nest(&rtnl, VETH_INFO_PEER);
    rtnl_put_raw(&rtnl, &device, sizeof(device));
    put_veth_end(&rtnl, b, mtu_bytes);
    rtnl_nest_end(&rtnl, peer);
    rtnl_nest_end(&rtnl, data);
    rtnl_nest_end(&rtnl, info);
    commit(&rtnl, "make a veth pair", a->device, "veth");
}

/* Segmentation and checksum offloads off, so that a packet on the wire is one
 * a wire could carry.  The thread is in the device's namespace. */
static void offloads_off(const char *device)
{
    static const uint32_t features[] = {ETHTOOL_STSO, ETHTOOL_SGSO,
                                        ETHTOOL_SGRO, ETHTOOL_STXCSUM};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        infra("cannot open a socket: %s", strerror(errno));
    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
        struct ethtool_value off = {.cmd = features[i], .data = 0};
        struct ifreq request = {.ifr_data = (void *)&off};
        snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
        if (ioctl(fd, SIOCETHTOOL, &request) < 0)
            infra("cannot switch %s's offloads off: %s", device,
                  strerror(errno));
    }
    close(fd);
}

static void configure_veth(const struct port *port, unsigned mtu_bytes,
                           bool offload)
{
    host_enter(port->host);
    if (!offload)
        offloads_off(port->device);
    configure(port, DEVICE_VETH, mtu_bytes);
    host_leave();
}

/* The switch has no addresses of its own and learns silently: no spanning tree,
 * no multicast snooping, forwarding at once. */
static unsigned make_bridge(void)
{
    struct rtnl rtnl;
    struct ifinfomsg device = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    (void)netns_sysctl("net/ipv6/conf/all/disable_ipv6", "1");
    (void)netns_sysctl("net/ipv6/conf/default/disable_ipv6", "1");
    open_or_infra(&rtnl);
    rtnl_begin(&rtnl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &device,
               sizeof(device));
    rtnl_put_text(&rtnl, IFLA_IFNAME, "br0");
    size_t info = rtnl_nest(&rtnl, IFLA_LINKINFO);
    rtnl_put_text(&rtnl, IFLA_INFO_KIND, "bridge");
    size_t data = rtnl_nest(&rtnl, IFLA_INFO_DATA);
    rtnl_put_u32(&rtnl, IFLA_BR_STP_STATE, 0);
    rtnl_put_u32(&rtnl, IFLA_BR_FORWARD_DELAY, 0);
    rtnl_put_u8(&rtnl, IFLA_BR_MCAST_SNOOPING, 0);
    rtnl_nest_end(&rtnl, data);
    rtnl_nest_end(&rtnl, info);
    commit(&rtnl, "make a bridge", "br0", "switch");
    return if_nametoindex("br0");
}

static void join_bridge(const char *device, unsigned bridge)
{
    struct rtnl rtnl;
    struct ifinfomsg end = {.ifi_index = (int)if_nametoindex(device),
                            .ifi_flags = IFF_UP,
                            .ifi_change = IFF_UP};
    open_or_infra(&rtnl);
    rtnl_begin(&rtnl, RTM_NEWLINK, 0, &end, sizeof(end));
    rtnl_put_u32(&rtnl, IFLA_MASTER, bridge);
    commit(&rtnl, "join the bridge", device, "switch");
}

static void enter_switch(const struct link *link)
{
    int error = netns_enter(link->switch_fd);
    if (error < 0)
        infra("cannot enter a LAN's switch: %s", strerror(-error));
}

static void open_lan(struct link *link, unsigned mtu_bytes, bool offload)
{
    link->switch_fd = netns_new();
    if (link->switch_fd < 0)
        infra("no network namespace for a LAN's switch: %s",
              strerror(-link->switch_fd));
    enter_switch(link);
    unsigned bridge = make_bridge();
    host_leave();
    for (unsigned i = 0; i < link->port_count; i++) {
        struct port *port = &link->ports[i];
        char name[DEVICE_NAME_BYTES];
        snprintf(name, sizeof(name), "p%u", i);
        make_veth(&(struct veth_end){port->host->netns_fd, port->device},
                  &(struct veth_end){link->switch_fd, name}, mtu_bytes);
        enter_switch(link);
        if (!offload)
            offloads_off(name);
        join_bridge(name, bridge);
        host_leave();
    }
}

void link_open_veth(struct link *link, unsigned mtu_bytes, bool offload)
{
    if (link->lan)
        open_lan(link, mtu_bytes, offload);
    else
        make_veth(&(struct veth_end){link->ports[0].host->netns_fd,
                                     link->ports[0].device},
                  &(struct veth_end){link->ports[1].host->netns_fd,
                                     link->ports[1].device},
                  mtu_bytes);
    for (unsigned i = 0; i < link->port_count; i++)
        configure_veth(&link->ports[i], mtu_bytes, offload);
}

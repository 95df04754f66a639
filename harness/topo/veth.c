/* veth pairs, and the namespace in the middle of a link.
 *
 * link_open_veth:
 *      two ports     a [eth0]----------[eth0] b
 *      LAN           a [eth0]--[p0] br0 [p1]--[eth0] b     br0 in the switch
 *
 * link_open_middle, where qdiscs and captures have a place of their own:
 *      two ports     a [eth0]--[p0] hub [p1]--[eth0] b
 *      LAN           a [eth0]--[p0] hub [s0]--[t0] br0 [t1]--[s1] hub [p1]--...
 *
 * A capture on a device sees packets leave after its qdisc, so that on a host's
 * own end a lost packet would not be seen at all.  In the middle, what enters a
 * link is seen as it arrives at p0, what the qdisc lets through as it leaves by
 * p1 (of a LAN: s0, on the way from host to switch). */
#include "topo/device.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/testrun.h"
#include "topo/await.h"
#include "topo/bridge.h"
#include "topo/netns.h"
#include "topo/tap.h"

/* Devices in the middle pass whatever the hosts' own MTU lets through. */
enum { MIDDLE_MTU_BYTES = 65535 };

struct veth_end {
    int netns_fd;
    const char *device;
    unsigned mtu_bytes;
};

static void put_veth_end(struct rtnl *rtnl, const struct veth_end *end)
{
    rtnl_put_text(rtnl, IFLA_IFNAME, end->device);
    rtnl_put_u32(rtnl, IFLA_NET_NS_FD, (uint32_t)end->netns_fd);
    rtnl_put_u32(rtnl, IFLA_MTU, end->mtu_bytes);
}

/* Makes a veth pair whose ends are born where they belong. */
static void make_veth(const struct veth_end *a, const struct veth_end *b)
{
    struct rtnl rtnl;
    struct ifinfomsg device = {0};
    device_open_rtnl(&rtnl);
    rtnl_begin(&rtnl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &device,
               sizeof(device));
    put_veth_end(&rtnl, a);
    size_t info = rtnl_nest(&rtnl, IFLA_LINKINFO);
    rtnl_put_text(&rtnl, IFLA_INFO_KIND, "veth");
    size_t data = rtnl_nest(&rtnl, IFLA_INFO_DATA);
    size_t peer = rtnl_nest(&rtnl, VETH_INFO_PEER);
    rtnl_put_raw(&rtnl, &device, sizeof(device));
    put_veth_end(&rtnl, b);
    rtnl_nest_end(&rtnl, peer);
    rtnl_nest_end(&rtnl, data);
    rtnl_nest_end(&rtnl, info);
    device_commit(&rtnl, "make a veth pair", a->device, "veth");
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

static void configure_veth(struct port *port, unsigned mtu_bytes, bool offload)
{
    host_enter(port->host);
    if (!offload)
        offloads_off(port->device);
    device_configure(port, DEVICE_VETH, mtu_bytes);
    if (port->host->taps)
        tap_hand_over(port, mtu_bytes);
    host_leave();
}

/* ---- In the middle ------------------------------------------------------- */

static void enter_middle(const struct link *link)
{
    int error = netns_enter(link->switch_fd);
    if (error < 0)
        infra("cannot enter a link's middle: %s", strerror(-error));
}

static void make_middle(struct link *link)
{
    link->switch_fd = netns_new();
    if (link->switch_fd < 0)
        infra("no network namespace for a link's middle: %s",
              strerror(-link->switch_fd));
    enter_middle(link); /* nothing there speaks for itself */
    (void)netns_sysctl("net/ipv6/conf/all/disable_ipv6", "1");
    (void)netns_sysctl("net/ipv6/conf/default/disable_ipv6", "1");
    host_leave();
}

/* Leads every host's device into the middle, where it ends as p0, p1, ... */
static void lead_in(struct link *link, unsigned mtu_bytes,
                    unsigned inner_mtu_bytes, bool offload)
{
    make_middle(link);
    for (unsigned i = 0; i < link->port_count; i++) {
        struct port *port = &link->ports[i];
        char name[DEVICE_NAME_BYTES];
        snprintf(name, sizeof(name), "p%u", i);
        make_veth(
            &(struct veth_end){port->host->netns_fd, port->device, mtu_bytes},
            &(struct veth_end){link->switch_fd, name, inner_mtu_bytes});
        if (offload)
            continue;
        enter_middle(link);
        offloads_off(name);
        host_leave();
    }
}

/* A host's way into the switch by a hub, in which a qdisc has its place. */
static void make_way(const struct link *link, unsigned i, unsigned bridge)
{
    char p[DEVICE_NAME_BYTES], s[DEVICE_NAME_BYTES], t[DEVICE_NAME_BYTES];
    char hub[DEVICE_NAME_BYTES];
    snprintf(p, sizeof(p), "p%u", i);
    snprintf(s, sizeof(s), "s%u", i);
    snprintf(t, sizeof(t), "t%u", i);
    snprintf(hub, sizeof(hub), "hub%u", i);
    make_veth(&(struct veth_end){link->switch_fd, s, MIDDLE_MTU_BYTES},
              &(struct veth_end){link->switch_fd, t, MIDDLE_MTU_BYTES});
    offloads_off(s);
    offloads_off(t);
    bridge_hub(hub, p, s);
    bridge_join(t, bridge);
}

/* ---- Links --------------------------------------------------------------- */

/* p0, s0, t0, ...: not the tunl0 or sit0 that some kernels put into every new
 * namespace, and that never come up. */
static bool is_way(const char *name)
{
    return strchr("pst", name[0]) && strspn(name + 1, "0123456789") > 0 &&
           name[1 + strspn(name + 1, "0123456789")] == '\0';
}

/* Waits until whatever is sent will arrive. */
static void await_devices(const struct link *link)
{
    for (unsigned i = 0; i < link->port_count; i++) {
        host_enter(link->ports[i].host);
        device_await_port(&link->ports[i]);
        host_leave();
    }
    if (link->switch_fd < 0)
        return;
    enter_middle(link);
    struct if_nameindex *all = if_nameindex();
    for (struct if_nameindex *at = all; at && at->if_index > 0; at++) {
        int error = is_way(at->if_name) ? device_await(at->if_name, NULL) : 0;
        if (error < 0)
            infra("%s in a link's middle does not come up: %s", at->if_name,
                  strerror(-error));
    }
    if_freenameindex(all);
    host_leave();
}

static void configure_ends(struct link *link, unsigned mtu_bytes, bool offload)
{
    for (unsigned i = 0; i < link->port_count; i++)
        configure_veth(&link->ports[i], mtu_bytes, offload);
    await_devices(link);
}

static void open_lan(struct link *link, unsigned mtu_bytes, bool offload)
{
    lead_in(link, mtu_bytes, mtu_bytes, offload);
    enter_middle(link);
    unsigned bridge = bridge_make("br0");
    for (unsigned i = 0; i < link->port_count; i++) {
        char name[DEVICE_NAME_BYTES];
        snprintf(name, sizeof(name), "p%u", i);
        bridge_join(name, bridge);
    }
    host_leave();
}

static void open_pair(const struct link *link, unsigned mtu_bytes)
{
    const struct port *a = &link->ports[0], *b = &link->ports[1];
    make_veth(&(struct veth_end){a->host->netns_fd, a->device, mtu_bytes},
              &(struct veth_end){b->host->netns_fd, b->device, mtu_bytes});
}

void link_open_veth(struct link *link, unsigned mtu_bytes, bool offload)
{
    if (link->lan)
        open_lan(link, mtu_bytes, offload);
    else
        open_pair(link, mtu_bytes);
    configure_ends(link, mtu_bytes, offload);
}

void link_open_middle(struct link *link, unsigned mtu_bytes)
{
    lead_in(link, mtu_bytes, MIDDLE_MTU_BYTES, false);
    enter_middle(link);
    if (link->lan) {
        unsigned bridge = bridge_make("br0");
        for (unsigned i = 0; i < link->port_count; i++)
            make_way(link, i, bridge);
    } else {
        bridge_hub("hub", "p0", "p1");
    }
    host_leave();
    configure_ends(link, mtu_bytes, false);
}

void link_middle_devices(const struct link *link, unsigned port, char *enters,
                         char *leaves)
{
    unsigned out = link->lan ? port : 1 - port;
    snprintf(enters, DEVICE_NAME_BYTES, "p%u", port);
    snprintf(leaves, DEVICE_NAME_BYTES, "%c%u", link->lan ? 's' : 'p', out);
}

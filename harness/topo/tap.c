/* The ends of a host whose program is its network stack.
 *
 *      program --fd-- [tap0]--(hub0)--[eth0] --fd-- emulator, or a veth pair
 *                     \_____ on the host, without any address ____/
 *
 * The link's own device is the same as on any host, so that neither engine
 * knows the difference; a hub joins it to a TAP, whose descriptor is the
 * program's.  IPv6 is off on the host and nothing has an IPv4 address, so its
 * kernel has nothing to say or to answer.
 *
 * A bridge keeps frames for itself that are addressed to one of its ports, so
 * the three devices have addresses that nobody uses: 02:7a for the link's own,
 * 02:7b for the TAP; 02:77 stays the program's. */
#include "topo/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <wirelab/tap.h>

#include "base/testrun.h"
#include "topo/await.h"
#include "topo/bridge.h"
#include "topo/device.h"

/* A program may be slow, but a burst must not be lost before it is seen. */
enum { QUEUE_PKTS = 10000, LINK_MAC = 0x7a, TAP_MAC = 0x7b };

/* "tap0" belongs to "eth0". */
static void name_like(char *name, const char *stem, const struct port *port)
{
    snprintf(name, DEVICE_NAME_BYTES, "%s%s", stem, port->device + 3);
}

static void put_mac(struct rtnl *rtnl, const struct port *port, uint8_t kind)
{
    uint8_t mac[6];
    memcpy(mac, port->mac, sizeof(mac));
    mac[1] = kind;
    rtnl_put(rtnl, IFLA_ADDRESS, mac, sizeof(mac));
}

void tap_put_mac(struct rtnl *rtnl, const struct port *port)
{
    put_mac(rtnl, port, LINK_MAC);
}

static int open_tap(const struct port *port, const char *name)
{
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        device_tun_refused(port, "cannot open /dev/net/tun");
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    if (ioctl(fd, TUNSETIFF, &request) < 0)
        device_tun_refused(port, "cannot make a TAP device");
    if (ioctl(fd, TUNSETPERSIST, 1UL) < 0) /* device.c says why */
        device_tun_refused(port, "cannot make a TAP device persistent");
    return fd;
}

static void set_up(const struct port *port, const char *name,
                   unsigned mtu_bytes)
{
    struct rtnl rtnl;
    struct ifinfomsg device = {.ifi_index = (int)if_nametoindex(name),
                               .ifi_flags = IFF_UP,
                               .ifi_change = IFF_UP};
    device_open_rtnl(&rtnl);
    rtnl_begin(&rtnl, RTM_NEWLINK, 0, &device, sizeof(device));
    rtnl_put_u32(&rtnl, IFLA_MTU, mtu_bytes);
    rtnl_put_u32(&rtnl, IFLA_TXQLEN, QUEUE_PKTS);
    put_mac(&rtnl, port, TAP_MAC);
    device_commit(&rtnl, "set it up", name, port->host->name);
}

void tap_hand_over(struct port *port, unsigned mtu_bytes)
{
    char tap[DEVICE_NAME_BYTES], hub[DEVICE_NAME_BYTES];
    name_like(tap, "tap", port);
    name_like(hub, "hub", port);
    port->tap_fd = open_tap(port, tap);
    set_up(port, tap, mtu_bytes);
    bridge_hub(hub, port->device, tap);
}

int tap_await(const struct port *port)
{
    char tap[DEVICE_NAME_BYTES];
    name_like(tap, "tap", port);
    return device_await(tap, NULL);
}

void tap_set_mtu(const struct port *port, unsigned mtu_bytes)
{
    char tap[DEVICE_NAME_BYTES];
    name_like(tap, "tap", port);
    set_up(port, tap, mtu_bytes);
}

int host_tap(const struct host *host, const struct link *link)
{
    for (unsigned i = 0; i < host->port_count; i++) {
        const struct port *port = host->ports[i];
        if (port->link == link && port->tap_fd >= 0)
            return port->tap_fd;
    }
    infra("host %s has no TAP on that link: make it by net_tap_host",
          host->name);
}

/* Bridges; see bridge.h. */
#include "topo/bridge.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sys/socket.h>

#include "topo/device.h"
#include "topo/netns.h"

/* Where the module br_netfilter is loaded, a bridge looks into the packets that
 * pass: it drops what has a wrong IP checksum, cuts padding, even puts
 * fragments together and makes new ones.  A cable does not. */
static void look_away(void)
{
    static const char *const settings[] = {
        "net/bridge/bridge-nf-call-iptables",
        "net/bridge/bridge-nf-call-ip6tables",
        "net/bridge/bridge-nf-call-arptables",
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        (void)netns_sysctl(settings[i], "0"); /* not there: not loaded */
}

unsigned bridge_make(const char *name)
{
    look_away();
    struct rtnl rtnl;
    struct ifinfomsg device = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    device_open_rtnl(&rtnl);
    rtnl_begin(&rtnl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &device,
               sizeof(device));
    rtnl_put_text(&rtnl, IFLA_IFNAME, name);
    size_t info = rtnl_nest(&rtnl, IFLA_LINKINFO);
    rtnl_put_text(&rtnl, IFLA_INFO_KIND, "bridge");
    size_t data = rtnl_nest(&rtnl, IFLA_INFO_DATA);
    rtnl_put_u32(&rtnl, IFLA_BR_STP_STATE, 0);
    rtnl_put_u32(&rtnl, IFLA_BR_FORWARD_DELAY, 0);
    rtnl_put_u8(&rtnl, IFLA_BR_MCAST_SNOOPING, 0);
    rtnl_nest_end(&rtnl, data);
    rtnl_nest_end(&rtnl, info);
    device_commit(&rtnl, "make it", name, "bridge");
    return if_nametoindex(name);
}

static void put_join(struct rtnl *rtnl, const char *device, unsigned bridge)
{
    struct ifinfomsg end = {.ifi_index = (int)if_nametoindex(device),
                            .ifi_flags = IFF_UP,
                            .ifi_change = IFF_UP};
    rtnl_begin(rtnl, RTM_NEWLINK, 0, &end, sizeof(end));
    rtnl_put_u32(rtnl, IFLA_MASTER, bridge);
}

static void put_no_learning(struct rtnl *rtnl, const char *device)
{
    struct ifinfomsg end = {.ifi_index = (int)if_nametoindex(device)};
    rtnl_begin(rtnl, RTM_NEWLINK, 0, &end, sizeof(end));
    size_t info = rtnl_nest(rtnl, IFLA_LINKINFO);
    rtnl_put_text(rtnl, IFLA_INFO_SLAVE_KIND, "bridge");
    size_t data = rtnl_nest(rtnl, IFLA_INFO_SLAVE_DATA);
    rtnl_put_u8(rtnl, IFLA_BRPORT_LEARNING, 0);
    rtnl_nest_end(rtnl, data);
    rtnl_nest_end(rtnl, info);
}

void bridge_join(const char *device, unsigned bridge)
{
    struct rtnl rtnl;
    device_open_rtnl(&rtnl);
    put_join(&rtnl, device, bridge);
    device_commit(&rtnl, "join a bridge", device, "middle");
}

void bridge_hub(const char *name, const char *a, const char *b)
{
    unsigned bridge = bridge_make(name);
    struct rtnl rtnl;
    device_open_rtnl(&rtnl);
    put_join(&rtnl, a, bridge);
    put_join(&rtnl, b, bridge);
    put_no_learning(&rtnl, a);
    put_no_learning(&rtnl, b);
    device_commit(&rtnl, "join two devices", name, "middle");
}

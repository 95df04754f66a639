/* Waiting for devices; see await.h.
 *
 * A veth end that is set up before its peer has no carrier yet.  When the peer
 * follows, the kernel notes the change and leaves the rest to a work queue:
 * only there does the device get a queueing discipline that sends (until then
 * it is "noop", which drops all), and only there is a bridge told that its port
 * may forward.  Who sends sooner loses a packet, mostly an ARP request, and
 * waits a second for the next.
 *
 * An IPv6 address, too, is completed by a work queue, even without duplicate
 * address detection: the host joins the address's solicited-node group, then
 * the address gets its local route (RFC 4861 section 7.2).  A solicitation that
 * comes sooner is not heard, and that, too, costs a second.
 *
 * So all three are awaited, woken by the kernel's own notifications. */
#include "topo/await.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "topo/netlink.h"

/* A notification may come before what it is about is complete: look again at
 * least so often. */
enum { DEADLINE_MS = 5000, LOOK_AGAIN_MS = 20 };

struct readiness {
    bool sends, forwards;
};

static void look(const struct nlmsghdr *answer, void *context)
{
    struct readiness *ready = context;
    const char *first = (const char *)NLMSG_DATA(answer) +
                        NLMSG_ALIGN(sizeof(struct ifinfomsg));
    size_t bytes = answer->nlmsg_len - NLMSG_SPACE(sizeof(struct ifinfomsg));
    const struct rtattr *qdisc = rtnl_find(first, bytes, IFLA_QDISC);
    ready->sends = qdisc && strcmp(RTA_DATA(qdisc), "noop") != 0;
    const struct rtattr *info = rtnl_find(first, bytes, IFLA_LINKINFO);
    const struct rtattr *port = rtnl_find_in(info, IFLA_INFO_SLAVE_DATA);
    const struct rtattr *state = rtnl_find_in(port, IFLA_BRPORT_STATE);
    ready->forwards = state == NULL ||
                      *(const uint8_t *)RTA_DATA(state) == BR_STATE_FORWARDING;
}

static void look_at_route(const struct nlmsghdr *answer, void *context)
{
    const struct rtmsg *route = NLMSG_DATA(answer);
    *(bool *)context = route->rtm_type == RTN_LOCAL;
}

/* Returns 1 if the address is answered for, 0 if not yet, or -errno. */
static int is_local(struct rtnl *rtnl, const struct in6_addr *addr6)
{
    struct rtmsg question = {.rtm_family = AF_INET6, .rtm_dst_len = 128};
    bool local = false;
    rtnl->visit = look_at_route;
    rtnl->visit_context = &local;
    rtnl_begin(rtnl, RTM_GETROUTE, 0, &question, sizeof(question));
    rtnl_put(rtnl, RTA_DST, addr6, sizeof(*addr6));
    int error = rtnl_commit(rtnl);
    if (error == -ENETUNREACH || error == -EHOSTUNREACH)
        return 0;
    return error < 0 ? error : local;
}

/* Returns 1 if the device is ready, 0 if not yet, or -errno. */
static int is_up(struct rtnl *rtnl, unsigned ifindex)
{
    struct ifinfomsg device = {.ifi_index = (int)ifindex};
    struct readiness ready = {0};
    rtnl->visit = look;
    rtnl->visit_context = &ready;
    rtnl_begin(rtnl, RTM_GETLINK, 0, &device, sizeof(device));
    int error = rtnl_commit(rtnl);
    return error < 0 ? error : ready.sends && ready.forwards;
}

static int open_notifications(void)
{
    struct sockaddr_nl links = {.nl_family = AF_NETLINK,
                                .nl_groups = RTMGRP_LINK | RTMGRP_IPV6_ROUTE};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    NETLINK_ROUTE);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&links, sizeof(links)) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd < 0 ? -errno : fd;
}

static void wait_for_news(int fd)
{
    struct pollfd news = {.fd = fd, .events = POLLIN};
    char discarded[8192];
    if (poll(&news, 1, LOOK_AGAIN_MS) > 0) {
        while (recv(fd, discarded, sizeof(discarded), 0) >= 0)
            continue;
    }
}

static int is_ready(struct rtnl *rtnl, unsigned ifindex,
                    const struct in6_addr *addr6)
{
    int ready = is_up(rtnl, ifindex);
    return ready > 0 && addr6 ? is_local(rtnl, addr6) : ready;
}

static int await_ready(struct rtnl *rtnl, int news_fd, unsigned ifindex,
                       const struct in6_addr *addr6)
{
    int64_t deadline_ns = clock_now_ns() + MSECONDS(DEADLINE_MS);
    for (;;) {
        int ready = is_ready(rtnl, ifindex, addr6);
        if (ready != 0)
            return ready < 0 ? ready : 0;
        if (clock_now_ns() > deadline_ns)
            return -ETIMEDOUT;
        wait_for_news(news_fd);
    }
}

int device_await(const char *name, const struct in6_addr *addr6)
{
    struct rtnl rtnl;
    unsigned ifindex = if_nametoindex(name);
    int news_fd = open_notifications(); /* before the first look */
    if (news_fd < 0)
        return news_fd;
    int result = rtnl_open(&rtnl);
    if (result == 0) {
        result = await_ready(&rtnl, news_fd, ifindex, addr6);
        rtnl_close(&rtnl);
    }
    close(news_fd);
    return result;
}

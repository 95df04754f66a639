/* The small network a test runs in: hosts, links, addresses, routes.
 *
 * A host is a network namespace; a link is a pair of devices with an emulator
 * between them.  Nothing here has a name outside the test's own process tree,
 * so two tests can never meet and nothing is left when the process dies.
 *
 *      struct net *net = net_new(_seed());
 *      struct host *a = net_host(net, "sender"), *b = net_host(net,
 * "receiver"); net_link(a, b, "delay 20ms loss 1%");
 *
 * None of these functions returns an error.  What the machine refuses ends the
 * test as `infra` (no points are lost); what the caller got wrong, such as a
 * profile that does not parse, ends it as `infra` too and says so.
 *
 * Ownership: a net owns its hosts and links; the test's process owns the net,
 * and it is taken down when the test ends in whatever way. */
#ifndef WIRELAB_NET_H
#define WIRELAB_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct net;
struct host;
struct link;

/* The seed of this run of this test; every fault is derived from it. */
uint64_t _seed(void);

struct net *net_new(uint64_t seed);

/* Gives every host an IPv6 address as well.  Call before net_link; without it
 * IPv6 is switched off, so that no neighbour discovery disturbs a capture. */
void net_want_ipv6(struct net *net);

/* Adds a host.  `name` is a host name of at most 15 letters, digits and
 * hyphens; every host finds every other in its /etc/hosts by this name. */
struct host *net_host(struct net *net, const char *name);

/* Joins two hosts by a point-to-point link whose both directions follow
 * `profile`, written in tc-netem's grammar ("" is a perfect link).  The k-th
 * link of a net, from 1, has the prefix 10.77.k.0/24 (and fd77:k::/64); `a` is
 * .1 and `b` is .2. */
struct link *net_link(struct host *a, struct host *b, const char *profile);
struct link *net_link_asym(struct host *a, struct host *b, const char *a_to_b,
                           const char *b_to_a);

/* Like net_link, but the devices are Ethernet (TAP): frames carry MAC
 * addresses, ARP and ND are seen. */
struct link *net_ethernet(struct host *a, struct host *b, const char *profile);

/* A switched Ethernet LAN of `n` hosts (2..64); the i-th host is .(i+1).  The
 * profile is applied once to each frame, on its way from host to switch. */
struct link *net_lan_of(struct net *net, const char *profile,
                        struct host *const *hosts, size_t n);
#define net_lan(net, profile, ...)                                             \
    net_lan_of((net), (profile), (struct host *const[]){__VA_ARGS__},          \
               sizeof((struct host *const[]){__VA_ARGS__}) /                   \
                   sizeof(struct host *))

/* Lets a host forward packets (a router), for IPv4 and IPv6. */
void host_forward(struct host *host);
/* Lets the host's programs send frames in anybody's name.  Without it, what a
 * program of the learner's sends through a descriptor it was given (a packet
 * socket, a TAP) must come from its own host, unless that forwards: other
 * sources are lost on the link, and the capture says so.  Engine wire only. */
void host_may_forge(struct host *host);
/* Source NAT for what leaves `router` through `outside`. */
void host_masquerade(struct host *router, struct link *outside);
/* Lets damaged UDP datagrams reach the host's programs: it takes every one that
 * arrives for one without a checksum (RFC 768). */
void host_ignore_udp_checksums(struct host *host);
/* Adds a static route: `dst` is a prefix or "default", `via` an address. */
void host_route(struct host *host, const char *dst, const char *via);
/* Gives every host a shortest path to every prefix, across hosts that forward.
 * Call it once, when all links exist. */
void net_route_all(struct net *net);

/* Name server of a host (its /etc/resolv.conf); may be called repeatedly. */
void host_nameserver(struct host *host, const char *addr);
/* One more line for this host's /etc/hosts. */
void host_alias(struct host *host, const char *addr, const char *name);
/* Writes a sysctl in the host's namespace, "net.ipv4.tcp_sack" style. */
void host_sysctl(struct host *host, const char *key, const char *value);
/* Runs a shell command with the host's network, as the test's root.  For `nft`,
 * `tc`, `ip` and the like; a non-zero exit status is `infra`. */
void host_run(struct host *host, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

const char *host_name(const struct host *host);
/* The address on the host's first link, or on a given one.  The string lives
 * as long as the net. */
const char *host_addr(const struct host *host);
const char *host_addr6(const struct host *host);
const char *host_addr_on(const struct host *host, const struct link *link);
const char *host_addr6_on(const struct host *host, const struct link *link);
/* The device's name on that host, "eth0" style. */
const char *host_device(const struct host *host, const struct link *link);

/* ---- Links while they run --------------------------------------------- */

/* Runs one line of a fault script (see docs of `wirelab link --help`):
 *
 *      drop first 2 of "tcp[tcpflags] & tcp-syn != 0" sender->receiver
 *      drop every 3 of "udp[13] = 2" receiver->sender
 *      hold 40ms nth 5 of "udp"
 *      duplicate nth 1 of "udp"       corrupt nth 2 of "udp"
 *      cut at 1.2s for 3s
 *      profile at 5s "delay 300ms"
 *
 * Times count from this call.  Filters are libpcap's; a host name of the net
 * may stand wherever an address may. */
void link_script(struct link *link, const char *line);
/* Replaces the profile of both directions from now on. */
void link_profile(struct link *link, const char *profile);
/* Everything offered to a link that is down is lost, with the fate "cut". */
void link_down(struct link *link);
void link_up(struct link *link);
/* Path MTU of the devices at both ends; with `icmp` false the "packet too big"
 * of a router at either end is swallowed on every link of the net, which makes
 * a black hole. */
void link_mtu(struct link *link, unsigned mtu_bytes, bool icmp);
/* For speed tests: `wire` fast mode (accepts TSO) where the profile allows. */
void link_fast(struct link *link);

#endif

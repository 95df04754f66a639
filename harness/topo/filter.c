/* What a host's packet filter does: translate, drop, rewrite.
 *
 * nftables where the kernel has it.  Some have it without the families that
 * would be of use (Debian's user-mode kernel is one), but with what came before
 * it: there the same is said to iptables-legacy, or to tc.  Which of them works
 * is found out by trying, once a call, and it is the same for all hosts. */
#include "topo/topo.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/testrun.h"

static bool has_nft(const struct host *host, const char *family)
{
    const char *const argv[] = {"nft", "add", "table", family, "wirelab", NULL};
    char *said = NULL;
    bool works = host_command(host, argv, &said) == 0;
    free(said);
    return works;
}

/* By this name: plain "iptables" may be the one that speaks to nftables. */
static void need_iptables(const struct host *host, const char *table)
{
    const char *const argv[] = {"iptables-legacy", "-t", table, "-S", NULL};
    char *said = NULL;
    bool works = host_command(host, argv, &said) == 0;
    free(said);
    if (!works)
        infra("host %s: neither nftables nor iptables-legacy (table %s) works "
              "with this kernel: apt-get install nftables iptables",
              host->name, table);
}

void host_masquerade(struct host *router, struct link *outside)
{
    const char *device = host_device(router, outside);
    bool ipv6 = router->net->ipv6;
    const char *family = ipv6 ? "inet" : "ip";
    if (has_nft(router, family)) {
        host_run(router,
                 "nft 'table %s wirelab { chain postrouting { "
                 "type nat hook postrouting priority 100; "
                 "oifname \"%s\" masquerade; }; }'",
                 family, device);
        return;
    }
    need_iptables(router, "nat");
    host_run(router,
             "iptables-legacy -t nat -A POSTROUTING -o %s -j MASQUERADE",
             device);
    if (ipv6)
        host_run(router,
                 "ip6tables-legacy -t nat -A POSTROUTING -o %s -j MASQUERADE",
                 device);
}

/* With tc: whatever its header's length, an IPv4 header of ours has no options,
 * so that the checksum is at byte 26. */
static void zero_checksums_by_tc(struct host *host)
{
    for (unsigned i = 0; i < host->port_count; i++)
        host_run(host,
                 "tc qdisc add dev %s ingress && tc filter add dev %s parent "
                 "ffff: protocol ip u32 match ip protocol 17 0xff "
                 "action pedit munge offset 26 u16 set 0x0000",
                 host->ports[i]->device, host->ports[i]->device);
}

void host_ignore_udp_checksums(struct host *host)
{
    if (has_nft(host, "ip"))
        host_run(host,
                 "nft 'add chain ip wirelab in { type filter hook prerouting "
                 "priority 0; }; add rule ip wirelab in udp checksum set 0'");
    else
        zero_checksums_by_tc(host);
}

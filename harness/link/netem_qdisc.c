/* Qdiscs of the netem engine, set by tc(8). */
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "base/testrun.h"
#include "link/netem_data.h"
#include "topo/netns.h"

void netem_tc_line(struct strbuf *out, const char *device,
                   const struct profile *profile, bool down, uint64_t seed)
{
    struct profile told = *profile;
    char text[PROFILE_TEXT_BYTES];
    if (down) {
        told.loss = (struct loss){.model = LOSS_RANDOM};
        told.loss.random.percent = 100;
        told.ecn = false; /* or ECN-capable packets would pass, marked */
    }
    profile_format(&told, PROFILE_FOR_TC, text, sizeof(text));
    strbuf_printf(out, "qdisc replace dev %s root netem %s", device, text);
    if (seed != 0)
        strbuf_printf(out, " seed %llu", (unsigned long long)seed);
    strbuf_printf(out, "\n");
}

/* The profile's seed, or one of the net's for this direction; never 0. */
static uint64_t seed_of(const struct netem_link *link, unsigned port)
{
    const struct profile *profile = &link->ways[port].profile;
    const uint64_t words[] = {link->netem->net->seed, link->link->index, port};
    uint64_t seed = profile->seeded ? profile->seed : hash_words(words, 3);
    return seed ? seed : 1;
}

/* To netem a packet has the veth's Ethernet header; the profile of a link that
 * is not Ethernet counts from the IP header on, as the wire engine does. */
static struct profile as_counted(const struct netem_link *link, unsigned port)
{
    struct profile profile = link->ways[port].profile;
    if (!link->link->ethernet && profile.rate_bps > 0)
        profile.overhead_bytes -= ETH_HLEN;
    return profile;
}

static void add_lines(const struct netem_link *link, struct strbuf *lines)
{
    for (unsigned i = 0; i < link->link->port_count; i++) {
        const struct way *way = &link->ways[i];
        struct profile profile = as_counted(link, i);
        if (link->netem->qdiscs)
            netem_tc_line(lines, way->device, &profile, link->down,
                          link->netem->seeds ? seed_of(link, i) : 0);
        else
            strbuf_printf(lines, "qdisc replace dev %s root %s\n", way->device,
                          link->down ? "blackhole" : "pfifo limit 10000");
    }
}

void netem_set_qdiscs(const struct netem_link *link)
{
    struct strbuf lines = {0};
    add_lines(link, &lines);
    char *said;
    int status = link_tc_batch(link->link, strbuf_text(&lines), &said);
    said[strcspn(said, "\n")] = '\0';
    if (status != 0)
        infra("tc refuses the link's profile: %s (it was told: %.*s)", said,
              (int)strcspn(strbuf_text(&lines), "\n"), strbuf_text(&lines));
    free(said);
    strbuf_fini(&lines);
}

/* In front of the qdisc, behind where packets are seen to enter.  An IPv4
 * header of ours has no options, so that ICMP begins at byte 20. */
static void add_filters(struct strbuf *lines, const char *device)
{
    strbuf_printf(lines,
                  "qdisc add dev %s clsact\n"
                  "filter add dev %s egress protocol ip prio 1 u32 ",
                  device, device);
    strbuf_printf(lines, "match ip protocol 1 0xff match u8 3 0xff at 20 "
                         "match u8 4 0xff at 21 action drop\n");
    strbuf_printf(lines,
                  "filter add dev %s egress protocol ipv6 prio 2 u32 "
                  "match u8 58 0xff at 6 match u8 2 0xff at 40 action drop\n",
                  device);
}

void netem_silence(const struct netem_link *link, const struct way *way,
                   bool silent)
{
    struct strbuf lines = {0};
    char *said;
    if (silent)
        add_filters(&lines, way->device);
    else
        strbuf_printf(&lines, "qdisc del dev %s clsact\n", way->device);
    int status = link_tc_batch(link->link, strbuf_text(&lines), &said);
    said[strcspn(said, "\n")] = '\0';
    if (status != 0)
        infra("this kernel's tc cannot drop ICMP \"packet too big\" (%s): use "
              "--engine wire",
              said);
    free(said);
    strbuf_fini(&lines);
}

bool netem_try_seed(const struct link *link)
{
    char *said;
    int status = link_tc_batch(
        link, "qdisc replace dev lo root netem limit 1000 seed 1\n", &said);
    free(said);
    return status == 0;
}

void netem_need(void)
{
    int netns = netns_new();
    int error = netns < 0 ? netns : netns_enter(netns);
    if (error == 0)
        error = netns_try_netem();
    (void)netns_leave(); /* if it fails, so does all that follows */
    if (netns >= 0)
        close(netns);
    if (error < 0)
        infra("this kernel has no netem (%s): use --engine wire",
              strerror(-error));
}

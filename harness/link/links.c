/* Links as net.h promises them: parse, choose the engine, hand on.
 *
 * Everything of a net that this module owns hangs on net->engine; it is made
 * with the first link, and taken down by net_free through net->engine_stop. */
#include "link/links.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "link/capfile.h"
#include "link/capstore.h"
#include "link/linkset.h"
#include "link/netem.h"
#include "link/query.h"
#include "link/witness.h"
#include "topo/tap.h"

static void linkset_free(struct net *net)
{
    struct linkset *set = net->engine;
    links_stop(net);
    testrun_forget(set);
    if (set->state)
        set->engine->release(set->state);
    query_free(set->query);
    capture_free(set->capture);
    for (unsigned i = 0; i < NET_MAX_LINKS; i++) {
        free(set->profiles[i][0]);
        free(set->profiles[i][1]);
    }
    free(set->capture_path);
    free(set->fates_path);
    free(set->packets_path);
    free(set);
    net->engine = NULL;
}

static const struct engine *engine_named(const char *name)
{
    if (strcmp(name, engine_wire.name) == 0)
        return &engine_wire;
    if (strcmp(name, engine_netem.name) == 0)
        return &engine_netem;
    if (strcmp(name, engine_veth.name) == 0) /* for the harness's tests */
        return &engine_veth;
    infra("unknown engine \"%s\": it is wire or netem", name);
}

/* A path in the evidence directory; the second net of a run numbers its
 * files.  A tool that has no such directory writes none unless told. */
static char *evidence(const struct net *net, const char *stem, const char *type)
{
    unsigned nets = 1;
    const char *dir = testrun()->out_dir;
    if (strcmp(dir, ".") == 0)
        return NULL;
    for (const struct net *older = net->older; older; older = older->older)
        nets++;
    return nets == 1 ? str_format("%s/%s.%s", dir, stem, type)
                     : str_format("%s/%s.%u.%s", dir, stem, nets, type);
}

struct linkset *linkset_of(struct net *net)
{
    if (net->engine)
        return net->engine;
    struct linkset *set = mem_zalloc(sizeof(*set));
    set->net = net;
    set->engine = engine_named(testrun()->engine);
    set->capture = capture_new(net);
    set->query = query_new(set->capture);
    set->capture_path = evidence(net, "capture", "pcapng");
    set->fates_path = evidence(net, "fates", "tsv");
    set->packets_path = evidence(net, "packets", "tsv");
    net->engine = set;
    net->engine_stop = linkset_free;
    return set;
}

struct capture *capture_of(struct net *net)
{
    return linkset_of(net)->capture;
}

static void start(struct linkset *set)
{
    if (set->state)
        return;
    int error;
    set->state = set->engine->start(set->net, set->capture);
    testrun_witness(links_witness, set);
    if (set->capture_path == NULL)
        return;
    set->file = capfile_open(set->capture, set->capture_path, &error);
    if (set->file == NULL)
        infra("cannot write the capture %s: %s", set->capture_path,
              strerror(-error));
}

/* ---- From inside --------------------------------------------------------- */

void links_capture_to(struct net *net, const char *capture_path,
                      const char *fates_path)
{
    struct linkset *set = linkset_of(net);
    free(set->capture_path);
    free(set->fates_path);
    set->capture_path = capture_path ? mem_strdup(capture_path) : NULL;
    set->fates_path = fates_path ? mem_strdup(fates_path) : NULL;
}

void links_engine(struct net *net, const char *name)
{
    linkset_of(net)->engine = engine_named(name);
}

void links_stop(struct net *net)
{
    struct linkset *set = net->engine;
    if (set == NULL || set->stopped)
        return;
    set->stopped = true;
    if (set->state)
        set->engine->stop(set->state);
    if (set->file)
        set->file_error = capfile_close(set->file);
    else
        capture_stop(set->capture);
    set->file = NULL;
}

void link_count(const struct link *link, unsigned port,
                struct link_counters *counters)
{
    const struct linkset *set = link->net->engine;
    set->engine->counters(set->state, link, port, counters);
}

void links_lateness(const struct net *net, struct link_lateness *lateness)
{
    const struct linkset *set = net->engine;
    *lateness = (struct link_lateness){0};
    if (set && set->state)
        set->engine->lateness(set->state, lateness);
}

/* ---- Making them --------------------------------------------------------- */

static void parse(struct profile *profile, const char *text)
{
    struct scan_error error;
    if (profile_parse(profile, text, &error) < 0)
        infra("link profile \"%s\": %s", text, error.message);
}

/* `texts` are what the two kinds of direction were called with. */
static struct link *open_link(struct link *link, const struct profile *profiles,
                              const char *const texts[2])
{
    struct linkset *set = linkset_of(link->net);
    start(set);
    for (int i = 0; i < 2; i++)
        set->profiles[link->index][i] = mem_strdup(texts[i]);
    capture_add_link(set->capture, link);
    set->engine->open(set->state, link, profiles);
    return link;
}

struct link *net_link_asym(struct host *a, struct host *b, const char *a_to_b,
                           const char *b_to_a)
{
    struct profile profiles[2];
    parse(&profiles[0], a_to_b);
    parse(&profiles[1], b_to_a);
    struct host *const hosts[] = {a, b};
    const char *const texts[] = {a_to_b, b_to_a};
    return open_link(link_new(a->net, hosts, 2, false), profiles, texts);
}

struct link *net_link(struct host *a, struct host *b, const char *profile)
{
    return net_link_asym(a, b, profile, profile);
}

static struct link *open_ethernet(struct net *net, struct host *const *hosts,
                                  size_t n, const char *profile)
{
    struct profile profiles[LINK_MAX_PORTS];
    parse(&profiles[0], profile);
    for (size_t i = 1; i < LINK_MAX_PORTS; i++)
        profiles[i] = profiles[0];
    const char *const texts[] = {profile, profile};
    return open_link(link_new(net, hosts, n, true), profiles, texts);
}

struct link *net_ethernet(struct host *a, struct host *b, const char *profile)
{
    struct host *const hosts[] = {a, b};
    return open_ethernet(a->net, hosts, 2, profile);
}

struct link *net_lan_of(struct net *net, const char *profile,
                        struct host *const *hosts, size_t n)
{
    return open_ethernet(net, hosts, n, profile);
}

/* ---- While they run ------------------------------------------------------ */

void link_profile(struct link *link, const char *profile)
{
    struct linkset *set = linkset_of(link->net);
    struct profile parsed;
    parse(&parsed, profile);
    for (unsigned i = 0; i < link->port_count; i++)
        set->engine->profile(set->state, link, i, &parsed);
}

void link_script(struct link *link, const char *line)
{
    struct linkset *set = linkset_of(link->net);
    set->engine->script(set->state, link, line);
}

static void set_down(struct link *link, bool down)
{
    struct linkset *set = linkset_of(link->net);
    set->engine->down(set->state, link, down);
}

void link_down(struct link *link)
{
    set_down(link, true);
}

void link_up(struct link *link)
{
    set_down(link, false);
}

void link_fast(struct link *link)
{
    struct linkset *set = linkset_of(link->net);
    set->engine->fast(set->state, link);
}

void links_guard(struct host *host)
{
    struct linkset *set = host->net->engine;
    if (set == NULL || set->state == NULL)
        return; /* bare links, as benches have them */
    if (set->engine->guard == NULL) {
        if (!set->unguarded[host->index])
            journal_step("note: engine %s does not look for false senders "
                         "among what %s sends",
                         set->engine->name, host->name);
        set->unguarded[host->index] = true;
        return;
    }
    for (unsigned i = 0; i < host->port_count; i++)
        set->engine->guard(set->state, host->ports[i]->link,
                           host->ports[i]->index);
}

static void set_device_mtu(const struct port *port, unsigned mtu_bytes)
{
    struct ifreq request = {.ifr_mtu = (int)mtu_bytes};
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", port->device);
    host_enter(port->host);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int rc = fd < 0 ? -1 : ioctl(fd, SIOCSIFMTU, &request);
    if (rc < 0)
        infra("host %s: %s refuses an MTU of %u bytes: %s", port->host->name,
              port->device, mtu_bytes, strerror(errno));
    close(fd);
    if (port->host->taps)
        tap_set_mtu(port, mtu_bytes);
    host_leave();
}

void link_mtu(struct link *link, unsigned mtu_bytes, bool icmp)
{
    struct linkset *set = linkset_of(link->net);
    set->engine->mtu(set->state, link, mtu_bytes, icmp);
    for (unsigned i = 0; i < link->port_count; i++)
        set_device_mtu(&link->ports[i], mtu_bytes);
}

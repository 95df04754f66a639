/* The wire engine: its links, and what the test's thread asks of them.  wire.h
 * draws the rest. */
#include "link/wire.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "link/nethosts.h"

static void *wire_start(struct net *net, struct capture *capture)
{
    struct wire *wire = mem_zalloc(sizeof(*wire));
    wire->net = net;
    wire->capture = capture;
    wire->fatelog = fatelog_new();
    wire->flights = flights_new();
    if (wire->flights == NULL)
        infra("no memory for the link engine's packet buffers");
    wire->spare = mem_zalloc(sizeof(struct flight) + FLIGHT_HEADROOM +
                             FLIGHT_LARGE_BYTES);
    wire->spare->large = true;
    heap_reserve(&wire->pending, FLIGHT_SMALL_COUNT + FLIGHT_LARGE_COUNT);
    int error = wire_thread_start(wire);
    if (error < 0)
        infra("cannot start the link engine: %s", strerror(-error));
    return wire;
}

/* ---- Offloads ------------------------------------------------------------ */

static bool can_be_fast(const struct wire_link *link)
{
    bool can = link->want_fast && !link->scripted && link->table == NULL;
    for (unsigned i = 0; can && i < link->link->port_count; i++) {
        const struct profile *profile = &link->directions[i].profile;
        can = !profile_times_each_packet(profile) && !profile->ecn;
    }
    return can;
}

/* Tells the devices whether super-packets are welcome. */
static void set_offloads(struct wire_link *link)
{
    unsigned long offloads =
        link->fast ? TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 : 0;
    for (unsigned i = 0; i < link->link->port_count; i++) {
        /* Known to work: the device was opened with all of them. */
        (void)ioctl(link->directions[i].fd, TUNSETOFFLOAD, offloads);
    }
}

static void refresh(struct wire_link *link)
{
    bool fast = can_be_fast(link);
    if (fast == link->fast)
        return;
    link->fast = fast;
    link->large |= fast; /* and stays so: some may still be on their way */
    set_offloads(link);
}

/* ---- Profiles ------------------------------------------------------------ */

static void take_profile(struct direction *direction,
                         const struct profile *profile)
{
    direction->profile = *profile;
    direction->decides = fatelog_wants(profile);
    direction->at_once =
        profile->delay_ns == 0 && !profile_times_each_packet(profile);
}

void wire_set_profile(struct wire_link *link, unsigned port,
                      const struct profile *profile)
{
    take_profile(&link->directions[port], profile);
    refresh(link);
}

/* ---- Links --------------------------------------------------------------- */

static void init_direction(struct wire_link *link, unsigned port,
                           const struct profile *profile)
{
    struct direction *direction = &link->directions[port];
    uint64_t seed = link->link->net->seed;
    direction->link = link;
    direction->port = port;
    take_profile(direction, profile);
    fater_init(&direction->fater, seed, link->link->index, port);
    line_init(&direction->line, seed, link->link->index, port);
    direction->fd =
        port_open_tun(&link->link->ports[port], LINK_MTU_BYTES, true);
}

struct opening {
    struct wire_link *link;
    int error;
};

static void begin(struct wire *wire, void *context)
{
    struct opening *opening = context;
    struct wire_link *link = opening->link;
    for (unsigned i = 0; i < link->link->port_count; i++) {
        int error = wire_watch(wire, &link->directions[i]);
        if (error < 0)
            opening->error = error;
    }
}

static void wire_open(void *state, struct link *link,
                      const struct profile *profiles)
{
    struct wire *wire = state;
    struct wire_link *mine = mem_zalloc(
        sizeof(*mine) + link->port_count * sizeof(mine->directions[0]));
    mine->wire = wire;
    mine->link = link;
    mine->flows = flows_new(link->index);
    mine->script = script_new();
    mine->link_bytes = link->ethernet ? 14 : 0;
    if (link->lan)
        mine->table = mem_zalloc(sizeof(*mine->table));
    for (unsigned i = 0; i < link->port_count; i++)
        init_direction(mine, i, &profiles[i]);
    set_offloads(mine);
    wire->links[link->index] = mine;
    link->engine = mine;
    struct opening opening = {.link = mine};
    wire_call(wire, begin, &opening);
    if (opening.error < 0)
        infra("cannot watch a link's device: %s", strerror(-opening.error));
}

struct change {
    struct wire_link *link;
    unsigned port;
    const struct profile *profile;
    bool yes;
    const char *line;
    int error;
    struct scan_error *scan_error;
    const struct script_names *names;
};

static void change_profile(struct wire *wire, void *context)
{
    struct change *change = context;
    (void)wire;
    wire_set_profile(change->link, change->port, change->profile);
}

static void wire_profile(void *state, struct link *link, unsigned port,
                         const struct profile *profile)
{
    struct change change = {
        .link = link->engine, .port = port, .profile = profile};
    wire_call(state, change_profile, &change);
}

static void change_down(struct wire *wire, void *context)
{
    struct change *change = context;
    (void)wire;
    change->link->down = change->yes;
}

static void wire_down(void *state, struct link *link, bool down)
{
    struct change change = {.link = link->engine, .yes = down};
    wire_call(state, change_down, &change);
}

static void change_fast(struct wire *wire, void *context)
{
    struct change *change = context;
    (void)wire;
    change->link->want_fast = true;
    refresh(change->link);
}

static void wire_fast(void *state, struct link *link)
{
    struct change change = {.link = link->engine};
    wire_call(state, change_fast, &change);
}

static void change_script(struct wire *wire, void *context)
{
    struct change *change = context;
    (void)wire;
    change->error =
        script_add(change->link->script, change->line, clock_now_ns(),
                   change->names, change->scan_error);
    if (change->error == 0)
        change->link->scripted = true;
    refresh(change->link);
}

static void wire_script(void *state, struct link *link, const char *line)
{
    const char *ports[LINK_MAX_PORTS];
    struct scan_error error;
    struct script_names names = {.ports = ports,
                                 .port_count = link->port_count,
                                 .hosts = nethosts(link->net),
                                 .ethernet = link->ethernet};
    for (unsigned i = 0; i < link->port_count; i++)
        ports[i] = link->ports[i].host->name;
    struct change change = {.link = link->engine,
                            .line = line,
                            .names = &names,
                            .scan_error = &error};
    wire_call(state, change_script, &change);
    nethosts_free(&names.hosts);
    if (change.error < 0)
        infra("link_script \"%s\": %s", line, error.message);
}

static void change_mtu(struct wire *wire, void *context)
{
    struct change *change = context;
    const struct link *link = change->link->link;
    change->link->large |= change->port > LINK_MTU_BYTES;
    for (unsigned i = 0; i < link->port_count; i++)
        wire->silent[link->ports[i].host->index] = change->yes;
    wire->any_silent |= change->yes;
}

static void wire_mtu(void *state, struct link *link, unsigned mtu_bytes,
                     bool icmp)
{
    struct change change = {
        .link = link->engine, .port = mtu_bytes, .yes = !icmp};
    wire_call(state, change_mtu, &change);
}

static void change_guard(struct wire *wire, void *context)
{
    struct change *change = context;
    (void)wire;
    change->link->directions[change->port].guarded = true;
}

static void wire_guard(void *state, struct link *link, unsigned port)
{
    struct change change = {.link = link->engine, .port = port};
    wire_call(state, change_guard, &change);
}

/* ---- The end ------------------------------------------------------------- */

static void wire_stop(void *state)
{
    struct wire *wire = state;
    wire_thread_stop(wire);
    for (unsigned i = 0; i < NET_MAX_LINKS; i++) {
        struct wire_link *link = wire->links[i];
        for (unsigned p = 0; link && p < link->link->port_count; p++)
            link->directions[p].counters.internal +=
                wire_device_drops(&link->link->ports[p]);
    }
}

static void free_link(struct wire_link *link)
{
    for (unsigned i = 0; i < link->link->port_count; i++)
        close(link->directions[i].fd);
    flows_free(link->flows);
    script_free(link->script);
    free(link->table);
    free(link);
}

static void wire_release(void *state)
{
    struct wire *wire = state;
    for (unsigned i = 0; i < NET_MAX_LINKS; i++) {
        if (wire->links[i])
            free_link(wire->links[i]);
    }
    heap_fini(&wire->pending);
    fatelog_free(wire->fatelog);
    flights_free(wire->flights);
    free(wire->spare);
    free(wire);
}

const struct engine engine_wire = {
    .name = "wire",
    .start = wire_start,
    .stop = wire_stop,
    .release = wire_release,
    .open = wire_open,
    .profile = wire_profile,
    .down = wire_down,
    .script = wire_script,
    .fast = wire_fast,
    .mtu = wire_mtu,
    .guard = wire_guard,
    .counters = wire_counters,
    .lateness = wire_lateness,
    .fates = wire_fates,
};

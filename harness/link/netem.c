/* The netem engine; see netem.h.
 *
 * One thread reads the packet sockets of all links of the net.  The test's
 * thread changes links under the lock, but runs tc(8) outside it, so that a
 * refusal can end the run from there. */
#include "link/netem_data.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "topo/netns.h"

/* ---- What is seen -------------------------------------------------------- */

/* To whom a frame goes: the port with its destination's address, or all. */
static unsigned recipient(const struct link *link, const uint8_t *frame,
                          unsigned from)
{
    if (!link->lan)
        return 1 - from;
    for (unsigned i = 0; i < link->port_count; i++) {
        if (memcmp(link->ports[i].mac, frame, sizeof(link->ports[i].mac)) == 0)
            return i;
    }
    return CAPTURE_TO_ALL;
}

static void see(void *context, const struct tap_frame *seen)
{
    const struct netem_link *link = context;
    struct frame frame = {seen->data, seen->captured_bytes, seen->length_bytes,
                          seen->time_ns};
    for (unsigned i = 0; i < link->link->port_count; i++) {
        const struct way *way = &link->ways[i];
        if (seen->ifindex == way->enters && !seen->outgoing)
            pairing_enter(way->pairing, &frame,
                          recipient(link->link, seen->data, i));
        else if (seen->ifindex == way->leaves && seen->outgoing)
            pairing_leave(way->pairing, &frame);
    }
}

/* The link whose next frame is the oldest of all; NULL: none has come.  What
 * one packet brought about is later than that packet, on whatever link: so one
 * looks again at all, once the oldest is found, for what came meanwhile. */
static struct netem_link *oldest(const struct netem *netem)
{
    struct netem_link *found = NULL, *before;
    int64_t found_ns = INT64_MAX;
    do {
        before = found;
        for (unsigned i = 0; i < netem->link_count; i++) {
            int64_t at_ns = tap_peek(&netem->links[i]->tap);
            if (at_ns < found_ns) {
                found = netem->links[i];
                found_ns = at_ns;
            }
        }
    } while (found != before);
    return found;
}

static void read_all(struct netem *netem)
{
    struct netem_link *link;
    for (unsigned i = 0; i < netem->link_count; i++) {
        link = netem->links[i];
        uint64_t missed = tap_sync(&link->tap);
        if (missed > 0)
            pairing_missed(link->ways[0].pairing, missed);
    }
    while ((link = oldest(netem)) != NULL)
        tap_take(&link->tap, see, link);
}

/* Gives up what is lost.  Returns when the next packet is to be given up. */
static int64_t expire_all(struct netem *netem)
{
    int64_t next_ns = INT64_MAX;
    for (unsigned i = 0; i < netem->link_count; i++) {
        struct netem_link *link = netem->links[i];
        for (unsigned p = 0; p < link->link->port_count; p++) {
            int64_t at_ns =
                pairing_expire(link->ways[p].pairing, clock_now_ns());
            next_ns = at_ns < next_ns ? at_ns : next_ns;
        }
    }
    return next_ns;
}

static int milliseconds_until(int64_t at_ns)
{
    if (at_ns == INT64_MAX)
        return -1;
    int64_t left_ns = at_ns - clock_now_ns();
    return left_ns < 0 ? 0 : (int)(left_ns / MSECONDS(1)) + 1;
}

static void *watch(void *context)
{
    struct netem *netem = context;
    for (bool stop = false; !stop;) {
        struct epoll_event event = {0};
        pthread_mutex_lock(&netem->lock);
        read_all(netem);
        int64_t next_ns = expire_all(netem);
        pthread_mutex_unlock(&netem->lock);
        capture_kick(netem->capture);
        if (epoll_wait(netem->epoll_fd, &event, 1,
                       milliseconds_until(next_ns)) > 0)
            stop = event.data.fd == netem->stop_fd;
    }
    return NULL;
}

/* ---- The engine ---------------------------------------------------------- */

static void *start(struct net *net, struct capture *capture, bool qdiscs)
{
    struct netem *netem = mem_zalloc(sizeof(*netem));
    netem->net = net;
    netem->capture = capture;
    netem->qdiscs = qdiscs;
    pthread_mutex_init(&netem->lock, NULL);
    netem->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    netem->stop_fd = eventfd(0, EFD_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = netem->stop_fd};
    if (netem->epoll_fd < 0 || netem->stop_fd < 0 ||
        epoll_ctl(netem->epoll_fd, EPOLL_CTL_ADD, netem->stop_fd, &event) < 0)
        infra("cannot watch links: %s", strerror(errno));
    int rc = pthread_create(&netem->thread, NULL, watch, netem);
    if (rc != 0)
        infra("cannot start the links' thread: %s", strerror(rc));
    netem->running = true;
    return netem;
}

static void *netem_start(struct net *net, struct capture *capture)
{
    netem_need();
    return start(net, capture, true);
}

static void *veth_start(struct net *net, struct capture *capture)
{
    return start(net, capture, false);
}

static void netem_stop(void *state)
{
    struct netem *netem = state;
    if (!netem->running)
        return;
    pthread_mutex_lock(&netem->lock);
    netem->running = false;
    pthread_mutex_unlock(&netem->lock);
    (void)!write(netem->stop_fd, &(uint64_t){1}, sizeof(uint64_t));
    pthread_join(netem->thread, NULL);
    read_all(netem);
    for (unsigned i = 0; i < netem->link_count; i++) {
        struct netem_link *link = netem->links[i];
        for (unsigned p = 0; p < link->link->port_count; p++)
            pairing_end(link->ways[p].pairing, clock_now_ns());
    }
}

static void netem_release(void *state)
{
    struct netem *netem = state;
    for (unsigned i = 0; i < netem->link_count; i++) {
        struct netem_link *link = netem->links[i];
        for (unsigned p = 0; p < link->link->port_count; p++)
            pairing_free(link->ways[p].pairing);
        tap_close(&link->tap);
        free(link);
    }
    close(netem->epoll_fd);
    close(netem->stop_fd);
    pthread_mutex_destroy(&netem->lock);
    free(netem);
}

/* ---- Links --------------------------------------------------------------- */

/* Ends a run whose links could not all be perfect. */
static void need_perfect(const struct netem *netem,
                         const struct profile *profile)
{
    if (!netem->qdiscs && !profile_is_perfect(profile))
        infra("the engine veth knows perfect links only");
}

/* In the link's middle. */
static void find_devices(struct netem_link *link)
{
    for (unsigned i = 0; i < link->link->port_count; i++) {
        struct way *way = &link->ways[i];
        char enters[DEVICE_NAME_BYTES];
        link_middle_devices(link->link, i, enters, way->device);
        way->enters = if_nametoindex(enters);
        way->leaves = if_nametoindex(way->device);
    }
}

static void open_tap(struct netem_link *link)
{
    int error = netns_enter(link->link->switch_fd);
    if (error == 0) {
        find_devices(link);
        error = tap_open(&link->tap);
    }
    if (error == 0)
        error = netns_leave();
    if (error < 0)
        infra("cannot capture in a link's middle: %s", strerror(-error));
}

static struct netem_link *link_made(struct netem *netem, struct link *link,
                                    const struct profile *profiles)
{
    struct netem_link *made =
        mem_zalloc(sizeof(*made) + link->port_count * sizeof(made->ways[0]));
    made->netem = netem;
    made->link = link;
    for (unsigned i = 0; i < link->port_count; i++) {
        struct way *way = &made->ways[i];
        way->profile = profiles[i];
        way->pairing = pairing_new(netem->capture, link, i, &netem->lateness);
        pairing_profile(way->pairing, &profiles[i]);
    }
    return made;
}

/* Lets no "packet too big" through which comes from a host that is silent. */
static void silence(struct netem_link *link)
{
    struct netem *netem = link->netem;
    for (unsigned i = 0; i < link->link->port_count; i++) {
        struct way *way = &link->ways[i];
        bool silent = netem->silent[link->link->ports[i].host->index];
        if (silent == way->silent)
            continue;
        way->silent = silent;
        pthread_mutex_lock(&netem->lock);
        pairing_silence(way->pairing, silent);
        pthread_mutex_unlock(&netem->lock);
        netem_silence(link, way, silent);
    }
}

static void netem_open(void *state, struct link *link,
                       const struct profile *profiles)
{
    struct netem *netem = state;
    for (unsigned i = 0; i < link->port_count; i++)
        need_perfect(netem, &profiles[i]);
    link_open_middle(link, LINK_MTU_BYTES);
    if (netem->qdiscs && netem->link_count == 0)
        netem->seeds = netem_try_seed(link);
    struct netem_link *made = link_made(netem, link, profiles);
    link->engine = made;
    open_tap(made);
    netem_set_qdiscs(made);
    silence(made);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = made->tap.fd};
    pthread_mutex_lock(&netem->lock);
    netem->links[netem->link_count++] = made;
    pthread_mutex_unlock(&netem->lock);
    if (epoll_ctl(netem->epoll_fd, EPOLL_CTL_ADD, made->tap.fd, &event) < 0)
        infra("cannot watch a link: %s", strerror(errno));
}

static void netem_profile(void *state, struct link *link, unsigned port,
                          const struct profile *profile)
{
    struct netem *netem = state;
    struct netem_link *mine = link->engine;
    need_perfect(netem, profile);
    pthread_mutex_lock(&netem->lock);
    read_all(netem); /* what came until now is judged by the old profile */
    mine->ways[port].profile = *profile;
    pairing_profile(mine->ways[port].pairing, profile);
    pthread_mutex_unlock(&netem->lock);
    netem_set_qdiscs(mine);
}

static void tell_down(struct netem_link *link, bool down)
{
    pthread_mutex_lock(&link->netem->lock);
    read_all(link->netem);
    for (unsigned i = 0; i < link->link->port_count; i++)
        pairing_down(link->ways[i].pairing, down);
    pthread_mutex_unlock(&link->netem->lock);
}

/* Packets are called cut from before the qdisc changes until after it has
 * changed back: those that pass meanwhile are seen to. */
static void netem_down(void *state, struct link *link, bool down)
{
    (void)state;
    struct netem_link *mine = link->engine;
    if (down)
        tell_down(mine, true);
    mine->down = down;
    netem_set_qdiscs(mine);
    if (!down)
        tell_down(mine, false);
}

/* A test that needs it is skipped; it was not the machine that refused. */
static void netem_script(void *state, struct link *link, const char *line)
{
    (void)state, (void)link;
    char *why = str_format("the kernel's netem cannot pick packets (\"%s\"): "
                           "fault scripts need --engine wire",
                           line);
    if (testrun()->test)
        testrun_end(&(struct ending){.verdict = VERDICT_SKIP, .message = why});
    infra("%s", why);
}

static void netem_fast(void *state, struct link *link)
{
    (void)state, (void)link; /* the kernel has one speed */
}

static void netem_mtu(void *state, struct link *link, unsigned mtu_bytes,
                      bool icmp)
{
    struct netem *netem = state;
    (void)mtu_bytes; /* the middle takes any */
    for (unsigned i = 0; i < link->port_count; i++)
        netem->silent[link->ports[i].host->index] = !icmp;
    for (unsigned i = 0; i < netem->link_count; i++)
        silence(netem->links[i]);
}

static void netem_catch_up(void *state)
{
    struct netem *netem = state;
    pthread_mutex_lock(&netem->lock);
    if (netem->running)
        read_all(netem);
    pthread_mutex_unlock(&netem->lock);
    capture_kick(netem->capture);
}

static void netem_counters(void *state, const struct link *link, unsigned port,
                           struct link_counters *counters)
{
    struct netem *netem = state;
    const struct netem_link *mine = link->engine;
    pthread_mutex_lock(&netem->lock);
    *counters = *pairing_counters(mine->ways[port].pairing);
    pthread_mutex_unlock(&netem->lock);
}

static void netem_lateness(void *state, struct link_lateness *lateness)
{
    struct netem *netem = state;
    pthread_mutex_lock(&netem->lock);
    *lateness = (struct link_lateness){
        .packets = netem->lateness.packets,
        .p50_ns = lateness_quantile_ns(&netem->lateness, 0.5),
        .p99_ns = lateness_quantile_ns(&netem->lateness, 0.99),
        .max_ns = netem->lateness.max_ns,
        .too_late = netem->lateness.too_late,
    };
    pthread_mutex_unlock(&netem->lock);
}

#define COMMON                                                                 \
    .stop = netem_stop, .release = netem_release, .open = netem_open,          \
    .profile = netem_profile, .down = netem_down, .script = netem_script,      \
    .fast = netem_fast, .mtu = netem_mtu, .catch_up = netem_catch_up,          \
    .counters = netem_counters, .lateness = netem_lateness

const struct engine engine_netem = {
    .name = "netem", .start = netem_start, COMMON};
const struct engine engine_veth = {.name = "veth", .start = veth_start, COMMON};

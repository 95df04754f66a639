/* Two hosts and bags of packets; see common.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common.h"

enum { FRAME_BYTES = 65536, SPEC_BYTES = 4096, MANY_ROUNDS = 50 };

void put_bytes(void *to, const void *bytes, size_t count)
{
    memcpy(to, bytes, count);
}

static struct wire make(const char *profile, bool ipv6)
{
    struct wire wire = {.net = net_new(_seed())};
    if (ipv6)
        net_want_ipv6(wire.net);
    wire.maker = net_host(wire.net, "maker");
    wire.reader = net_host(wire.net, "reader");
    wire.link = net_ethernet(wire.maker, wire.reader, profile);
    return wire;
}

struct wire wire_new(const char *profile)
{
    return make(profile, false);
}

struct wire wire_new6(const char *profile)
{
    return make(profile, true);
}

/* ---- Bags ---------------------------------------------------------------- */

void put_stations(uint8_t *frame)
{
    static const uint8_t stations[] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
    memcpy(frame, stations, sizeof(stations));
}

void put_default_stations(uint8_t *frame)
{
    memset(frame, 0xff, 6);
    memset(frame + 6, 0, 6);
}

void bag_add(struct bag *bag, const void *data, size_t bytes,
             size_t length_bytes)
{
    if (bag->count == BAG_MAX)
        test_infra("a bag holds %d packets", BAG_MAX);
    uint8_t *copy = malloc(bytes + 1);
    memcpy(copy, data, bytes);
    bag->packets[bag->count] = (struct file_packet){
        .data = copy,
        .bytes = bytes,
        .length_bytes = length_bytes,
        .time_ns = (int64_t)bag->count * 1000000,
    };
    bag->count++;
}

/* What the link has done so far with maker's packets; what reader's kernel
 * answers does not count. */
struct tally {
    int offered, delivered, under_way;
};

static struct tally tally_of(const struct wire *wire, const char *filter)
{
    struct tally tally = {0};
    struct packet packet = {0};
    while (capture_next(wire->net, filter, packet.number, &packet)) {
        if (packet.from != wire->maker)
            continue;
        tally.offered += !(packet.fate & FATE_DUPLICATE);
        tally.delivered += (packet.fate & FATE_DELIVERED) != 0;
        tally.under_way += (packet.fate & FATE_IN_FLIGHT) != 0;
    }
    return tally;
}

/* Waits until maker's packets have all entered the link, and none is there. */
static struct tally await_quiet(const struct wire *wire, const char *filter,
                                size_t sent)
{
    struct timespec pause = {.tv_nsec = 500000};
    int64_t deadline_ns = clock_now_ns() + PATIENCE;
    for (;;) {
        struct tally tally = tally_of(wire, filter);
        if (tally.offered >= (int)sent && tally.under_way == 0)
            return tally;
        if (clock_now_ns() > deadline_ns)
            test_infra("the link is not quiet after %zu packets", sent);
        nanosleep(&pause, NULL); /* no event tells that nothing is under way */
    }
}

static void take_all(struct frame_port *port, const char *filter, int delivered,
                     struct bag *arrived)
{
    static uint8_t frame[FRAME_BYTES];
    while ((int)arrived->count < delivered) {
        ssize_t n = frame_await(port, filter, frame, sizeof(frame), PATIENCE);
        if (n < 0)
            test_infra("%d packets were delivered, and %zu are there",
                       delivered, arrived->count);
        bag_add(arrived, frame, (size_t)n, 0);
    }
}

void bag_collect(struct wire *wire, struct frame_port *port, const char *filter,
                 struct bag *arrived)
{
    struct tally tally = await_quiet(wire, filter, 0);
    take_all(port, filter, tally.delivered, arrived);
}

static void send_one(struct frame_port *from, const struct bag *bag, size_t i)
{
    int error = frame_send(from, bag->packets[i].data, bag->packets[i].bytes);
    if (error < 0)
        test_infra("packet %zu cannot be sent: %s", i, strerror(-error));
}

void bag_travel(struct wire *wire, const struct bag *sent, struct bag *arrived)
{
    struct frame_port *from = frame_open(wire->maker, wire->link);
    struct frame_port *to = frame_open(wire->reader, wire->link);
    step("%zu packets cross the link", sent->count);
    for (size_t i = 0; i < sent->count; i++)
        send_one(from, sent, i);
    struct tally tally = await_quiet(wire, "", sent->count);
    take_all(to, "", tally.delivered, arrived);
    if (arrived->count == 0)
        test_infra("the link delivered nothing");
    frame_close(from);
    frame_close(to);
}

static const struct file_packet *find(const struct bag *bag,
                                      const struct file_packet *packet)
{
    for (size_t i = 0; i < bag->count; i++) {
        if (bag->packets[i].bytes == packet->bytes &&
            memcmp(bag->packets[i].data, packet->data, packet->bytes) == 0)
            return &bag->packets[i];
    }
    return NULL;
}

/* Sends those that did not come yet.  Returns how many those are. */
static size_t send_missing(struct frame_port *from, const struct bag *sent,
                           const struct bag *came)
{
    size_t missing = 0;
    for (size_t i = 0; i < sent->count; i++) {
        if (find(came, &sent->packets[i]))
            continue;
        send_one(from, sent, i);
        missing++;
    }
    return missing;
}

void bag_travel_whole(struct wire *wire, const struct bag *sent,
                      struct bag *arrived)
{
    static struct bag came; /* in any order, some more than once */
    struct frame_port *from = frame_open(wire->maker, wire->link);
    struct frame_port *to = frame_open(wire->reader, wire->link);
    size_t offered = 0;
    step("%zu packets cross the link, again where one is lost", sent->count);
    for (int round = 0; round < MANY_ROUNDS; round++) {
        size_t missing = send_missing(from, sent, &came);
        if (missing == 0)
            break;
        offered += missing;
        struct tally tally = await_quiet(wire, "", offered);
        take_all(to, "", tally.delivered, &came);
    }
    for (size_t i = 0; i < sent->count; i++) {
        const struct file_packet *packet = find(&came, &sent->packets[i]);
        if (packet == NULL)
            test_infra("packet %zu does not get through", i);
        bag_add(arrived, packet->data, packet->bytes, 0);
    }
    frame_close(from);
    frame_close(to);
}

/* ---- forge --------------------------------------------------------------- */

static void add_mac(char *out, const struct host *host, const struct link *link)
{
    uint8_t mac[6];
    host_mac(host, link, mac);
    sprintf(out, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
            mac[3], mac[4], mac[5]);
}

/* Writes what a "$" word stands for.  Returns the word's length. */
static size_t expand_word(struct wire *wire, const char *word, char *out)
{
    bool v6 = word[1] == '6';
    char who = word[v6 ? 2 : 1];
    struct host *host = who == 'M' || who == 'm' ? wire->maker : wire->reader;
    if (who == 'M' || who == 'R')
        add_mac(out, host, wire->link);
    else
        sprintf(out, "%s", v6 ? host_addr6(host) : host_addr(host));
    return v6 ? 3 : 2;
}

static void expand(struct wire *wire, const char *spec, char *out, size_t size)
{
    size_t n = 0;
    while (*spec != '\0' && n + 64 < size) {
        if (*spec != '$') {
            out[n++] = *spec++;
            continue;
        }
        spec += expand_word(wire, spec, out + n);
        n += strlen(out + n);
    }
    out[n] = '\0';
}

void forge_send(struct wire *wire, const char *spec)
{
    char line[SPEC_BYTES];
    expand(wire, spec, line, sizeof(line));
    int fd = host_packet_socket(wire->maker, wire->link);
    struct start_options options = {
        .fds = &fd, .fd_count = 1, .fd_env = (const char *[]){"FORGE_FD"}};
    struct proc *forge = host_start_with(
        wire->maker, program("forge"), &options, (const char *[]){line, NULL});
    expect_exit(forge, 0, PATIENCE);
    close(fd);
}

/* Behind the file's header of 24 bytes and the packet's of 16. */
size_t forge_frame(struct wire *wire, const char *spec, uint8_t *frame,
                   size_t size)
{
    enum { HEADERS = 24 + 16 };
    char line[SPEC_BYTES];
    size_t bytes;
    expand(wire, spec, line, sizeof(line));
    struct proc *forge =
        host_start(wire->maker, program("forge"), "-o", "forged.pcap", line);
    expect_exit(forge, 0, PATIENCE);
    char *file = file_read(wire->net, "maker:forged.pcap", &bytes);
    if (file == NULL || bytes <= HEADERS)
        test_fail("forge -o forged.pcap ended well and left no packet there");
    size_t length = bytes - HEADERS;
    memcpy(frame, file + HEADERS, length < size ? length : size);
    free(file);
    return length;
}

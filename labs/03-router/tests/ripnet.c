/* See ripnet.h. */
#include "ripnet.h"

#include <stdio.h>
#include <string.h>

enum { HEADER = 4, ENTRY = 20 };

size_t rip_message(uint8_t *message, const struct told *told, size_t count)
{
    memset(message, 0, HEADER + ENTRY * count);
    message[0] = 2;
    message[1] = 2;
    for (size_t i = 0; i < count; i++) {
        uint8_t *at = message + HEADER + ENTRY * i;
        put16(at, 2);
        put32(at + 4, told[i].prefix);
        put32(at + 8, told[i].mask);
        put32(at + 16, told[i].metric);
    }
    return HEADER + ENTRY * count;
}

void rip_tell(struct path *path, int fd, const struct told *told, size_t count)
{
    uint8_t message[HEADER + ENTRY * 25];
    size_t bytes = rip_message(message, told, count);
    for (size_t i = 0; i < count; i++)
        step("a tells the router of %u.%u.%u.%u, metric %u",
             told[i].prefix >> 24, told[i].prefix >> 16 & 255,
             told[i].prefix >> 8 & 255, told[i].prefix & 255, told[i].metric);
    int error = sock_sendto(fd, host_addr_on(path->router, path->left),
                            RIP_PORT, message, bytes);
    if (error < 0)
        test_infra("cannot send to port 520: %s", strerror(-error));
}

static int metric_in(const struct packet *packet, uint32_t prefix)
{
    const uint8_t *message = packet->payload;
    for (size_t at = HEADER; at + ENTRY <= packet->payload_bytes; at += ENTRY) {
        if (get32(message + at + 4) == prefix && get16(message + at) == 2)
            return (int)get32(message + at + 16);
    }
    return 0;
}

int rip_metric(struct net *net, const struct link *link,
               const struct host *from, uint32_t prefix)
{
    struct packet packet;
    int metric = 0;
    for (uint32_t n = 0;
         capture_next(net, "udp src port 520 and udp[8] = 2", n, &packet);
         n = packet.number) {
        if (packet.link == link && packet.from == from)
            metric = metric_in(&packet, prefix);
    }
    return metric;
}

void rip_await_metric(struct net *net, const struct link *link,
                      const struct host *from, uint32_t prefix, int metric,
                      const char *what)
{
    int64_t until_ns = clock_now_ns() + PATIENCE;
    int told;
    look_at("udp port 520");
    while ((told = rip_metric(net, link, from, prefix)) != metric) {
        if (clock_now_ns() > until_ns)
            test_fail("%s: the router tells %d (0: nothing) of it instead of "
                      "%d, for 5 s",
                      what, told, metric);
        int seen = capture_count(net, "udp src port 520");
        (void)capture_await(net, "udp src port 520", seen + 1, MSECONDS(100));
    }
    step("%s: it tells %d", what, metric);
}

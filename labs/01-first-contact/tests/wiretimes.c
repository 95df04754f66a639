/* Moments of connections as the capture has them; see common.h.
 *
 * The client's clock and the capture's are the same CLOCK_MONOTONIC, but for
 * their zero, so that durations can be compared to the microsecond. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

enum { SYN = 0x02, ACK = 0x10, FLAGS_AT = 13 };

static const uint8_t *tcp_of(const struct packet *packet)
{
    bool six = packet->ip[0] >> 4 == 6;
    return packet->ip + (six ? 40 : (packet->ip[0] & 0xf) * 4);
}

static uint16_t port_at(const uint8_t *tcp, int at)
{
    return (uint16_t)(tcp[at] << 8 | tcp[at + 1]);
}

static struct wire_times *find(struct wire_times *times, size_t count,
                               uint16_t port)
{
    for (size_t i = count; i-- > 0;) {
        if (times[i].port == port)
            return &times[i];
    }
    return NULL;
}

static void note_sent(struct wire_times *times, const struct packet *packet)
{
    if (packet->payload_bytes > 0 && times->reply_ns == 0)
        times->request_ns = packet->sent_ns;
}

static void note_received(struct wire_times *times, const struct packet *packet,
                          uint8_t flags)
{
    if (packet->delivered_ns == 0)
        return;
    if (flags & SYN && times->synack_ns == 0)
        times->synack_ns = packet->delivered_ns;
    else if (packet->payload_bytes > 0 && times->reply_ns == 0)
        times->reply_ns = packet->delivered_ns;
}

size_t wire_connections(struct net *net, struct wire_times *times, size_t max)
{
    struct packet packet = {0};
    size_t count = 0;
    while (capture_next(net, "tcp", packet.number, &packet)) {
        const uint8_t *tcp = tcp_of(&packet);
        bool ours = strcmp(host_name(packet.from), "client") == 0;
        uint16_t port = port_at(tcp, ours ? 0 : 2);
        uint8_t flags = tcp[FLAGS_AT];
        struct wire_times *one = find(times, count, port);
        if (one == NULL && ours && (flags & (SYN | ACK)) == SYN && count < max)
            times[count++] =
                (struct wire_times){.port = port, .syn_ns = packet.sent_ns};
        else if (one && ours)
            note_sent(one, &packet);
        else if (one)
            note_received(one, &packet, flags);
    }
    return count;
}

/* ---- Agreement --------------------------------------------------------------
 */

/* A program that is woken late notes its moments late. */
static double tolerance_ms(double wire_ms, const struct answer *answer)
{
    return fmax(2, wire_ms * 0.02) + (double)answer->late_ns / 1e6;
}

void expect_agreement(const struct answer *answer, const char *key,
                      const double *wire_ms, size_t count)
{
    size_t agree = 0, worst = 0;
    double most = -1;
    for (size_t i = 0; i < count; i++) {
        double off = fabs(number_of(answer->objects[i], key) - wire_ms[i]);
        if (off <= tolerance_ms(wire_ms[i], answer))
            agree++;
        else if (!(off <= most)) /* a NaN is worst of all */
            worst = i, most = off;
        step("attempt %zu: %s %.3f, the capture's %.3f", i + 1, key,
             number_of(answer->objects[i], key), wire_ms[i]);
    }
    size_t needed = count / 4 + 1;
    if (agree >= needed)
        return;
    test_fail(
        "%s of attempt %zu is %.3f, where the capture has %.3f ms; %zu "
        "of %zu attempts agree to within 2 ms or 2 %% (and the %.1f ms by "
        "which this machine was late), expected at least %zu",
        key, worst + 1, number_of(answer->objects[worst], key), wire_ms[worst],
        agree, count, (double)answer->late_ns / 1e6, needed);
}

/* Moments of connections as the capture has them; see common.h.
 *
 * The client's clock and the capture's are the same CLOCK_MONOTONIC, but for
 * their zero, so that durations can be compared to the microsecond. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

enum { SYN = 0x02, ACK = 0x10, FLAGS_AT = 13, MOST_OFF_MS = 1000 };

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

static double to_ms(int64_t ns)
{
    return (double)ns / 1e6;
}

/* What is borne of a span, and what of that is the machine's, for a figure that
 * is off by so much: whoever was late was so then or within as much before or
 * after. */
struct slack {
    double all_ms, machine_ms;
};

static struct slack slack_of(const struct world *world,
                             const struct answer *answer,
                             const struct span *span, double off_ms)
{
    int64_t off_ns = off_ms < MOST_OFF_MS ? (int64_t)(off_ms * 1e6) : 0;
    int64_t from_ns = span->from_ns - off_ns, to_ns = span->to_ns + off_ns;
    int64_t waited_ns = proc_run_delay_between(answer->probe, from_ns, to_ns);
    int64_t late_ns = latest_between(answer, world->zero_ns + from_ns,
                                     world->zero_ns + to_ns);
    double machine_ms = to_ms(waited_ns + late_ns);
    double wire_ms = to_ms(span->to_ns - span->from_ns);
    return (struct slack){fmax(2, wire_ms * 0.02) + machine_ms, machine_ms};
}

void expect_agreement(const struct world *world, const struct answer *answer,
                      const char *key, const struct span *spans, size_t count,
                      size_t may_disagree)
{
    size_t disagree = 0, at = 0;
    double late_ms = 0;
    for (size_t i = 0; i < count; i++) {
        double figure_ms = number_of(answer->objects[i], key);
        double wire_ms = to_ms(spans[i].to_ns - spans[i].from_ns);
        double off_ms = fabs(figure_ms - wire_ms);
        struct slack slack = slack_of(world, answer, &spans[i], off_ms);
        step("attempt %zu: %s %.3f, the capture's %.3f, may differ by %.3f",
             i + 1, key, figure_ms, wire_ms, slack.all_ms);
        if (off_ms <= slack.all_ms) /* a NaN never is */
            continue;
        disagree++;
        at = i;
        late_ms = slack.machine_ms;
    }
    if (disagree <= may_disagree)
        return;
    test_fail("%s of attempt %zu is %.3f, where the capture has %.3f ms; %zu "
              "of %zu attempts disagree by more than 2 ms or 2 %% (and the "
              "%.1f ms by which this machine was late)",
              key, at + 1, number_of(answer->objects[at], key),
              to_ms(spans[at].to_ns - spans[at].from_ns), disagree, count,
              late_ms);
}

/* Sums over packets and shares. */
#include "expect/stats.h"

#include <wirelab/expect.h>
#include <wirelab/time.h>

#include "expect/decode.h"

void goodput_add(struct goodput *goodput, const struct packet *packet)
{
    if (packet->delivered_ns == 0 || packet->fate & FATE_DUPLICATE)
        return;
    if (goodput->packets++ == 0)
        goodput->first_ns = packet->sent_ns;
    /* Reordering: the last one sent need not be the last to arrive. */
    if (packet->delivered_ns > goodput->last_ns)
        goodput->last_ns = packet->delivered_ns;
    goodput->payload_bytes += packet_payload_bytes(packet);
}

double goodput_bps(const struct goodput *goodput)
{
    int64_t duration_ns = goodput->last_ns - goodput->first_ns;
    if (goodput->packets < 2 || duration_ns <= 0)
        return 0;
    return (double)goodput->payload_bytes * 8e9 / (double)duration_ns;
}

double jain_index(const double *shares, size_t n)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        sum += shares[i];
        squares += shares[i] * shares[i];
    }
    if (squares <= 0)
        return 0; /* nobody got anything: that is not fair, it is broken */
    return sum * sum / ((double)n * squares);
}

int64_t timing_slack_ns(int64_t lateness_p99_ns)
{
    int64_t both_ends_ns = 2 * lateness_p99_ns;
    return both_ends_ns > MSECONDS(2) ? both_ends_ns : MSECONDS(2);
}

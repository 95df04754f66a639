/* A profile in words, clause by clause. */
#include "link/explain.h"

#include <inttypes.h>

#include "base/hash.h"
#include "link/line.h"

enum { TIME_BYTES = 32, FULL_PACKET_BYTES = 1500 };

struct time_text {
    char text[TIME_BYTES];
};

static struct time_text in_words(int64_t time_ns)
{
    struct time_text out;
    time_format(time_ns, out.text, sizeof(out.text));
    return out;
}

/* How often a correlated chance comes true.  Each draw is a weighted mean of a
 * fresh number and the draw before (sch_netem's rule), so draws crowd around
 * the middle and a small percentage is reached far less often than it says.
 * There is no handy formula: it is tried. */
static double percent_in_truth(const struct chance *chance)
{
    enum { DRAWS = 1 << 19 };
    double keep = chance->correlation_percent / 100, draw = 0.5;
    unsigned hits = 0;
    for (uint64_t i = 0; i < DRAWS; i++) {
        draw = keep * draw + (1 - keep) * hash_unit(hash_words(&i, 1));
        hits += draw < chance->percent / 100;
    }
    return 100.0 * hits / DRAWS;
}

static void explain_chance(const struct chance *chance, struct strbuf *out)
{
    double percent = chance->correlation_percent;
    if (percent > 0)
        strbuf_printf(out,
                      ". netem's correlation takes %g %% of each draw from the "
                      "one before, which makes extremes rare: in the long run "
                      "it is %.2g of 100",
                      percent, percent_in_truth(chance));
    strbuf_printf(out, ".\n");
}

static void explain_delay(const struct profile *p, struct strbuf *out)
{
    strbuf_printf(out, "delay: a packet arrives %s after it was sent",
                  in_words(p->delay_ns).text);
    if (p->jitter_ns == 0) {
        strbuf_printf(out, "; a round trip takes twice that.\n");
        return;
    }
    if (p->shape == DIST_UNIFORM)
        strbuf_printf(out, ", up to %s earlier or later, evenly spread",
                      in_words(p->jitter_ns).text);
    else
        strbuf_printf(out,
                      " on average, with a deviation of %s (%s "
                      "distribution)",
                      in_words(p->jitter_ns).text, dist_name(p->shape));
    if (p->rate_bps == 0)
        strbuf_printf(out, ", and so may overtake others");
    if (p->delay_correlation_percent > 0)
        strbuf_printf(out,
                      ", %g %% of each draw taken over from the one before",
                      p->delay_correlation_percent);
    strbuf_printf(out, ".\n");
}

static void explain_gemodel(const struct loss *loss, struct strbuf *out)
{
    double p = loss->gemodel.p, r = loss->gemodel.r;
    double in_bad = p + r > 0 ? p / (p + r) : 0;
    double mean = in_bad * loss->gemodel.lost_in_bad +
                  (1 - in_bad) * loss->gemodel.lost_in_good;
    strbuf_printf(out,
                  "loss: comes in bursts (Gilbert-Elliott). A good link "
                  "turns bad with %g %% a packet and loses %g %% while "
                  "good; a bad one recovers with %g %% and loses %g %% "
                  "while bad",
                  p, loss->gemodel.lost_in_good, r, loss->gemodel.lost_in_bad);
    strbuf_printf(out, ". That is %.3g %% in the long run", mean);
    if (r > 0)
        strbuf_printf(out, ", a bad stretch lasts %.3g packets", 100 / r);
    strbuf_printf(out, ".\n");
}

static void explain_loss(const struct profile *p, struct strbuf *out)
{
    const struct loss *loss = &p->loss;
    switch (loss->model) {
    case LOSS_NONE:
        return;
    case LOSS_RANDOM:
        strbuf_printf(out, "loss: %g of 100 packets are lost",
                      loss->random.percent);
        explain_chance(&loss->random, out);
        break;
    case LOSS_STATE:
        strbuf_printf(out,
                      "loss: follows a chain of four states; from good to "
                      "burst with %g %%, back with %g %%, within a burst from "
                      "lost to received with %g %% and back with %g %%, single "
                      "losses %g %%.\n",
                      loss->state.p13, loss->state.p31, loss->state.p32,
                      loss->state.p23, loss->state.p14);
        break;
    case LOSS_GEMODEL:
        explain_gemodel(loss, out);
        break;
    }
    if (p->ecn)
        strbuf_printf(out, "ecn: a packet whose sender knows ECN is marked "
                           "instead of lost.\n");
}

static void explain_chances(const struct profile *p, struct strbuf *out)
{
    if (p->corrupt.percent > 0) {
        strbuf_printf(out,
                      "corrupt: in %g of 100 packets one bit behind the "
                      "IP header is flipped",
                      p->corrupt.percent);
        explain_chance(&p->corrupt, out);
    }
    if (p->duplicate.percent > 0) {
        strbuf_printf(out, "duplicate: of 100 packets %g arrive twice",
                      p->duplicate.percent);
        explain_chance(&p->duplicate, out);
    }
    if (p->reorder.percent > 0) {
        strbuf_printf(out,
                      "reorder: %g of 100 packets skip the delay, and so "
                      "overtake those before them",
                      p->reorder.percent);
        if (p->gap > 1)
            strbuf_printf(out, "; only every %" PRIu32 "th one has the chance",
                          p->gap);
        explain_chance(&p->reorder, out);
    }
}

static void explain_rate(const struct profile *p, struct strbuf *out)
{
    if (p->rate_bps == 0)
        return;
    strbuf_printf(out,
                  "rate: %g Mbit/s; a packet of %d bytes occupies the "
                  "wire for %.3g ms, and the next one waits.\n",
                  (double)p->rate_bps / 1e6, FULL_PACKET_BYTES,
                  (double)line_serialise_ns(p, FULL_PACKET_BYTES) / 1e6);
}

static void explain_slots(const struct profile *p, struct strbuf *out)
{
    const struct slots *slots = &p->slots;
    if (!slots->on)
        return;
    strbuf_printf(out, "slot: packets arrive in batches, ");
    if (slots->distributed)
        strbuf_printf(out, "%s apart with a deviation of %s (%s)",
                      in_words(slots->delay_ns).text,
                      in_words(slots->jitter_ns).text, dist_name(slots->shape));
    else
        strbuf_printf(out, "%s to %s apart", in_words(slots->min_ns).text,
                      in_words(slots->max_ns).text);
    if (slots->max_pkts > 0)
        strbuf_printf(out, ", at most %" PRIu32 " packets each",
                      slots->max_pkts);
    if (slots->max_bytes > 0)
        strbuf_printf(out, ", at most %" PRIu32 " bytes each",
                      slots->max_bytes);
    strbuf_printf(out, ".\n");
}

static void explain_limit(const struct profile *p, struct strbuf *out)
{
    strbuf_printf(out,
                  "limit: at most %" PRIu32 " packets are on their way at "
                  "once; what comes then is dropped (overflow).",
                  p->limit_pkts);
    if (p->delay_ns > 0 && p->rate_bps == 0)
        strbuf_printf(out,
                      " With this delay that is %.0f Mbit/s of full "
                      "packets.",
                      (double)p->limit_pkts * FULL_PACKET_BYTES * 8e3 /
                          (double)p->delay_ns);
    strbuf_printf(out, "\n");
}

void profile_explain(const struct profile *p, struct strbuf *out)
{
    if (profile_is_perfect(p))
        strbuf_printf(out, "A perfect link: packets arrive at once, in order, "
                           "all of them.\n");
    if (p->delay_ns > 0 || p->jitter_ns > 0)
        explain_delay(p, out);
    explain_loss(p, out);
    explain_chances(p, out);
    explain_rate(p, out);
    explain_slots(p, out);
    explain_limit(p, out);
    if (p->seeded)
        strbuf_printf(out,
                      "seed: faults are drawn from seed %" PRIu64
                      ", whatever the run's seed is.\n",
                      p->seed);
}

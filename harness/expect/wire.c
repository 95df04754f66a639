/* Expectations about packets.  Times are those at which packets entered their
 * links, as the links recorded them. */
#include <wirelab/expect.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include <wirelab/time.h>

#include "base/strbuf.h"
#include "expect/judge.h"
#include "expect/stats.h"
#include "link/links.h"

static char *range_text(int low, int high)
{
    if (low == high)
        return str_format("%d", low);
    return low == 0 ? str_format("at most %d", high)
                    : str_format("%d to %d", low, high);
}

void expect_packets(struct net *net, const char *filter, int low, int high,
                    const char *what)
{
    int count = capture_count(net, filter);
    const struct judgement judgement = {
        .expected = range_text(low, high),
        .actual = str_format("%d", count),
    };
    journal_step("check: %s: %d packets (expected %s)", what, count,
                 judgement.expected);
    if (count < low || count > high)
        judge_fail(&judgement, "%s: saw %d packets; expected %s", what, count,
                   judgement.expected);
    free(judgement.expected);
    free(judgement.actual);
}

/* Finds the first match, or fails because there is none. */
static struct packet must_find(struct net *net, const char *filter,
                               uint32_t after, const char *what)
{
    struct packet packet;
    if (!capture_next(net, filter, after, &packet))
        judge_fail(
            &(struct judgement){
                .expected = str_format("a packet \"%s\"", filter),
                .actual = mem_strdup("none"),
            },
            "%s: no packet \"%s\" was sent%s", what, filter,
            after ? " after the first one" : "");
    return packet;
}

void expect_order(struct net *net, const char *first, const char *then,
                  const char *what)
{
    journal_step("check: %s: \"%s\" before \"%s\"", what, first, then);
    struct packet one = must_find(net, first, 0, what);
    struct packet other = must_find(net, then, 0, what);
    /* Of packets on different links, numbers tell the order as well as times
     * do: one thread records them all. */
    if (one.number < other.number)
        return;
    judge_fail(
        &(struct judgement){
            .expected = str_format("\"%s\" first", first),
            .actual = str_format("packet #%u \"%s\" at %.1f ms, before #%u",
                                 other.number, then,
                                 (double)other.sent_ns / 1e6, one.number),
        },
        "%s: packet #%u \"%s\" was sent %.1f ms before #%u \"%s\", which must "
        "come first",
        what, other.number, then, (double)(one.sent_ns - other.sent_ns) / 1e6,
        one.number, first);
}

/* The second packet came too late, or the first did, and so their distance is
 * too short. */
static void void_if_starved(struct net *net, const struct packet *one,
                            const struct packet *other, int64_t too_long_ns,
                            int64_t too_short_ns)
{
    char why[STARVED_TEXT_BYTES], said[80];
    bool excused =
        too_long_ns > 0
            ? starved(net, one->sent_ns, other->sent_ns, too_long_ns, why)
            : starved(net, 0, one->sent_ns, too_short_ns, why);
    snprintf(said, sizeof(said), "%.1f ms passed between packets #%u and #%u",
             (double)(other->sent_ns - one->sent_ns) / 1e6, one->number,
             other->number);
    if (excused)
        make_void(why, said);
}

void expect_delay_between(struct net *net, const char *from, const char *to,
                          int64_t low_ns, int64_t high_ns, const char *what)
{
    struct link_lateness lateness;
    char low[DURATION_TEXT_BYTES], high[DURATION_TEXT_BYTES],
        actual[DURATION_TEXT_BYTES], slack[DURATION_TEXT_BYTES];
    links_lateness(net, &lateness);
    int64_t slack_ns = timing_slack_ns(lateness.p99_ns);
    duration_text(low_ns, low);
    duration_text(high_ns, high);
    journal_step("check: %s: %s to %s pass between \"%s\" and \"%s\"", what,
                 low, high, from, to);
    struct packet one = must_find(net, from, 0, what);
    struct packet other = must_find(net, to, one.number, what);
    int64_t passed_ns = other.sent_ns - one.sent_ns;
    if (low_ns - slack_ns <= passed_ns && passed_ns <= high_ns + slack_ns)
        return;
    void_if_starved(net, &one, &other, passed_ns - high_ns - slack_ns,
                    low_ns - slack_ns - passed_ns);
    judge_fail(
        &(struct judgement){
            .expected = str_format("%s to %s (and %s for this machine's own "
                                   "lateness)",
                                   low, high, duration_text(slack_ns, slack)),
            .actual = mem_strdup(duration_text(passed_ns, actual)),
        },
        "%s: %s passed between packets #%u and #%u; expected %s to %s", what,
        duration_text(passed_ns, actual), one.number, other.number, low, high);
}

double capture_goodput_bps(struct net *net, const char *filter)
{
    struct goodput goodput = {0};
    struct packet packet = {0};
    while (capture_next(net, filter, packet.number, &packet))
        goodput_add(&goodput, &packet);
    return goodput_bps(&goodput);
}

/* Asks for another seed: this one spares the program in every run. */
static void ask_for_seed(json_t *verdict, const struct ending *ending,
                         void *context)
{
    (void)ending, (void)context;
    (void)json_object_set_new(verdict, "other_seed", json_true());
}

/* The kernel's emulator tells nobody what it loses: a packet that it holds may
 * still come.  So what has not come is not known for lost before its time is
 * over. */
static int await_faults(struct net *net, unsigned fates, const char *filter,
                        int count)
{
    int64_t deadline_ns = clock_now_ns() + SECONDS(5);
    for (;;) {
        int seen = capture_count_fate(net, fates, filter);
        if (seen >= count || clock_now_ns() >= deadline_ns ||
            capture_count_fate(net, FATE_IN_FLIGHT, filter) == 0)
            return seen;
        (void)poll(NULL, 0, 10);
    }
}

void need_faults(struct net *net, unsigned fates, const char *filter, int count)
{
    int seen = await_faults(net, fates, filter, count);
    journal_step("make sure that the links did what this test needs: %d of %d "
                 "faults on \"%s\"",
                 seen, count, filter);
    if (seen >= count)
        return;
    testrun_witness(ask_for_seed, NULL);
    infra("the faults this test needs did not happen: %d packets \"%s\" "
          "were to suffer, %d did",
          count, filter, seen);
}

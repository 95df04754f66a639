/* What expect adds to a verdict: the ladder of the packets around a failure,
 * and what a report needs to tell of the others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wirelab/expect.h>
#include <wirelab/ladder.h>

#include "base/strbuf.h"
#include "expect/crash.h"
#include "expect/judge.h"
#include "expect/ladder.h"
#include "expect/record.h"
#include "expect/words.h"
#include "link/capture.h"

enum {
    AROUND = 400, /* packets gathered on each side of what is looked at */
    MAX_PACKETS = 4096,
    FIRST_PACKETS = 64, /* enough to have met the hosts of a path */
};

/* What the test said of its ladder.  Like the run itself it belongs to the
 * process, since look_at() carries no context. */
static struct {
    char *focus;
    ladder_decode_fn *decode;
} said;

void look_at(const char *filter)
{
    free(said.focus);
    said.focus = filter && *filter ? mem_strdup(filter) : NULL;
}

void ladder_decoder(ladder_decode_fn *decode)
{
    said.decode = decode;
}

/* Numbers of the packets to gather: [first, last]. */
struct span {
    uint32_t first, last;
};

static struct span around_focus(struct net *net, uint32_t total)
{
    struct span span = {.first = 1, .last = total};
    struct packet packet = {0};
    if (said.focus && capture_next(net, said.focus, 0, &packet)) {
        span.first = span.last = packet.number;
        while (capture_next(net, said.focus, packet.number, &packet))
            span.last = packet.number;
        span.last = span.last + AROUND < total ? span.last + AROUND : total;
    } else {
        span.first = total;
    }
    span.first = span.first > AROUND ? span.first - AROUND : 1;
    /* What the test looks at may be far apart: the beginning is where things
     * went wrong. */
    if (span.last - span.first >= MAX_PACKETS)
        span.last = span.first + MAX_PACKETS - 1;
    return span;
}

static void learn_streams(struct net *net, struct decoder *decoder)
{
    struct packet packet = {0};
    while (decoder->stream_count < DECODE_MAX_STREAMS &&
           capture_next(net, "tcp[tcpflags] & tcp-syn != 0", packet.number,
                        &packet))
        decoder_learn(decoder, &packet);
}

static void mark_focus(struct net *net, const struct span *span, bool *focus)
{
    struct packet packet = {.number = span->first - 1};
    while (said.focus &&
           capture_next(net, said.focus, packet.number, &packet) &&
           packet.number <= span->last)
        focus[packet.number - span->first] = true;
}

static struct packet *get_packets(struct net *net, uint32_t first, size_t count)
{
    struct packet *packets = mem_zalloc(count * sizeof(*packets));
    for (size_t i = 0; i < count; i++)
        capture_get(capture_of(net), first + (uint32_t)i, true, &packets[i]);
    return packets;
}

static json_t *gather(struct net *net, uint32_t total)
{
    struct decoder decoder = {.custom = said.decode};
    struct span span = around_focus(net, total);
    size_t count = span.last - span.first + 1;
    size_t first_count = total < FIRST_PACKETS ? total : FIRST_PACKETS;
    struct packet *packets = get_packets(net, span.first, count);
    struct packet *first = get_packets(net, 1, first_count);
    bool *focus = mem_zalloc(count * sizeof(*focus));
    mark_focus(net, &span, focus);
    learn_streams(net, &decoder);
    json_t *ladder = ladder_json(&(struct ladder_input){
        .packets = packets,
        .focus = focus,
        .count = count,
        .later = total - span.last,
        .first = first,
        .first_count = first_count,
        .decoder = &decoder,
        .clock_ns = net->started_ns - testrun()->started_ns,
    });
    free(focus);
    free(first);
    free(packets);
    return ladder;
}

static void tell_ladder(json_t *verdict, const struct ending *ending,
                        void *unused)
{
    (void)unused;
    struct net *net = net_current();
    if (net == NULL ||
        (ending->verdict != VERDICT_FAIL && ending->verdict != VERDICT_INFRA))
        return;
    uint32_t total = capture_records(capture_of(net));
    if (total > 0)
        json_object_set_new(verdict, "ladder", gather(net, total));
}

/* Steps count from the start of the run, packets from that of the net. */
static void tell_clock(json_t *verdict, const struct net *net)
{
    int64_t clock_ns = net->started_ns - testrun()->started_ns;
    json_object_set_new(verdict, "clock_ms", json_real((double)clock_ns / 1e6));
}

static void tell_words(json_t *verdict, struct net *net)
{
    if (said.decode == NULL)
        return;
    char *path = str_format("%s/%s", testrun()->out_dir, WORDS_FILE);
    int told = words_write(net, said.decode, path);
    if (told > 0)
        json_object_set_new(verdict, "words", json_string(WORDS_FILE));
    else if (told < 0) /* reports show such packets undecoded */
        fprintf(stderr, "cannot write %s: %s\n", path, strerror(-told));
    free(path);
}

static void tell_packets(json_t *verdict, const struct ending *ending,
                         void *unused)
{
    (void)ending;
    (void)unused;
    struct net *net = net_current();
    if (net == NULL)
        return;
    tell_clock(verdict, net);
    tell_words(verdict, net);
}

void expect_begin(void)
{
    look_at(NULL);
    ladder_decoder(NULL);
    crash_begin();
    compare_begin();
    record_begin();
    testrun_witness(tell_packets, NULL);
    testrun_witness(tell_ladder, NULL);
}

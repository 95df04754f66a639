/* Names for packets that are the same in every run.
 *
 * "Lose 1 % with seed 7" can be replayed only if the second run asks the same
 * questions.  But in the second run the client's port is another, its initial
 * sequence number is another, and TCP cuts its stream at other places.  So each
 * packet gets a name that leaves these out:
 *
 *   flow   the protocol, both addresses and the ports that are not ephemeral,
 *          and a number: the third connection from sender to receiver:9000 is
 *          the third in every run.  A SYN with a new sequence number opens a
 *          new flow, even between the same ports.
 *   unit   what of the flow it is.
 *            UDP, ICMP and others: the how-manieth packet, each direction for
 *            itself.
 *            TCP with data: see below.
 *            SYN, FIN, RST, segments without data: the how-manieth of its kind.
 *            Fragments: the how-manieth fragment between these two hosts; only
 *            the first of a datagram shows its ports, so they have a flow of
 *            their own.
 *   nth    how often this unit went by before.
 *
 * A TCP stream is cut into cells of 1448 bytes, a full segment on an ordinary
 * path, and each cell has a *mark* at a seeded place:
 *
 *      cells   |---------|---------|---------|---------
 *      marks       ^            ^   ^             ^
 *      run 1   [.......][........][.......][.......]
 *      run 2   [....][.....][.........][......][...]
 *
 * A segment suffers what its marks suffer.  Whoever carries the third mark is
 * lost, whether it is one segment's end or another's beginning; and the second
 * segment that carries it, a retransmission, asks with nth = 1 and is answered
 * anew.  A full segment carries one mark on average, so `loss 1%` loses about
 * one segment in a hundred; a stream of one-byte segments loses one byte in
 * 144800, not one segment in a hundred, since what TCP repairs are bytes.
 *
 * ARP, neighbour discovery, MLD and IGMP get no name: a host sends them when it
 * pleases, and they must not shift the numbers of the rest. */
#include "link/flow.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "link/flowtable.h"
#include "link/text.h"

struct flows {
    uint32_t link;
    struct flow_table table;
};

static const uint64_t mark_salt = 0x4d41524b; /* "MARK" */

const char *unit_kind_name(enum unit_kind kind)
{
    static const char *const names[UNIT_KINDS] = {
        "packet", "data", "bare", "syn", "fin", "rst", "ack"};
    return names[kind];
}

struct flows *flows_new(uint32_t link)
{
    struct flows *flows = mem_zalloc(sizeof(*flows));
    flows->link = link;
    return flows;
}

void flows_free(struct flows *flows)
{
    if (flows == NULL)
        return;
    flow_table_fini(&flows->table);
    free(flows);
}

/* What all units of one packet have in common, and where they go. */
struct naming {
    const struct flows *flows;
    const struct view *view;
    struct flow *flow;
    unsigned half;
    uint64_t mark_seed; /* of this stream */
    struct unit *units;
    size_t count, max;
};

static void add_unit(struct naming *naming, enum unit_kind kind, uint64_t index,
                     uint64_t offset_bytes, unsigned nth)
{
    if (naming->count == naming->max)
        return;
    naming->units[naming->count++] = (struct unit){
        .kind = kind,
        .protocol = naming->view->protocol,
        .nth = (uint16_t)nth,
        .flow = naming->flow->number,
        .flow_label = naming->flow->label,
        .index = index,
        .offset_bytes = offset_bytes,
    };
}

static void add_counted(struct naming *naming, enum unit_kind kind)
{
    uint64_t *count = &naming->flow->halves[naming->half].counts[kind];
    add_unit(naming, kind, (*count)++, 0, 0);
}

/* ---- TCP ----------------------------------------------------------------- */

static uint64_t mark_of(const struct naming *naming, uint64_t cell)
{
    uint64_t place =
        hash_words((uint64_t[]){naming->mark_seed, cell}, 2) % FLOW_CELL_BYTES;
    return cell * FLOW_CELL_BYTES + place;
}

static void add_data(struct naming *naming, struct stream *stream)
{
    int64_t offset = stream_offset(stream, naming->view->tcp_seq);
    uint64_t bytes = naming->view->payload_bytes;
    if (offset < 0 || bytes == 0)
        return;
    uint64_t from = (uint64_t)offset, to = from + bytes;
    stream_extend(stream, to);
    for (uint64_t cell = from / FLOW_CELL_BYTES;
         cell <= (to - 1) / FLOW_CELL_BYTES; cell++) {
        uint64_t mark = mark_of(naming, cell);
        if (mark >= from && mark < to)
            add_unit(naming, UNIT_DATA, cell, mark, stream_hit(stream, cell));
    }
    if (naming->count == 0)
        add_unit(naming, UNIT_BARE, from / FLOW_CELL_BYTES, from, 0);
}

static void name_segment(struct naming *naming)
{
    const struct view *view = naming->view;
    struct stream *stream = &naming->flow->halves[naming->half].stream;
    bool syn = view->tcp_flags & VIEW_SYN;
    uint32_t first_seq = view->tcp_seq + syn;
    if (!stream->known || (syn && stream->first_seq != first_seq))
        stream_begin(stream, first_seq);
    if (syn)
        add_counted(naming, UNIT_SYN);
    if (view->tcp_flags & VIEW_FIN)
        add_counted(naming, UNIT_FIN);
    if (view->tcp_flags & VIEW_RST)
        add_counted(naming, UNIT_RST);
    if (!syn) /* data on a SYN travels with it */
        add_data(naming, stream);
    if (naming->count == 0)
        add_counted(naming, UNIT_ACK);
}

/* A connection that is opened again between the same ports: a SYN, not the
 * answer to one, that does not repeat the number of the last. */
static bool reopens(const struct flow *flow, unsigned half,
                    const struct view *view)
{
    const struct stream *stream = &flow->halves[half].stream;
    unsigned flags = view->tcp_flags & (VIEW_SYN | VIEW_ACK);
    return view->protocol == IPPROTO_TCP && flags == VIEW_SYN &&
           stream->known && stream->first_seq != view->tcp_seq + 1;
}

size_t flows_units(struct flows *flows, uint64_t seed, unsigned direction,
                   const struct view *view, struct unit *units, size_t max)
{
    if (view->neighbour)
        return 0;
    struct naming naming = {
        .flows = flows, .view = view, .units = units, .max = max};
    naming.flow = flow_table_find(&flows->table, view, &naming.half);
    if (reopens(naming.flow, naming.half, view))
        naming.flow = flow_table_renew(&flows->table, naming.flow, view);
    naming.mark_seed = hash_words((uint64_t[]){seed, flows->link, direction,
                                               naming.flow->label, mark_salt},
                                  5);
    bool segment = view->protocol == IPPROTO_TCP && !view->fragment;
    if (segment && !flow_is_crowd(naming.flow))
        name_segment(&naming);
    else
        add_counted(&naming, UNIT_PACKET);
    return naming.count;
}

size_t flows_classify(struct flows *flows, uint64_t seed, unsigned direction,
                      const uint8_t *ip, size_t bytes, struct unit *units,
                      size_t max)
{
    struct view view;
    if (view_read(&view, ip, bytes) < 0)
        return 0;
    return flows_units(flows, seed, direction, &view, units, max);
}

/* ---- Names for people ---------------------------------------------------- */

static void put_endpoint(struct text *text, const struct flow_key *class,
                         unsigned end)
{
    char addr[INET6_ADDRSTRLEN];
    bool v4 = class->version == 4;
    inet_ntop(v4 ? AF_INET : AF_INET6, class->addr[end], addr, sizeof(addr));
    text_put(text, " %s", addr);
    if (class->port[end] != 0)
        text_put(text, v4 ? ":%u" : ".%u", class->port[end]);
}

int flows_name(const struct flows *flows, uint32_t number, char *out,
               size_t size)
{
    struct text text = text_in(out, size);
    if (number == 0 || number > flows->table.count)
        return 0;
    const struct flow *flow = flows->table.flows[number - 1];
    char protocol[32];
    protocol_put(flow->class.protocol, protocol, sizeof(protocol));
    text_put(&text, "%s%s", protocol, flow->class.fragment ? " fragments" : "");
    put_endpoint(&text, &flow->class, 0);
    put_endpoint(&text, &flow->class, 1);
    text_put(&text, " %u", flow->ordinal);
    return (int)text.length;
}

/* The packets of a capture as columns: a number a packet and column, since an
 * object for each of ten thousand packets would be mostly names of members. */
#include "report/columns.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

enum {
    PEEK_BYTES = 32, /* of a payload that is text */
    MAX_FLOWS = 256,
};

struct columns {
    const struct survey *survey;
    const struct capread *file;
    struct words *words;
    json_t *hosts, *ways, *flows;
    json_t *sent, *took, *way, *flow, *bytes, *data, *fate, *text, *flags,
        *window;
    json_t *copies, *notes, *peeks; /* sparse: {"17": value} */
    int64_t before_us;
    bool tcp;
};

static bool is_ethernet(const struct capread_packet *p)
{
    return p->packet.ip != p->packet.data && p->packet.captured_bytes >= 14;
}

static void learn_station(struct survey *survey, const struct capread_packet *p)
{
    const uint8_t *source = p->packet.data + COLUMNS_MAC_BYTES;
    if (!is_ethernet(p) || survey->station_count == COLUMNS_MAX_MACS)
        return;
    for (size_t i = 0; i < survey->station_count; i++) {
        if (memcmp(survey->stations[i].mac, source, COLUMNS_MAC_BYTES) == 0)
            return;
    }
    struct station *station = &survey->stations[survey->station_count++];
    memcpy(station->mac, source, COLUMNS_MAC_BYTES);
    memcpy(station->host, p->from, strlen(p->from) + 1);
}

void survey_packet(struct survey *survey, const struct capread_packet *p)
{
    survey->total++;
    decoder_learn(&survey->decoder, &p->packet);
    learn_station(survey, p);
}

/* ---- Columns --------------------------------------------------------------
 */

/* The index of a text in an array, which gets it if it is new. */
static json_int_t index_of(json_t *array, const char *text)
{
    size_t n = json_array_size(array);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(json_string_value(json_array_get(array, i)), text) == 0)
            return (json_int_t)i;
    }
    json_array_append_new(array, json_string(text));
    return (json_int_t)n;
}

/* Behind a switch whoever has the address; nobody in particular, if it is a
 * group's. */
static const char *receiver_of(const struct columns *c,
                               const struct capread_packet *p)
{
    if (strcmp(p->to, "lan") != 0)
        return p->to;
    for (size_t i = 0; is_ethernet(p) && i < c->survey->station_count; i++) {
        const struct station *station = &c->survey->stations[i];
        if (memcmp(station->mac, p->packet.data, COLUMNS_MAC_BYTES) == 0)
            return station->host;
    }
    return NULL;
}

static json_int_t way_of(struct columns *c, const struct capread_packet *p)
{
    const char *receiver = receiver_of(c, p);
    json_int_t from = index_of(c->hosts, p->from);
    json_int_t to = receiver ? index_of(c->hosts, receiver) : -1;
    size_t i;
    json_t *way;
    json_array_foreach(c->ways, i, way)
    {
        if (json_integer_value(json_array_get(way, 0)) == from &&
            json_integer_value(json_array_get(way, 1)) == to)
            return (json_int_t)i;
    }
    json_array_append_new(c->ways, json_pack("[I, I]", from, to));
    return (json_int_t)json_array_size(c->ways) - 1;
}

/* "sender:40000", "10.77.1.9:80", "[fd77:1::2]:80"; without ports the host. */
static void put_end(const struct columns *c, const struct packet_head *head,
                    bool source, struct strbuf *out)
{
    const uint8_t *address = source ? head->from : head->to;
    unsigned port = source ? head->from_port : head->to_port;
    bool v6 = head->version == 6;
    const char *name = capread_host(c->file, address, v6 ? 16 : 4);
    char text[INET6_ADDRSTRLEN] = "?";
    if (name == NULL)
        (void)inet_ntop(v6 ? AF_INET6 : AF_INET, address, text, sizeof(text));
    if (name == NULL && v6)
        strbuf_printf(out, " [%s]", text);
    else
        strbuf_printf(out, " %s", name ? name : text);
    if (head->from_port || head->to_port)
        strbuf_printf(out, ":%u", port);
}

/* Both directions are one flow, named from whoever spoke first. */
static json_int_t flow_of(struct columns *c, const struct packet_head *head)
{
    static const struct {
        uint8_t protocol;
        const char *name;
    } names[] = {{IPPROTO_TCP, "tcp"},
                 {IPPROTO_UDP, "udp"},
                 {IPPROTO_ICMP, "icmp"},
                 {IPPROTO_ICMPV6, "icmp"}};
    struct strbuf there = {0}, back = {0};
    const char *name = "ip";
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].protocol == head->protocol)
            name = names[i].name;
    }
    strbuf_printf(&there, "%s", name);
    strbuf_printf(&back, "%s", name);
    put_end(c, head, true, &there);
    put_end(c, head, false, &there);
    put_end(c, head, false, &back);
    put_end(c, head, true, &back);
    size_t known = json_array_size(c->flows);
    json_int_t at = index_of(c->flows, back.text);
    if ((size_t)at == known) { /* not known that way round */
        json_array_remove(c->flows, known);
        at = known < MAX_FLOWS ? index_of(c->flows, there.text) : -1;
    }
    strbuf_fini(&there);
    strbuf_fini(&back);
    return at;
}

static void add(json_t *column, json_int_t value)
{
    json_array_append_new(column, json_integer(value));
}

static void set_at(json_t *sparse, size_t index, json_t *value)
{
    char key[24];
    snprintf(key, sizeof(key), "%zu", index);
    json_object_set_new(sparse, key, value);
}

/* What says no more than the columns do is left out. */
static bool is_plain(const char *note)
{
    return *note == '\0' || strncmp(note, "delayed ", 8) == 0;
}

/* The beginning of a payload, if that is text. */
static void add_peek(struct columns *c, size_t index,
                     const struct packet *packet)
{
    char text[PEEK_BYTES + 1];
    size_t n = packet->payload_bytes, odd = 0;
    n = n < PEEK_BYTES ? n : PEEK_BYTES;
    for (size_t i = 0; i < n; i++) {
        char byte = (char)packet->payload[i];
        bool printable = byte >= ' ' && byte <= '~';
        odd += !printable && byte != '\r' && byte != '\n' && byte != '\t';
        text[i] = printable ? byte : '.';
    }
    text[n] = '\0';
    if (n > 0 && odd * 8 <= n)
        set_at(c->peeks, index, json_string(text));
}

static void add_text(struct columns *c, const struct packet *packet)
{
    char text[DECODE_TEXT_BYTES];
    const char *said = c->words ? words_of(c->words, packet->number) : NULL;
    if (said == NULL)
        decoder_text(&c->survey->decoder, packet, text);
    json_array_append_new(c->text, json_string(said ? said : text));
}

static void add_fate(struct columns *c, size_t index,
                     const struct packet *packet)
{
    int64_t took_ns = packet->delivered_ns - packet->sent_ns;
    add(c->took, packet->fate & FATE_DELIVERED ? (took_ns + 500) / 1000 : -1);
    add(c->fate, packet->fate);
    if (packet->copy_of)
        set_at(c->copies, index, json_integer(packet->copy_of));
    if (!is_plain(packet->note)) {
        json_t *note = json_string(packet->note);
        set_at(c->notes, index, note ? note : json_string("?"));
    }
}

void columns_add(struct columns *c, const struct capread_packet *p)
{
    const struct packet *packet = &p->packet;
    size_t index = json_array_size(c->sent);
    struct packet_head head;
    bool ip = packet_head(packet, &c->survey->decoder, &head);
    int64_t sent_us = packet->sent_ns / 1000;
    add(c->sent, sent_us - c->before_us);
    c->before_us = sent_us;
    add(c->way, way_of(c, p));
    add(c->flow, ip ? flow_of(c, &head) : -1);
    add(c->bytes, (json_int_t)packet->length_bytes);
    add(c->data, (json_int_t)packet_payload_bytes(packet));
    add(c->flags, head.flags);
    add(c->window, head.window);
    c->tcp |= head.protocol == IPPROTO_TCP;
    add_fate(c, index, packet);
    add_text(c, packet);
    add_peek(c, index, packet);
}

struct columns *columns_new(const struct survey *survey,
                            const struct capread *file, struct words *words)
{
    struct columns *c = mem_zalloc(sizeof(*c));
    *c = (struct columns){.survey = survey, .file = file, .words = words};
    json_t **arrays[] = {&c->hosts, &c->ways,  &c->flows, &c->sent, &c->took,
                         &c->way,   &c->flow,  &c->bytes, &c->data, &c->fate,
                         &c->text,  &c->flags, &c->window};
    for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
        *arrays[i] = json_array();
    c->copies = json_object();
    c->notes = json_object();
    c->peeks = json_object();
    return c;
}

json_t *columns_finish(struct columns *c, uint32_t first)
{
    json_t *json = json_pack(
        "{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
        " s:o, s:o, s:o}",
        "total", (json_int_t)c->survey->total, "first", (json_int_t)first,
        "hosts", c->hosts, "ways", c->ways, "flows", c->flows, "sent", c->sent,
        "took", c->took, "way", c->way, "flow", c->flow, "bytes", c->bytes,
        "data", c->data, "fate", c->fate, "text", c->text, "copies", c->copies,
        "notes", c->notes, "peeks", c->peeks);
    if (c->tcp) {
        json_object_set(json, "flags", c->flags);
        json_object_set(json, "window", c->window);
    }
    json_decref(c->flags);
    json_decref(c->window);
    if (c->survey->damaged)
        json_object_set_new(json, "damaged", json_true());
    free(c);
    return json;
}

void columns_meet(struct columns *c, const struct capread_packet *p)
{
    (void)way_of(c, p);
}

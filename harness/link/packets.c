/* The run as text, packet by packet.
 *
 * What differs between two runs that are the same to everybody in them stays
 * out: ephemeral ports and initial sequence numbers, which the kernel draws,
 * and payloads, in which programs put random numbers and dates of their own.
 * What a connection is relative to is learnt from its SYNs, or, where none was
 * seen, from the first segment of each half. */
#include "link/packets.h"

#include <netinet/in.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "link/flowtable.h"
#include "link/view.h"

enum { LINE_BYTES = 256, ACK_OFFSET = 8, WINDOW_OFFSET = 14 };

struct words {
    char text[LINE_BYTES];
    size_t length;
};

static void add(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add(struct words *words, const char *format, ...)
{
    va_list args;
    size_t room = LINE_BYTES - words->length;
    va_start(args, format);
    int n = vsnprintf(words->text + words->length, room, format, args);
    va_end(args);
    if (n > 0)
        words->length += (size_t)n < room ? (size_t)n : room - 1;
}

static uint32_t get_be(const uint8_t *p, int bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | p[i];
    return value;
}

/* ---- TCP, relative --------------------------------------------------------
 */

/* A SYN that does not repeat an earlier one begins a connection anew. */
static struct flow *connection_of(struct flow_table *table,
                                  const struct view *view, unsigned *half)
{
    struct flow *flow = flow_table_find(table, view, half);
    const struct stream *stream = &flow->halves[*half].stream;
    bool opens = (view->tcp_flags & (VIEW_SYN | VIEW_ACK)) == VIEW_SYN;
    if (opens && stream->known && stream->first_seq != view->tcp_seq)
        flow = flow_table_renew(table, flow, view);
    return flow;
}

static void add_flags(struct words *words, uint8_t flags)
{
    static const char names[] = "FSRPAUEC";
    for (unsigned i = 0; i < sizeof(names) - 1; i++) {
        if (flags & 1U << i)
            add(words, "%c", names[i]);
    }
}

static uint32_t relative(struct stream *stream, uint32_t number)
{
    if (!stream->known)
        stream_begin(stream, number);
    return number - stream->first_seq;
}

static void add_tcp(struct words *words, struct flow_table *table,
                    const struct view *view, const uint8_t *tcp)
{
    unsigned half;
    struct flow *flow = connection_of(table, view, &half);
    struct stream *mine = &flow->halves[half].stream;
    struct stream *other = &flow->halves[!half].stream;
    uint32_t from = relative(mine, view->tcp_seq);
    add(words, "tcp ");
    add_flags(words, view->tcp_flags);
    add(words, " %u:%u", from, from + (uint32_t)view->payload_bytes);
    if (view->tcp_flags & VIEW_ACK)
        add(words, " ack %u", relative(other, get_be(tcp + ACK_OFFSET, 4)));
    add(words, " window %u", get_be(tcp + WINDOW_OFFSET, 2));
}

/* ---- Any packet -----------------------------------------------------------
 */

static void add_packet(struct words *words, struct flow_table *table,
                       const struct packet *packet)
{
    struct view view;
    if (packet->ip == NULL) {
        unsigned type =
            packet->captured_bytes >= 14 ? get_be(packet->data + 12, 2) : 0;
        add(words, type == 0x0806 ? "arp" : "frame %04x", type);
        return;
    }
    size_t bytes = packet->captured_bytes - (size_t)(packet->ip - packet->data);
    if (view_read(&view, packet->ip, bytes) < 0)
        add(words, "ip");
    else if (view.fragment)
        add(words, "fragment %u", view.protocol);
    else if (view.protocol == IPPROTO_TCP)
        add_tcp(words, table, &view, packet->ip + view.transport_offset);
    else if (view.protocol == IPPROTO_UDP)
        add(words, "udp %zu", view.payload_bytes);
    else
        add(words, "proto %u", view.protocol);
}

static void put_line(struct words *words, struct flow_table *table,
                     const struct packet *packet)
{
    words->length = 0;
    add(words, "%u\t%lld\t%s>%s\t%zu\t", packet->number,
        (long long)packet->sent_ns, packet->from->name,
        packet->to ? packet->to->name : "lan", packet->length_bytes);
    add_packet(words, table, packet);
    add(words, "\t%x\t%lld\n", packet->fate, (long long)packet->delivered_ns);
}

static void write_digest(EVP_MD_CTX *hash, char digest[PACKETS_DIGEST_BYTES])
{
    uint8_t bytes[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    digest[0] = '\0';
    if (EVP_DigestFinal_ex(hash, bytes, &n) != 1 || n != 32)
        return; /* as nothing */
    (void)snprintf(digest, PACKETS_DIGEST_BYTES, "sha256:");
    for (unsigned i = 0; i < n; i++)
        (void)snprintf(digest + 7 + 2 * i, 3, "%02x", bytes[i]);
}

void packets_digest(struct capture *capture, struct strbuf *lines,
                    char digest[PACKETS_DIGEST_BYTES])
{
    struct flow_table table = {0};
    struct words words;
    uint32_t count = capture_records(capture);
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    if (hash == NULL || EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1)
        count = 0;
    for (uint32_t number = 1; number <= count; number++) {
        struct packet packet;
        capture_get(capture, number, false, &packet);
        put_line(&words, &table, &packet);
        (void)EVP_DigestUpdate(hash, words.text, words.length);
        if (lines)
            strbuf_add(lines, words.text, words.length);
    }
    write_digest(hash, digest);
    EVP_MD_CTX_free(hash);
    flow_table_fini(&table);
}

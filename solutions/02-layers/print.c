/* A dissection as text; see print.h.  There is nothing to write here: this is
 * the format that the tests read. */
#include "print.h"

#include <arpa/inet.h>
#include <inttypes.h>

#include "bytes.h"
#include "options.h"

static const char *const names[LAYER_KINDS] = {
    [LAYER_ETHERNET] = "ethernet",
    [LAYER_VLAN] = "vlan",
    [LAYER_COOKED] = "cooked",
    [LAYER_COOKED2] = "cooked2",
    [LAYER_ARP] = "arp",
    [LAYER_IPV4] = "ipv4",
    [LAYER_IPV6] = "ipv6",
    [LAYER_HOP_BY_HOP] = "hop_by_hop",
    [LAYER_ROUTING] = "routing",
    [LAYER_FRAGMENT] = "fragment",
    [LAYER_AH] = "ah",
    [LAYER_DESTINATION] = "destination",
    [LAYER_ICMP] = "icmp",
    [LAYER_ICMPV6] = "icmpv6",
    [LAYER_UDP] = "udp",
    [LAYER_TCP] = "tcp",
};

const char *layer_name(enum layer_kind kind)
{
    return names[kind];
}

/* ---- Values -------------------------------------------------------------- */

static void print_hex(FILE *out, const uint8_t *at, size_t bytes,
                      const char *between)
{
    for (size_t i = 0; i < bytes; i++)
        fprintf(out, "%s%02x", i > 0 ? between : "", at[i]);
}

static void print_mac(FILE *out, const char *name, const uint8_t *at,
                      size_t bytes)
{
    fprintf(out, " %s=", name);
    print_hex(out, at, bytes, ":");
}

static void print_addr(FILE *out, const char *name, const uint8_t *at,
                       size_t bytes)
{
    char text[INET6_ADDRSTRLEN];
    fprintf(out, " %s=", name);
    if (bytes == 4 || bytes == 16)
        fputs(
            inet_ntop(bytes == 4 ? AF_INET : AF_INET6, at, text, sizeof(text)),
            out);
    else
        print_hex(out, at, bytes, "");
}

static void print_check(FILE *out, const char *name, struct check check)
{
    static const char *const words[] = {
        [CHECK_OK] = "ok",
        [CHECK_NONE] = "none",
        [CHECK_UNVERIFIED] = "unverified",
    };
    if (check.state == CHECK_BAD)
        fprintf(out, " %s=bad (is 0x%04x, should be 0x%04x)", name, check.is,
                check.should);
    else
        fprintf(out, " %s=%s", name, words[check.state]);
}

/* Names of the bits that are set, the lowest first; "-" for none. */
static void print_flags(FILE *out, unsigned flags, const char *const *bits,
                        unsigned count)
{
    const char *between = " flags=";
    for (unsigned i = 0; i < count; i++) {
        if (flags >> i & 1) {
            fprintf(out, "%s%s", between, bits[i]);
            between = "|";
        }
    }
    if (flags == 0)
        fprintf(out, "%s-", between);
}

/* ---- Options ------------------------------------------------------------- */

struct option_name {
    enum option_family family;
    uint8_t kind;
    const char *name;
};

static const struct option_name option_names[] = {
    {OPTIONS_IPV4, OPTION_END, "end"},
    {OPTIONS_IPV4, OPTION_NOP, "nop"},
    {OPTIONS_IPV4, IPV4_RECORD_ROUTE, "record_route"},
    {OPTIONS_IPV4, IPV4_TIMESTAMP, "timestamp"},
    {OPTIONS_IPV4, IPV4_LOOSE_ROUTE, "loose_route"},
    {OPTIONS_IPV4, IPV4_STRICT_ROUTE, "strict_route"},
    {OPTIONS_IPV4, IPV4_ALERT, "router_alert"},
    {OPTIONS_TCP, OPTION_END, "end"},
    {OPTIONS_TCP, OPTION_NOP, "nop"},
    {OPTIONS_TCP, TCP_MSS, "mss"},
    {OPTIONS_TCP, TCP_WINDOW_SCALE, "window_scale"},
    {OPTIONS_TCP, TCP_SACK_PERMITTED, "sack_permitted"},
    {OPTIONS_TCP, TCP_SACK, "sack"},
    {OPTIONS_TCP, TCP_TIMESTAMP, "timestamp"},
    {OPTIONS_IPV6, OPTION_END, "pad1"},
    {OPTIONS_IPV6, OPTION_NOP, "padn"},
    {OPTIONS_IPV6, IPV6_ALERT, "router_alert"},
};

static void print_option_name(FILE *out, enum option_family family,
                              uint8_t kind)
{
    for (size_t i = 0; i < sizeof(option_names) / sizeof(option_names[0]);
         i++) {
        const struct option_name *known = &option_names[i];
        if (known->family == family && known->kind == kind) {
            fputs(known->name, out);
            return;
        }
    }
    fprintf(out, "%u", kind);
}

/* Numbers of 1, 2 or 4 bytes each, as far as they go. */
static void print_numbers(FILE *out, const struct option *option, size_t width)
{
    for (size_t i = 0; i + width <= option->value_bytes; i += width) {
        const uint8_t *at = option->value + i;
        uint32_t number = width == 1   ? at[0]
                          : width == 2 ? get_be16(at)
                                       : get_be32(at);
        fprintf(out, ":%" PRIu32, number);
    }
}

static void print_option_value(FILE *out, enum option_family family,
                               const struct option *option)
{
    bool tcp = family == OPTIONS_TCP;
    if (option->value_bytes == 0)
        return;
    if (tcp && option->kind == TCP_MSS)
        print_numbers(out, option, 2);
    else if (tcp && option->kind == TCP_WINDOW_SCALE)
        print_numbers(out, option, 1);
    else if (tcp && (option->kind == TCP_SACK || option->kind == TCP_TIMESTAMP))
        print_numbers(out, option, 4);
    else {
        fputc(':', out);
        print_hex(out, option->value, option->value_bytes, "");
    }
}

static void print_options(FILE *out, enum option_family family,
                          const uint8_t *options, size_t bytes)
{
    struct option option;
    size_t at = 0;
    const char *between = " options=";
    while (options_next(family, options, bytes, &at, &option) > 0) {
        fputs(between, out);
        print_option_name(out, family, option.kind);
        print_option_value(out, family, &option);
        between = ",";
    }
}

/* ---- Layers -------------------------------------------------------------- */

static void print_ethernet(FILE *out, const struct layer *layer)
{
    print_mac(out, "dst", layer->ethernet.dst, 6);
    print_mac(out, "src", layer->ethernet.src, 6);
    fprintf(out, " type=0x%04x", layer->ethernet.type);
}

static void print_vlan(FILE *out, const struct layer *layer)
{
    const struct vlan *vlan = &layer->vlan;
    fprintf(out, " tpid=0x%04x pcp=%u dei=%d vid=%u type=0x%04x", layer->tpid,
            vlan->pcp, vlan->dei, vlan->vid, vlan->type);
}

static void print_cooked(FILE *out, const struct layer *layer)
{
    const struct cooked *cooked = &layer->cooked;
    fprintf(out, " packet_type=%u arphrd=%u", cooked->packet_type,
            cooked->arphrd);
    if (layer->kind == LAYER_COOKED2)
        fprintf(out, " interface=%" PRIu32, cooked->interface);
    print_mac(out, "address", cooked->address, cooked->address_bytes);
    fprintf(out, " protocol=0x%04x", cooked->protocol);
}

static void print_arp(FILE *out, const struct layer *layer)
{
    const struct arp *arp = &layer->arp;
    fprintf(out,
            " hardware_type=%u protocol_type=0x%04x hlen=%u plen=%u opcode=%u",
            arp->hardware_type, arp->protocol_type, arp->hlen, arp->plen,
            arp->opcode);
    print_mac(out, "sender_hardware", arp->sender_hardware, arp->hlen);
    print_addr(out, "sender_protocol", arp->sender_protocol, arp->plen);
    print_mac(out, "target_hardware", arp->target_hardware, arp->hlen);
    print_addr(out, "target_protocol", arp->target_protocol, arp->plen);
}

static void print_ipv4(FILE *out, const struct layer *layer)
{
    static const char *const bits[] = {"MF", "DF", "reserved"};
    const struct ipv4 *ipv4 = &layer->ipv4;
    fprintf(out, " ihl=%u dscp=%u ecn=%u total_length=%u identification=0x%04x",
            ipv4->ihl, ipv4->dscp, ipv4->ecn, ipv4->total_length,
            ipv4->identification);
    print_flags(out, ipv4->flags, bits, 3);
    fprintf(out, " fragment_offset=%u ttl=%u protocol=%u",
            ipv4->fragment_offset, ipv4->ttl, ipv4->protocol);
    print_check(out, "header_checksum", layer->check);
    print_addr(out, "source", ipv4->src, 4);
    print_addr(out, "destination", ipv4->dst, 4);
    print_options(out, OPTIONS_IPV4, ipv4->options, ipv4->option_bytes);
}

static void print_ipv6(FILE *out, const struct layer *layer)
{
    const struct ipv6 *ipv6 = &layer->ipv6;
    fprintf(out,
            " dscp=%u ecn=%u flow_label=0x%05" PRIx32
            " payload_length=%u next_header=%u hop_limit=%u",
            ipv6->dscp, ipv6->ecn, ipv6->flow_label, ipv6->payload_length,
            ipv6->next_header, ipv6->hop_limit);
    print_addr(out, "source", ipv6->src, 16);
    print_addr(out, "destination", ipv6->dst, 16);
}

static void print_extension(FILE *out, const struct layer *layer)
{
    const struct extension *extension = &layer->extension;
    fprintf(out, " next_header=%u", extension->next_header);
    if (layer->kind == LAYER_FRAGMENT)
        fprintf(out, " fragment_offset=%u m=%d identification=0x%08" PRIx32,
                extension->fragment_offset, extension->more_fragments,
                extension->identification);
    else
        fprintf(out, " length=%u", extension->length);
    if (layer->kind == LAYER_ROUTING)
        fprintf(out, " routing_type=%u segments_left=%u",
                extension->routing_type, extension->segments_left);
    if (layer->kind == LAYER_AH)
        fprintf(out, " spi=0x%08" PRIx32 " sequence_number=%" PRIu32,
                extension->spi, extension->sequence);
    if (extension->options != NULL)
        print_options(out, OPTIONS_IPV6, extension->options,
                      extension->option_bytes);
}

/* What the second word means depends on the type. */
static void print_icmp(FILE *out, const struct layer *layer)
{
    enum { UNREACHABLE = 3, TOO_LONG = 4, ECHO_REPLY = 0, ECHO = 8 };
    enum { BIG6 = 2, PARAMETER6 = 4, ECHO6 = 128, ECHO_REPLY6 = 129 };
    const struct icmp *icmp = &layer->icmp;
    bool v6 = layer->kind == LAYER_ICMPV6;
    uint8_t type = icmp->type;
    fprintf(out, " type=%u code=%u", type, icmp->code);
    print_check(out, "checksum", layer->check);
    if (v6 ? type == ECHO6 || type == ECHO_REPLY6
           : type == ECHO || type == ECHO_REPLY)
        fprintf(out, " identifier=%u sequence_number=%u", icmp->rest >> 16,
                icmp->rest & 0xffff);
    else if (v6 ? type == BIG6 : type == UNREACHABLE && icmp->code == TOO_LONG)
        fprintf(out, " mtu=%" PRIu32, v6 ? icmp->rest : icmp->rest & 0xffff);
    else if (v6 && type == PARAMETER6)
        fprintf(out, " pointer=%" PRIu32, icmp->rest);
    else
        fprintf(out, " rest=0x%08" PRIx32, icmp->rest);
}

static void print_udp(FILE *out, const struct layer *layer)
{
    fprintf(out, " source_port=%u destination_port=%u length=%u",
            layer->udp.source_port, layer->udp.destination_port,
            layer->udp.length);
    print_check(out, "checksum", layer->check);
}

static void print_tcp(FILE *out, const struct layer *layer)
{
    static const char *const bits[] = {"FIN", "SYN", "RST", "PSH",
                                       "ACK", "URG", "ECE", "CWR"};
    const struct tcp *tcp = &layer->tcp;
    fprintf(out,
            " source_port=%u destination_port=%u sequence_number=%" PRIu32
            " acknowledgment_number=%" PRIu32 " data_offset=%u",
            tcp->source_port, tcp->destination_port, tcp->sequence,
            tcp->acknowledgment, tcp->data_offset);
    print_flags(out, tcp->flags, bits, 8);
    fprintf(out, " window=%u", tcp->window);
    print_check(out, "checksum", layer->check);
    fprintf(out, " urgent_pointer=%u", tcp->urgent_pointer);
    print_options(out, OPTIONS_TCP, tcp->options, tcp->option_bytes);
}

typedef void print_fn(FILE *out, const struct layer *layer);

static print_fn *const printers[LAYER_KINDS] = {
    [LAYER_ETHERNET] = print_ethernet, [LAYER_VLAN] = print_vlan,
    [LAYER_COOKED] = print_cooked,     [LAYER_COOKED2] = print_cooked,
    [LAYER_ARP] = print_arp,           [LAYER_IPV4] = print_ipv4,
    [LAYER_IPV6] = print_ipv6,         [LAYER_HOP_BY_HOP] = print_extension,
    [LAYER_ROUTING] = print_extension, [LAYER_FRAGMENT] = print_extension,
    [LAYER_AH] = print_extension,      [LAYER_DESTINATION] = print_extension,
    [LAYER_ICMP] = print_icmp,         [LAYER_ICMPV6] = print_icmp,
    [LAYER_UDP] = print_udp,           [LAYER_TCP] = print_tcp,
};

/* ---- The packet ---------------------------------------------------------- */

static void print_dump(FILE *out, const uint8_t *at, size_t bytes)
{
    enum { ROW = 16 };
    for (size_t row = 0; row < bytes; row += ROW) {
        fprintf(out, "    %04zx  ", row);
        print_hex(out, at + row, bytes - row < ROW ? bytes - row : ROW, " ");
        fputc('\n', out);
    }
}

static void print_stop(FILE *out, const struct dissection *dissection)
{
    const char *in = "";
    switch (dissection->stop) {
    case STOP_END:
        return;
    case STOP_TRUNCATED:
        in = names[dissection->stopped_in];
        fprintf(out, "  stop truncated in %s", in);
        if (dissection->missing_bytes > 0)
            fprintf(out, ": %zu bytes are missing", dissection->missing_bytes);
        fputc('\n', out);
        break;
    case STOP_MALFORMED:
        in = names[dissection->stopped_in];
        fprintf(out, "  stop malformed in %s\n", in);
        break;
    case STOP_UNKNOWN:
        fprintf(out, "  stop unknown 0x%04" PRIx32 "\n", dissection->unknown);
        break;
    case STOP_FRAGMENT:
        fputs("  stop fragment\n", out);
        break;
    }
}

static void print_rest(FILE *out, const char *name, size_t bytes)
{
    if (bytes > 0)
        fprintf(out, "  %s bytes=%zu\n", name, bytes);
}

void print_dissection(FILE *out, const struct dissection *dissection, bool hex)
{
    for (unsigned i = 0; i < dissection->layer_count; i++) {
        const struct layer *layer = &dissection->layers[i];
        fprintf(out, "  %s", names[layer->kind]);
        printers[layer->kind](out, layer);
        fputc('\n', out);
        if (hex)
            print_dump(out, layer->at, layer->header_bytes);
    }
    print_rest(out, "payload", dissection->payload_bytes);
    if (hex)
        print_dump(out, dissection->payload, dissection->payload_bytes);
    print_rest(out, "surplus", dissection->surplus_bytes);
    print_rest(out, "padding", dissection->padding_bytes);
    print_stop(out, dissection);
}

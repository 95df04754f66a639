/* Splitting and joining of TCP super-packets.
 *
 * A super-packet is what its segments would be if one could glue them: the
 * first one's headers, all their payload.  Cutting it is what a network card
 * does: each run of segments gets the headers again with
 *
 *   IPv4  total length, identification + number of the first segment, checksum
 *   IPv6  payload length
 *   TCP   sequence number + payload before it; FIN and PSH only if the run ends
 *         the super-packet, CWR only if it begins it (RFC 3168 6.1.2)
 *
 * The TCP checksum stays partial: the field holds the pseudo-header's sum, and
 * the vnet header says so.  A kernel that receives it trusts the bytes, since
 * they never left the machine. */
#include "link/gso.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

enum {
    TCP_FLAG_FIN = 0x01,
    TCP_FLAG_PSH = 0x08,
    TCP_FLAG_CWR = 0x80,
    TCP_SEQ_AT = 4,
    TCP_FLAGS_AT = 13,
    TCP_CHECKSUM_AT = 16,
    IP4_LENGTH_AT = 2,
    IP4_ID_AT = 4,
    IP4_CHECKSUM_AT = 10,
    IP6_LENGTH_AT = 4,
    IP6_HEADER_BYTES = 40,
};

static uint16_t get_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static void put_be16(uint8_t *p, size_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static void put_be32(uint8_t *p, uint32_t value)
{
    put_be16(p, value >> 16);
    put_be16(p + 2, value & 0xffff);
}

/* The Internet checksum's sum (RFC 1071), not yet folded. */
static uint64_t sum_bytes(uint64_t sum, const uint8_t *p, size_t bytes)
{
    for (; bytes > 1; p += 2, bytes -= 2)
        sum += get_be16(p);
    if (bytes > 0)
        sum += (uint64_t)p[0] << 8;
    return sum;
}

static uint16_t fold(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static bool is_tcp_gso(const struct virtio_net_hdr *vnet)
{
    unsigned type = vnet->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;
    return type == VIRTIO_NET_HDR_GSO_TCPV4 || type == VIRTIO_NET_HDR_GSO_TCPV6;
}

int gso_read(struct gso *gso, const struct virtio_net_hdr *vnet,
             const uint8_t *packet, size_t bytes, size_t link_bytes)
{
    if (!is_tcp_gso(vnet))
        return -EOPNOTSUPP;
    *gso = (struct gso){.link_bytes = link_bytes, .mss_bytes = vnet->gso_size};
    if (bytes <= link_bytes || gso->mss_bytes == 0 ||
        view_read(&gso->view, packet + link_bytes, bytes - link_bytes) < 0 ||
        gso->view.protocol != IPPROTO_TCP || gso->view.fragment)
        return -EBADMSG;
    gso->header_bytes = link_bytes + gso->view.payload_offset;
    if (gso->header_bytes > bytes)
        return -EBADMSG;
    gso->payload_bytes = bytes - gso->header_bytes;
    gso->segments =
        (unsigned)((gso->payload_bytes + gso->mss_bytes - 1) / gso->mss_bytes);
    return gso->segments > 0 ? 0 : -EBADMSG;
}

static size_t offset_of(const struct gso *gso, unsigned segment)
{
    size_t offset = segment * gso->mss_bytes;
    return offset < gso->payload_bytes ? offset : gso->payload_bytes;
}

static size_t run_payload(const struct gso *gso, unsigned first, unsigned count)
{
    return offset_of(gso, first + count) - offset_of(gso, first);
}

size_t gso_segment_payload(const struct gso *gso, unsigned segment)
{
    return run_payload(gso, segment, 1);
}

static uint8_t run_flags(const struct gso *gso, uint8_t flags, unsigned first,
                         unsigned count)
{
    if (first > 0)
        flags &= (uint8_t)~TCP_FLAG_CWR;
    if (first + count < gso->segments)
        flags &= (uint8_t) ~(TCP_FLAG_FIN | TCP_FLAG_PSH);
    return flags;
}

void gso_segment_view(const struct gso *gso, unsigned segment,
                      struct view *view)
{
    *view = gso->view;
    view->payload_bytes = gso_segment_payload(gso, segment);
    view->ip_bytes = gso->view.payload_offset + view->payload_bytes;
    view->tcp_seq += (uint32_t)offset_of(gso, segment);
    view->tcp_flags = run_flags(gso, view->tcp_flags, segment, 1);
}

static void fix_ip4(uint8_t *ip, size_t ip_bytes, size_t header_bytes,
                    unsigned first)
{
    put_be16(ip + IP4_LENGTH_AT, ip_bytes);
    put_be16(ip + IP4_ID_AT, (get_be16(ip + IP4_ID_AT) + first) & 0xffff);
    put_be16(ip + IP4_CHECKSUM_AT, 0);
    uint16_t sum = fold(sum_bytes(0, ip, header_bytes));
    put_be16(ip + IP4_CHECKSUM_AT, (uint16_t)~sum);
}

static uint16_t pseudo_sum(const struct view *view, size_t tcp_bytes)
{
    size_t address_bytes = view->version == 4 ? 4 : 16;
    uint64_t sum = sum_bytes(0, view->src, address_bytes);
    sum = sum_bytes(sum, view->dst, address_bytes);
    return fold(sum + IPPROTO_TCP + tcp_bytes);
}

void gso_run_header(const struct gso *gso, const uint8_t *packet,
                    unsigned first, unsigned count, uint8_t *header)
{
    size_t payload = run_payload(gso, first, count);
    size_t ip_bytes = gso->view.payload_offset + payload;
    size_t tcp_bytes = ip_bytes - gso->view.transport_offset;
    memcpy(header, packet, gso->header_bytes);
    uint8_t *ip = header + gso->link_bytes;
    uint8_t *tcp = ip + gso->view.transport_offset;
    if (gso->view.version == 4)
        fix_ip4(ip, ip_bytes, gso->view.transport_offset, first);
    else
        put_be16(ip + IP6_LENGTH_AT, ip_bytes - IP6_HEADER_BYTES);
    put_be32(tcp + TCP_SEQ_AT,
             gso->view.tcp_seq + (uint32_t)offset_of(gso, first));
    tcp[TCP_FLAGS_AT] = run_flags(gso, tcp[TCP_FLAGS_AT], first, count);
    put_be16(tcp + TCP_CHECKSUM_AT, pseudo_sum(&gso->view, tcp_bytes));
}

void gso_run_vnet(const struct gso *gso, unsigned first, unsigned count,
                  const uint8_t *header, struct virtio_net_hdr *vnet)
{
    size_t tcp_at = gso->link_bytes + gso->view.transport_offset;
    *vnet = (struct virtio_net_hdr){
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .gso_type = VIRTIO_NET_HDR_GSO_NONE,
        .hdr_len = (uint16_t)gso->header_bytes,
        .csum_start = (uint16_t)tcp_at,
        .csum_offset = TCP_CHECKSUM_AT,
    };
    if (run_payload(gso, first, count) <= gso->mss_bytes)
        return;
    vnet->gso_size = (uint16_t)gso->mss_bytes;
    vnet->gso_type = gso->view.version == 4 ? VIRTIO_NET_HDR_GSO_TCPV4
                                            : VIRTIO_NET_HDR_GSO_TCPV6;
    if (header[tcp_at + TCP_FLAGS_AT] & TCP_FLAG_CWR)
        vnet->gso_type |= VIRTIO_NET_HDR_GSO_ECN;
}

size_t gso_run(const struct gso *gso, const uint8_t *packet, unsigned first,
               unsigned count, uint8_t *out, struct virtio_net_hdr *vnet)
{
    size_t payload = run_payload(gso, first, count);
    gso_run_header(gso, packet, first, count, out);
    gso_run_vnet(gso, first, count, out, vnet);
    memcpy(out + gso->header_bytes,
           packet + gso->header_bytes + offset_of(gso, first), payload);
    return gso->header_bytes + payload;
}

void gso_finish_checksum(uint8_t *packet, size_t bytes,
                         struct virtio_net_hdr *vnet)
{
    size_t start = vnet->csum_start, at = start + vnet->csum_offset;
    if ((vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) == 0 || at + 2 > bytes)
        return;
    /* The field holds the pseudo-header's sum, so it is summed with the rest.
     */
    uint16_t sum = (uint16_t)~fold(sum_bytes(0, packet + start, bytes - start));
    /* UDP: zero would mean "no checksum" (RFC 768). */
    put_be16(packet + at, sum == 0 && vnet->csum_offset == 6 ? 0xffff : sum);
    vnet->flags &= (uint8_t)~VIRTIO_NET_HDR_F_NEEDS_CSUM;
}

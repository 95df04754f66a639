/* Super-packets, MAC tables and lateness: the wire engine's pure parts. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <linux/virtio_net.h>
#include <stdlib.h>
#include <string.h>

#include <wirelab/time.h>

#include "base/hash.h"
#include "link/gso.h"
#include "link/lateness.h"
#include "link/switch.h"

enum { MSS = 1000, TAIL = 345, SEGMENTS = 8, MAX_BYTES = 9000 };
enum { PAYLOAD = (SEGMENTS - 1) * MSS + TAIL, FIRST_ID = 0xfffe };
static const uint32_t first_seq = 0xfffff800U; /* wraps inside the packet */

/* A packet as a device with TSO is handed it.
 * 10.77.1.1.1234 > 10.77.1.2.80: Flags [FP.W], seq …, length 7345 */
static const uint8_t header4[40] = {
    0x45, 0, 0,  0,  0xff, 0xfe, 0x40, 0,    64, 6,  0,    0,    10,   77,
    1,    1, 10, 77, 1,    2,    0x04, 0xd2, 0,  80, 0xff, 0xff, 0xf8, 0,
    0,    0, 0,  1,  0x50, 0x99, 0x01, 0,    0,  0,  0,    0,
};
static const uint8_t header6[40] = {
    0x60, 0, 0, 0, 0,    0,    6, 64, 0xfd, 0x77, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
    0,    0, 0, 1, 0xfd, 0x77, 0, 1,  0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
};

struct super {
    size_t link_bytes, ip_bytes, bytes;
    struct virtio_net_hdr vnet;
    uint8_t packet[MAX_BYTES];
};

/* The four kinds: IPv4 and IPv6, without and with an Ethernet header. */
enum { KINDS = 4 };

static void make(struct super *super, int kind)
{
    bool v6 = kind & 1;
    memset(super, 0, sizeof(*super));
    super->link_bytes = kind & 2 ? 14 : 0;
    super->ip_bytes = v6 ? 40 : 20;
    uint8_t *ip = super->packet + super->link_bytes;
    if (kind & 2)
        memcpy(super->packet + 12, v6 ? "\x86\xdd" : "\x08\x00", 2);
    memcpy(ip, v6 ? header6 : header4, super->ip_bytes);
    memcpy(ip + super->ip_bytes, header4 + 20, 20);
    uint16_t length = htons((uint16_t)(20 + PAYLOAD + (v6 ? 0 : 20)));
    memcpy(ip + (v6 ? 4 : 2), &length, 2);
    hash_fill(1, ip + super->ip_bytes + 20, PAYLOAD);
    super->bytes = super->link_bytes + super->ip_bytes + 20 + PAYLOAD;
    super->vnet = (struct virtio_net_hdr){
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .gso_type = v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4,
        .gso_size = MSS};
}

static void read_super(struct gso *gso, const struct super *super)
{
    ck_assert_int_eq(gso_read(gso, &super->vnet, super->packet, super->bytes,
                              super->link_bytes),
                     0);
}

static uint16_t be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)be16(p) << 16 | be16(p + 2);
}

/* RFC 1071, written again so that the code does not judge itself. */
static uint32_t ones_sum(uint32_t sum, const uint8_t *p, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* Checks a packet that is to be valid by itself. */
static void check_checksums(const struct super *super, const uint8_t *packet,
                            size_t bytes)
{
    const uint8_t *ip = packet + super->link_bytes;
    size_t tcp_bytes = bytes - super->link_bytes - super->ip_bytes;
    bool v6 = super->ip_bytes == 40;
    if (!v6)
        ck_assert_uint_eq(ones_sum(0, ip, 20), 0xffff);
    uint32_t sum =
        ones_sum((uint32_t)tcp_bytes + 6, v6 ? ip + 8 : ip + 12, v6 ? 32 : 8);
    ck_assert_uint_eq(ones_sum(sum, ip + super->ip_bytes, tcp_bytes), 0xffff);
}

START_TEST(segments_are_packets_that_a_sender_could_have_sent)
{
    struct super super;
    struct gso gso;
    make(&super, _i);
    read_super(&gso, &super);
    ck_assert_uint_eq(gso.segments, SEGMENTS);
    for (unsigned i = 0; i < SEGMENTS; i++) {
        uint8_t out[MAX_BYTES];
        struct virtio_net_hdr vnet;
        struct view view;
        size_t bytes = gso_run(&gso, super.packet, i, 1, out, &vnet);
        size_t payload = i == SEGMENTS - 1 ? TAIL : MSS;
        ck_assert_uint_eq(bytes, gso.header_bytes + payload);
        ck_assert_uint_eq(vnet.gso_type, VIRTIO_NET_HDR_GSO_NONE);
        gso_finish_checksum(out, bytes, &vnet);
        ck_assert_uint_eq(vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM, 0);
        check_checksums(&super, out, bytes);
        const uint8_t *tcp = out + super.link_bytes + super.ip_bytes;
        ck_assert_uint_eq(be32(tcp + 4), first_seq + i * MSS);
        ck_assert_mem_eq(tcp + 20, super.packet + gso.header_bytes + i * MSS,
                         payload);
        /* FIN and PSH on the last, CWR on the first, ACK on all. */
        unsigned flags =
            0x10 | (i == 0 ? 0x80 : 0) | (i == SEGMENTS - 1 ? 0x09 : 0);
        ck_assert_uint_eq(tcp[13], flags);
        if (super.ip_bytes == 20)
            ck_assert_uint_eq(be16(out + super.link_bytes + 4),
                              (FIRST_ID + i) & 0xffff);
        gso_segment_view(&gso, i, &view);
        ck_assert_uint_eq(view.tcp_seq, first_seq + i * MSS);
        ck_assert_uint_eq(view.payload_bytes, payload);
        ck_assert_uint_eq(view.ip_bytes, bytes - super.link_bytes);
    }
}
END_TEST

START_TEST(run_is_a_smaller_super_packet)
{
    struct super super;
    struct gso gso, again;
    make(&super, _i);
    read_super(&gso, &super);
    for (unsigned first = 0; first < SEGMENTS; first++) {
        for (unsigned n = 2; first + n <= SEGMENTS; n++) {
            uint8_t out[MAX_BYTES], one[MAX_BYTES], same[MAX_BYTES];
            struct virtio_net_hdr vnet, ignored;
            size_t bytes = gso_run(&gso, super.packet, first, n, out, &vnet);
            bool cwr = first == 0;
            ck_assert_uint_eq(vnet.gso_size, MSS);
            ck_assert_uint_eq((vnet.gso_type & VIRTIO_NET_HDR_GSO_ECN) != 0,
                              cwr);
            ck_assert_uint_eq(vnet.csum_start,
                              super.link_bytes + super.ip_bytes);
            ck_assert_uint_eq(vnet.csum_offset, 16);
            ck_assert_int_eq(
                gso_read(&again, &vnet, out, bytes, super.link_bytes), 0);
            ck_assert_uint_eq(again.segments, n);
            /* Cut again, it gives what the whole gives. */
            for (unsigned i = 0; i < n; i++) {
                size_t a = gso_run(&again, out, i, 1, one, &ignored);
                size_t b =
                    gso_run(&gso, super.packet, first + i, 1, same, &ignored);
                ck_assert_uint_eq(a, b);
                ck_assert_mem_eq(one, same, a);
            }
        }
    }
}
END_TEST

START_TEST(every_prefix_of_a_super_packet_is_refused_or_shorter)
{
    struct super super;
    struct gso gso;
    make(&super, _i);
    for (size_t bytes = 0; bytes < super.bytes; bytes++) {
        uint8_t *exact = malloc(bytes ? bytes : 1); /* for the sanitizer */
        memcpy(exact, super.packet, bytes);
        int rc = gso_read(&gso, &super.vnet, exact, bytes, super.link_bytes);
        if (rc == 0) {
            ck_assert_uint_le(gso.header_bytes + gso.payload_bytes, bytes);
            ck_assert_uint_le(gso.segments, SEGMENTS);
        } else {
            ck_assert_int_eq(rc, -EBADMSG);
        }
        free(exact);
    }
}
END_TEST

START_TEST(other_packets_are_no_super_packets)
{
    struct super super;
    struct gso gso;
    make(&super, 0);
    super.vnet.gso_type = VIRTIO_NET_HDR_GSO_NONE;
    ck_assert_int_eq(gso_read(&gso, &super.vnet, super.packet, super.bytes, 0),
                     -EOPNOTSUPP);
    super.vnet.gso_type = VIRTIO_NET_HDR_GSO_UDP;
    ck_assert_int_eq(gso_read(&gso, &super.vnet, super.packet, super.bytes, 0),
                     -EOPNOTSUPP);
    super.vnet.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
    super.vnet.gso_size = 0;
    ck_assert_int_eq(gso_read(&gso, &super.vnet, super.packet, super.bytes, 0),
                     -EBADMSG);
    super.vnet.gso_size = MSS;
    super.packet[9] = IPPROTO_UDP;
    ck_assert_int_eq(gso_read(&gso, &super.vnet, super.packet, super.bytes, 0),
                     -EBADMSG);
}
END_TEST

/* ---- The switch ---------------------------------------------------------- */

static int forward(struct switch_table *table, unsigned from, uint8_t to_mac,
                   uint8_t from_mac)
{
    uint8_t frame[60] = {2, 0, 0, 0, 0, to_mac, 2, 0, 0, 0, 0, from_mac};
    return switch_forward(table, from, frame, sizeof(frame));
}

START_TEST(switch_learns_moves_and_floods)
{
    static struct switch_table table;
    uint8_t broadcast[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, [11] = 9};
    ck_assert_int_eq(forward(&table, 0, 2, 1), SWITCH_ALL);
    ck_assert_int_eq(forward(&table, 1, 1, 2), 0);
    ck_assert_int_eq(forward(&table, 0, 2, 1), 1);
    ck_assert_int_eq(forward(&table, 5, 2, 1), 1); /* station 1 has moved */
    ck_assert_int_eq(forward(&table, 1, 1, 2), 5);
    ck_assert_int_eq(switch_forward(&table, 3, broadcast, 60), SWITCH_ALL);
    ck_assert_int_eq(forward(&table, 1, 9, 2), 3);
    ck_assert_int_eq(switch_forward(&table, 3, broadcast, 13), -EBADMSG);
}
END_TEST

START_TEST(full_switch_forgets_but_never_lies)
{
    static struct switch_table table;
    for (unsigned i = 0; i < 5000; i++) {
        uint8_t frame[60] = {0xff,
                             0xff,
                             0xff,
                             0xff,
                             0xff,
                             0xff,
                             2,
                             0,
                             0,
                             0,
                             (uint8_t)(i >> 8),
                             (uint8_t)i};
        switch_forward(&table, i % 64, frame, sizeof(frame));
    }
    unsigned known = 0;
    for (unsigned i = 0; i < 5000; i++) {
        uint8_t frame[60] = {2,          0, 0, 0, (uint8_t)(i >> 8),
                             (uint8_t)i, 3 /* a group: not learnt */};
        int port = switch_forward(&table, 0, frame, sizeof(frame));
        ck_assert(port == SWITCH_ALL || port == (int)(i % 64));
        known += port != SWITCH_ALL;
    }
    ck_assert_uint_gt(known, SWITCH_SLOTS / 2);
}
END_TEST

/* ---- Lateness ------------------------------------------------------------ */

START_TEST(quantiles_are_right_to_six_percent)
{
    static struct lateness late;
    for (int64_t i = 1; i <= 100000; i++)
        lateness_add(&late, 0, i * 10, 1);
    static const double asked[] = {0.01, 0.5, 0.9, 0.99, 1.0};
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        double exact = asked[i] * 1e6;
        double told = (double)lateness_quantile_ns(&late, asked[i]);
        ck_assert_msg(told >= exact * 0.999 && told <= exact * 1.0626,
                      "quantile %g: %g, not %g", asked[i], told, exact);
    }
    ck_assert_int_eq(late.max_ns, 1000000);
    ck_assert_uint_eq(late.packets, 100000);
}
END_TEST

START_TEST(too_late_is_two_ms_and_a_tenth_of_the_delay)
{
    static struct lateness late;
    lateness_add(&late, MSECONDS(5), MSECONDS(2), 1);
    lateness_add(&late, MSECONDS(100), MSECONDS(10), 1);
    ck_assert_uint_eq(late.too_late, 0);
    lateness_add(&late, MSECONDS(5), MSECONDS(2) + 1, 3);
    ck_assert_uint_eq(late.too_late, 3);
    lateness_add(&late, MSECONDS(100), MSECONDS(10) + 1, 2);
    ck_assert_uint_eq(late.too_late, 5);
    ck_assert_uint_eq(late.packets, 7);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gso");
    TCase *tcase = tcase_create("wire parts");
    tcase_add_loop_test(
        tcase, segments_are_packets_that_a_sender_could_have_sent, 0, KINDS);
    tcase_add_loop_test(tcase, run_is_a_smaller_super_packet, 0, KINDS);
    tcase_add_loop_test(
        tcase, every_prefix_of_a_super_packet_is_refused_or_shorter, 0, KINDS);
    tcase_add_test(tcase, other_packets_are_no_super_packets);
    tcase_add_test(tcase, switch_learns_moves_and_floods);
    tcase_add_test(tcase, full_switch_forgets_but_never_lies);
    tcase_add_test(tcase, quantiles_are_right_to_six_percent);
    tcase_add_test(tcase, too_late_is_two_ms_and_a_tenth_of_the_delay);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}

/* What the link changes in a packet: one bit, or the mark. */
#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "fatebench.h"
#include "link/mangle.h"

/* IPv4, ECT(0), UDP 8 bytes of data; IPv6 with a hop-by-hop header likewise. */
static const uint8_t udp4[] = {0x45, 0x02, 0,    36,   0,    1,    0x40, 0,  64,
                               17,   0x26, 0x34, 10,   77,   1,    1,    10, 77,
                               1,    2,    0x27, 0x0f, 0x23, 0x28, 0,    16, 0,
                               0,    1,    2,    3,    4,    5,    6,    7,  8};
static const uint8_t udp6[] = {
    0x60, 0x10, 0,    0,    0, 24, 0,    64,   0xfd, 0x77, 0, 1, 0, 0, 0, 0,
    0,    0,    0,    0,    0, 0,  0,    1,    0xfd, 0x77, 0, 1, 0, 0, 0, 0,
    0,    0,    0,    0,    0, 0,  0,    2,    17,   0,    5, 2, 0, 0, 1, 0,
    0x27, 0x0f, 0x23, 0x28, 0, 16, 0x12, 0x34, 1,    2,    3, 4, 5, 6, 7, 8};

static int bits_changed(const uint8_t *a, const uint8_t *b, size_t bytes)
{
    int changed = 0;
    for (size_t i = 0; i < bytes; i++)
        changed += __builtin_popcount(a[i] ^ b[i]);
    return changed;
}

static void check_flips(const uint8_t *packet, size_t bytes, size_t header)
{
    enum { FLIPS = 64000 };
    uint8_t copy[128];
    size_t bits = (bytes - header) * 8, hits[1024] = {0};
    for (uint64_t i = 0; i < FLIPS; i++) {
        memcpy(copy, packet, bytes);
        int64_t bit = mangle_flip(copy, bytes, hash_words(&i, 1));
        ck_assert_int_ge(bit, (int64_t)header * 8);
        ck_assert_int_lt(bit, (int64_t)bytes * 8);
        ck_assert_int_eq(bits_changed(copy, packet, bytes), 1);
        ck_assert_int_eq(bits_changed(copy, packet, header), 0);
        ck_assert((copy[bit / 8] ^ packet[bit / 8]) == 0x80 >> bit % 8);
        hits[(size_t)bit - header * 8]++;
    }
    double chi = 0, expected = (double)FLIPS / (double)bits;
    for (size_t i = 0; i < bits; i++)
        chi += pow((double)hits[i] - expected, 2) / expected;
    ck_assert_msg(chi < chi_square_bound((double)bits - 1), "chi^2 %.1f", chi);
}

START_TEST(corruption_flips_exactly_one_bit_behind_the_ip_header)
{
    check_flips(udp4, sizeof(udp4), 20);
    check_flips(udp6, sizeof(udp6), 48);
}
END_TEST

START_TEST(a_bare_ip_header_cannot_be_corrupted)
{
    uint8_t copy[20];
    memcpy(copy, udp4, 20);
    copy[3] = 20;
    uint8_t before[20];
    memcpy(before, copy, 20);
    ck_assert_int_eq(mangle_flip(copy, 20, 5), -ENODATA);
    ck_assert_int_eq(mangle_flip(copy, 0, 5), -ENODATA);
    ck_assert_mem_eq(copy, before, 20);
}
END_TEST

/* Packets that are padded (to Ethernet's minimum) are flipped inside. */
START_TEST(padding_is_not_corrupted)
{
    uint8_t padded[64] = {0}, copy[64];
    memcpy(padded, udp4, sizeof(udp4));
    for (uint64_t i = 0; i < 1000; i++) {
        memcpy(copy, padded, sizeof(copy));
        ck_assert_int_lt(mangle_flip(copy, sizeof(copy), hash_words(&i, 1)),
                         (int64_t)sizeof(udp4) * 8);
    }
}
END_TEST

static uint16_t ones_sum(const uint8_t *p, size_t bytes)
{
    uint32_t total = 0;
    for (size_t i = 0; i < bytes; i += 2)
        total += (uint32_t)(p[i] << 8 | p[i + 1]);
    total = (total & 0xffff) + (total >> 16);
    return (uint16_t)((total & 0xffff) + (total >> 16));
}

START_TEST(a_mark_keeps_the_checksum_right)
{
    for (unsigned id = 0; id < 65536; id += 7) {
        uint8_t packet[sizeof(udp4)];
        memcpy(packet, udp4, sizeof(packet));
        packet[1] = (uint8_t)(0x02 | (id % 63) << 2); /* any DSCP, ECT(0) */
        packet[4] = (uint8_t)(id >> 8);
        packet[5] = (uint8_t)id;
        packet[10] = packet[11] = 0;
        uint16_t sum16 = (uint16_t)~ones_sum(packet, 20);
        packet[10] = (uint8_t)(sum16 >> 8);
        packet[11] = (uint8_t)sum16;
        ck_assert_int_eq(mangle_mark_ce(packet, sizeof(packet)), 0);
        ck_assert_int_eq(packet[1] & 3, 3);
        ck_assert_uint_eq(ones_sum(packet, 20), 0xffff);
    }
}
END_TEST

START_TEST(a_mark_changes_the_ecn_bits_only)
{
    uint8_t packet[sizeof(udp6)];
    memcpy(packet, udp6, sizeof(packet)); /* its traffic class is 1: ECT(1) */
    ck_assert_int_eq(mangle_mark_ce(packet, sizeof(packet)), 0);
    ck_assert_uint_eq(packet[1], 0x30);
    ck_assert_int_eq(bits_changed(packet, udp6, sizeof(packet)), 1);
    packet[1] = 0; /* not ECN-capable */
    ck_assert_int_eq(mangle_mark_ce(packet, sizeof(packet)), -EOPNOTSUPP);
    ck_assert_int_eq(mangle_mark_ce(packet, 0), -EOPNOTSUPP);
}
END_TEST

static TCase *mangle(void)
{
    TCase *tcase = tcase_create("mangle");
    tcase_add_test(tcase,
                   corruption_flips_exactly_one_bit_behind_the_ip_header);
    tcase_add_test(tcase, a_bare_ip_header_cannot_be_corrupted);
    tcase_add_test(tcase, padding_is_not_corrupted);
    tcase_add_test(tcase, a_mark_keeps_the_checksum_right);
    tcase_add_test(tcase, a_mark_changes_the_ecn_bits_only);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("mangle");
    suite_add_tcase(suite, mangle());
    return run_suite(suite);
}

/* Capture files of given packets, and tshark's opinion of them. */
#include "incell.h"

#include <wirelab/oracle.h>
#include <wirelab/proc.h>

/* 10.77.1.1 > 10.77.1.2: an echo request, then the same with a wrong TTL, whose
 * header checksum is wrong therefore. */
static const uint8_t good[] = {
    0x45, 0, 0,  28, 0, 0, 0, 0, 64,   1,    0x64, 0x45, 10, 77,
    1,    1, 10, 77, 1, 2, 8, 0, 0xf7, 0xf7, 0,    7,    0,  1,
};
static uint8_t bad[sizeof(good)];

static struct host *reader_new(void)
{
    struct net *net = net_new(1);
    struct host *reader = net_host(net, "reader");
    net_link(reader, net_host(net, "other"), "");
    memcpy(bad, good, sizeof(bad));
    bad[8] = 63;
    return reader;
}

static bool is_installed(const char *command)
{
    char path[256];
    snprintf(path, sizeof(path), "/usr/bin/%s", command);
    if (access(path, X_OK) == 0)
        return true;
    fprintf(stderr, "SKIP test_oracle: %s is not installed\n", command);
    return false;
}

static const char *const fields[] = {
    "ip.ttl",    "ip.checksum.status", "icmp.seq", "frame.time_epoch",
    "frame.len", "tcp.port",           NULL};

static void ask_of(enum capture_format format)
{
    struct host *reader = reader_new();
    struct file_packet packets[] = {
        {.data = good, .bytes = sizeof(good), .time_ns = 1000000001500000000},
        {.data = bad, .bytes = sizeof(bad), .length_bytes = 1000},
    };
    file_capture(net_current(), "reader:a.pcap", format, LINK_RAW_IP, packets,
                 2);
    struct oracle *oracle = oracle_ask(reader, "a.pcap", fields);
    ck_assert_uint_eq(oracle_packets(oracle), 2);
    ck_assert_str_eq(oracle_field(oracle, 0, "ip.ttl"), "64");
    ck_assert_str_eq(oracle_field(oracle, 0, "ip.checksum.status"), "1");
    ck_assert_str_eq(oracle_field(oracle, 0, "icmp.seq"), "1");
    ck_assert_str_eq(oracle_field(oracle, 0, "tcp.port"), "");
    ck_assert_str_eq(oracle_field(oracle, 0, "frame.time_epoch"),
                     "1000000001.500000000");
    ck_assert_str_eq(oracle_field(oracle, 1, "ip.ttl"), "63");
    ck_assert_str_eq(oracle_field(oracle, 1, "ip.checksum.status"), "0");
    ck_assert_str_eq(oracle_field(oracle, 1, "frame.len"), "1000");
    ck_assert_int_ne(oracle_version(oracle)[0], '?');
}

START_TEST(every_format_is_read)
{
    if (is_installed("tshark"))
        ask_of((enum capture_format)_i);
}
END_TEST

START_TEST(an_empty_file_has_no_packets)
{
    if (!is_installed("tshark"))
        return;
    struct host *reader = reader_new();
    file_capture(net_current(), "reader:a.pcap", CAPTURE_PCAPNG, LINK_ETHERNET,
                 NULL, 0);
    ck_assert_uint_eq(oracle_packets(oracle_ask(reader, "a.pcap", fields)), 0);
}
END_TEST

static void ask_about_nothing(void)
{
    struct host *reader = reader_new();
    (void)oracle_ask(reader, "absent.pcap", fields);
}

static void ask_for_the_unknown(void)
{
    struct host *reader = reader_new();
    struct file_packet packet = {.data = good, .bytes = sizeof(good)};
    file_capture(net_current(), "reader:a.pcap", CAPTURE_PCAP, LINK_IPV4,
                 &packet, 1);
    struct oracle *oracle = oracle_ask(reader, "a.pcap", fields);
    (void)oracle_field(oracle, 0, "ip.src");
}

START_TEST(a_file_that_cannot_be_read_is_infra)
{
    if (is_installed("tshark"))
        expect_infra(ask_about_nothing, "tshark failed with status");
}
END_TEST

START_TEST(a_field_not_asked_for_is_infra)
{
    if (is_installed("tshark"))
        expect_infra(ask_for_the_unknown, "was not asked for ip.src");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("oracle");
    TCase *oracle = tcase_create("oracle");
    tcase_set_timeout(oracle, 60);
    tcase_add_checked_fixture(oracle, incell_setup, incell_teardown);
    tcase_add_loop_test(oracle, every_format_is_read, 0, CAPTURE_FORMATS);
    tcase_add_test(oracle, an_empty_file_has_no_packets);
    tcase_add_test(oracle, a_file_that_cannot_be_read_is_infra);
    tcase_add_test(oracle, a_field_not_asked_for_is_infra);
    suite_add_tcase(suite, oracle);
    return incell_main("test_oracle", suite);
}

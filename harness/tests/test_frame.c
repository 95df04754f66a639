/* Frames of a test's own: sent, awaited, and sockets handed to a program. */
#include "incell.h"

#include <arpa/inet.h>

#include <wirelab/capture.h>
#include <wirelab/frame.h>
#include <wirelab/proc.h>
#include <wirelab/sock.h>

static const int64_t patience_ns = SECONDS(10);

struct pair {
    struct net *net;
    struct host *a, *b;
    struct link *link;
};

static struct pair join(bool ethernet, const char *profile)
{
    struct net *net = net_new(1);
    struct pair pair = {net, net_host(net, "a"), net_host(net, "b"), NULL};
    pair.link = ethernet ? net_ethernet(pair.a, pair.b, profile)
                         : net_link(pair.a, pair.b, profile);
    return pair;
}

/* An echo request 10.77.1.1 > 10.77.1.2, id 7, seq 1, without data. */
static const uint8_t request[] = {
    0x45, 0, 0,  28, 0, 0, 0, 0, 64,   1,    0x64, 0x45, 10, 77,
    1,    1, 10, 77, 1, 2, 8, 0, 0xf7, 0xf7, 0,    7,    0,  1,
};

/* Sums up a header that holds its checksum: 0xffff if it is right. */
static unsigned sum16(const uint8_t *p, size_t bytes)
{
    unsigned sum = 0;
    for (size_t i = 0; i < bytes; i += 2)
        sum += (unsigned)(p[i] << 8 | p[i + 1]);
    return (sum & 0xffff) + (sum >> 16);
}

static size_t put_ethernet(uint8_t *frame, const struct pair *pair,
                           const char *type, size_t type_bytes)
{
    host_mac(pair->b, pair->link, frame);
    host_mac(pair->a, pair->link, frame + 6);
    memcpy(frame + 12, type, type_bytes);
    return 12 + type_bytes;
}

START_TEST(the_request_is_right)
{
    ck_assert_uint_eq(sum16(request, 20), 0xffff);
    ck_assert_uint_eq(sum16(request + 20, 8), 0xffff);
}
END_TEST

START_TEST(a_kernel_answers_an_ip_packet)
{
    struct pair pair = join(false, "delay 5ms");
    struct frame_port *port = frame_open(pair.a, pair.link);
    uint8_t reply[100];
    ck_assert_int_eq(frame_send(port, request, sizeof(request)), 0);
    ssize_t n = frame_await(port, "icmp[icmptype] = icmp-echoreply and src b",
                            reply, sizeof(reply), patience_ns);
    ck_assert_int_eq(n, sizeof(request));
    ck_assert_uint_eq(reply[0], 0x45);
    ck_assert_mem_eq(reply + 12, request + 16, 4);
    ck_assert_mem_eq(reply + 24, request + 24, 4);
    ck_assert_int_eq(capture_count(pair.net, "icmp"), 2);
}
END_TEST

START_TEST(a_kernel_answers_a_frame)
{
    struct pair pair = join(true, "delay 5ms");
    struct frame_port *port = frame_open(pair.a, pair.link);
    uint8_t frame[100], reply[100], mac[6];
    size_t at = put_ethernet(frame, &pair, "\x08\x00", 2);
    memcpy(frame + at, request, sizeof(request));
    ck_assert_int_eq(frame_send(port, frame, at + sizeof(request)), 0);
    ssize_t n = frame_await(port, "icmp", reply, sizeof(reply), patience_ns);
    ck_assert_int_eq(n, (int)(at + sizeof(request)));
    host_mac(pair.a, pair.link, mac);
    ck_assert_mem_eq(reply, mac, 6);
    host_mac(pair.b, pair.link, mac);
    ck_assert_mem_eq(reply + 6, mac, 6);
}
END_TEST

START_TEST(vlan_tags_are_seen)
{
    struct pair pair = join(true, "");
    struct frame_port *from = frame_open(pair.a, pair.link);
    struct frame_port *to = frame_open(pair.b, pair.link);
    uint8_t frame[100], got[100];
    /* A service tag 100 around a customer's tag 7. */
    size_t at = put_ethernet(frame, &pair,
                             "\x88\xa8\x00\x64\x81\x00\xe0\x07\x08\x00", 10);
    memcpy(frame + at, request, sizeof(request));
    size_t bytes = at + sizeof(request);
    ck_assert_int_eq(frame_send(from, frame, bytes), 0);
    ssize_t n =
        frame_await(to, "ether[12:2] = 0x88a8", got, sizeof(got), patience_ns);
    ck_assert_int_eq(n, (int)bytes);
    ck_assert_mem_eq(got, frame, bytes);
}
END_TEST

START_TEST(own_frames_are_not_seen)
{
    struct pair pair = join(false, "");
    struct frame_port *port = frame_open(pair.a, pair.link);
    uint8_t got[100];
    ck_assert_int_eq(frame_send(port, request, sizeof(request)), 0);
    ssize_t n = frame_await(port, "", got, sizeof(got), patience_ns);
    ck_assert_int_eq(n, sizeof(request));
    ck_assert_uint_eq(got[20], 0); /* the reply, not the request */
}
END_TEST

START_TEST(silence_has_a_deadline)
{
    struct pair pair = join(false, "loss 100%");
    struct frame_port *port = frame_open(pair.a, pair.link);
    uint8_t got[100];
    int64_t began_ns = clock_now_ns();
    ck_assert_int_eq(frame_send(port, request, sizeof(request)), 0);
    ck_assert_int_eq(frame_await(port, "icmp", got, sizeof(got), MSECONDS(50)),
                     -ETIMEDOUT);
    ck_assert_int_ge(clock_now_ns() - began_ns, MSECONDS(50));
    ck_assert_int_eq(frame_await(port, "icmp", got, sizeof(got), 0),
                     -ETIMEDOUT);
    ck_assert_int_eq(capture_count_fate(pair.net, FATE_LOST, "icmp"), 1);
}
END_TEST

START_TEST(a_long_frame_is_told_not_cut)
{
    struct pair pair = join(true, "");
    struct frame_port *from = frame_open(pair.a, pair.link);
    struct frame_port *to = frame_open(pair.b, pair.link);
    static uint8_t frame[4000];
    uint8_t got[100];
    (void)put_ethernet(frame, &pair, "\x88\xb5", 2);
    ck_assert_int_eq(frame_send(from, frame, sizeof(frame)), -EMSGSIZE);
    ck_assert_int_eq(frame_send(from, frame, 1514), 0);
    ck_assert_int_eq(
        frame_await(to, "ether proto 0x88b5", got, sizeof(got), patience_ns),
        1514);
    frame_drain(to);
    frame_close(to);
    frame_close(from);
}
END_TEST

static void closes_what_it_was_not_given(void)
{
    struct pair pair = join(false, "");
    (void)frame_open(pair.a, pair.link);
    struct host *stranger = net_host(pair.net, "stranger");
    (void)frame_open(stranger, pair.link);
}

START_TEST(a_strangers_link_is_infra)
{
    expect_infra(closes_what_it_was_not_given, "has no device on that link");
}
END_TEST

/* socat has no privilege to open such a socket here; it is given one. */
START_TEST(a_program_uses_a_socket_it_was_given)
{
    struct pair pair = join(true, "");
    int fd = host_packet_socket(pair.a, pair.link);
    struct frame_port *to = frame_open(pair.b, pair.link);
    uint8_t frame[100], got[100];
    const char *names[] = {"PACKET_FD"};
    struct start_options options = {
        .fds = &fd, .fd_env = names, .fd_count = 1, .stdin_open = true};
    struct proc *socat =
        host_start_with(pair.a, peer("socat"), &options,
                        (const char *[]){"-u", "STDIN", "FD:3", NULL});
    size_t at = put_ethernet(frame, &pair, "\x88\xb5", 2);
    memset(frame + at, 'x', sizeof(frame) - at);
    proc_feed(socat, frame, sizeof(frame));
    ck_assert_int_eq(
        frame_await(to, "ether proto 0x88b5", got, sizeof(got), patience_ns),
        sizeof(frame));
    ck_assert_mem_eq(got, frame, sizeof(frame));
    close(fd);
}
END_TEST

START_TEST(raw_sockets_receive)
{
    struct pair pair = join(false, "");
    int fd = host_raw_socket(pair.b, AF_INET, IPPROTO_ICMP);
    struct frame_port *port = frame_open(pair.a, pair.link);
    uint8_t got[100];
    ck_assert_int_eq(frame_send(port, request, sizeof(request)), 0);
    ssize_t n = sock_recvfrom(fd, got, sizeof(got), NULL, NULL, patience_ns);
    ck_assert_int_eq(n, sizeof(request));
    ck_assert_mem_eq(got + 20, request + 20, 8);
    close(fd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("frame");
    TCase *frames = tcase_create("frames");
    tcase_set_timeout(frames, 60);
    tcase_add_checked_fixture(frames, incell_setup, incell_teardown);
    tcase_add_test(frames, the_request_is_right);
    tcase_add_test(frames, a_kernel_answers_an_ip_packet);
    tcase_add_test(frames, a_kernel_answers_a_frame);
    tcase_add_test(frames, vlan_tags_are_seen);
    tcase_add_test(frames, own_frames_are_not_seen);
    tcase_add_test(frames, silence_has_a_deadline);
    tcase_add_test(frames, a_long_frame_is_told_not_cut);
    tcase_add_test(frames, a_strangers_link_is_infra);
    tcase_add_test(frames, a_program_uses_a_socket_it_was_given);
    tcase_add_test(frames, raw_sockets_receive);
    suite_add_tcase(suite, frames);
    return incell_main("test_frame", suite);
}

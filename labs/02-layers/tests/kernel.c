/* Checkpoint 6: forged packets, and what a live kernel makes of them.  The link
 * delays, and delivers some packets twice: no answer may depend on luck. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

#define LATE "delay 10ms 2ms duplicate 20%"

enum { ETHERNET_BYTES = 14, FRAME_BYTES = 1600 };

/* Awaits the kernel's answer.  Returns its bytes from the IP header on. */
static const uint8_t *await_answer(struct frame_port *port, const char *filter,
                                   const char *what)
{
    static uint8_t frame[FRAME_BYTES];
    if (frame_await(port, filter, frame, sizeof(frame), SECONDS(3)) < 0)
        test_fail("the kernel should answer %s, and did not for 3 s: it takes "
                  "nothing whose checksum, length or address is wrong",
                  what);
    return frame + ETHERNET_BYTES;
}

static unsigned get16(const uint8_t *at)
{
    return (unsigned)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

START_TEST(arp_is_answered)
{
    struct wire wire = wire_new(LATE);
    struct frame_port *port = frame_open(wire.maker, wire.link);
    uint8_t mac[6];
    forge_send(&wire, "eth(src=$M)/arp(sha=$M,spa=$m,tpa=$r)");
    const uint8_t *arp =
        await_answer(port, "arp[6:2] = 2", "an ARP request for its address");
    host_mac(wire.reader, wire.link, mac);
    expect_bytes(arp + 8, 6, mac, 6, "hardware address in the reply");
}
END_TEST

START_TEST(echo_is_answered)
{
    struct wire wire = wire_new(LATE);
    struct frame_port *port = frame_open(wire.maker, wire.link);
    forge_send(&wire, "eth(dst=$R,src=$M)/ip(src=$m,dst=$r)/"
                      "icmp(id=0x1234,seq=7)/\"layers\"");
    const uint8_t *ip = await_answer(port, "icmp[icmptype] = icmp-echoreply",
                                     "an echo request");
    expect_equal(get16(ip + 24), 0x1234, "identifier of the reply");
    expect_equal(get16(ip + 26), 7, "sequence number of the reply");
    expect_bytes(ip + 28, 6, "layers", 6, "data of the reply");
}
END_TEST

START_TEST(echo_of_ipv6_is_answered)
{
    struct wire wire = wire_new6(LATE);
    struct frame_port *port = frame_open(wire.maker, wire.link);
    forge_send(&wire,
               "eth(dst=$R,src=$M)/ip6(src=$6m,dst=$6r)/"
               "dst(opt=1e0401020304)/icmp6(id=0x1234,seq=7)/\"chains\"");
    const uint8_t *ip =
        await_answer(port, "ip6[6] = 58 and ip6[40] = 129",
                     "an echo request behind destination options");
    expect_equal(get16(ip + 44), 0x1234, "identifier of the reply");
    expect_bytes(ip + 48, 6, "chains", 6, "data of the reply");
}
END_TEST

START_TEST(syn_is_answered)
{
    struct wire wire = wire_new(LATE);
    struct frame_port *port = frame_open(wire.maker, wire.link);
    (void)host_listen(wire.reader, 80);
    forge_send(&wire, "eth(dst=$R,src=$M)/ip(src=$m,dst=$r)/"
                      "tcp(sport=61001,dport=80,seq=1000,flags=S,mss=1000,"
                      "sackok=1,tsval=0x01020304,wscale=5)");
    const uint8_t *ip = await_answer(
        port, "tcp[tcpflags] & (tcp-syn|tcp-ack) = (tcp-syn|tcp-ack)",
        "a SYN to a port that listens");
    const uint8_t *tcp = ip + 20;
    expect_equal(get32(tcp + 8), 1001, "acknowledgment number of the SYN-ACK");
    expect_equal(tcp[12] >> 4, 10, "data offset of a SYN-ACK with options");
    expect_equal(get32(tcp + 32), 0x01020304,
                 "timestamp that the SYN-ACK echoes");
}
END_TEST

START_TEST(closed_port_is_reset)
{
    struct wire wire = wire_new(LATE);
    struct frame_port *port = frame_open(wire.maker, wire.link);
    forge_send(&wire, "eth(dst=$R,src=$M)/ip(src=$m,dst=$r)/"
                      "tcp(sport=61001,dport=81,seq=1000,flags=S)/\"abc\"");
    const uint8_t *ip = await_answer(port, "tcp[tcpflags] & tcp-rst != 0",
                                     "a SYN to a closed port");
    expect_equal(get32(ip + 28), 1004,
                 "acknowledgment number of the RST (SYN and three bytes)");
}
END_TEST

START_TEST(closed_udp_port_is_told)
{
    struct wire wire = wire_new(LATE);
    struct frame_port *port = frame_open(wire.maker, wire.link);
    forge_send(&wire, "eth(dst=$R,src=$M)/ip(src=$m,dst=$r,id=0x4242)/"
                      "udp(sport=61001,dport=9)/\"anybody?\"");
    const uint8_t *ip = await_answer(port, "icmp[0] = 3 and icmp[1] = 3",
                                     "a datagram to a closed port");
    expect_equal(get16(ip + 28 + 4), 0x4242,
                 "identification of the packet that the error quotes");
    expect_equal(get16(ip + 28 + 20), 61001,
                 "source port of the datagram that the error quotes");
}
END_TEST

static void expect_datagram(int fd, const char *text)
{
    char got[2048];
    ssize_t n = sock_recvfrom(fd, got, sizeof(got), NULL, NULL, SECONDS(3));
    if (n == -ETIMEDOUT)
        test_fail("a forged datagram should reach the program on port 9000, "
                  "and did not within 3 s");
    expect_bytes(got, n < 0 ? 0 : (size_t)n, text, strlen(text),
                 "datagram that the program received");
}

START_TEST(datagrams_reach_a_socket)
{
    struct wire wire = wire_new6("delay 10ms 2ms");
    int fd = host_udp(wire.reader, 9000);
    forge_send(&wire, "eth(dst=$R,src=$M)/ip(src=$m,dst=$r,opt=94040000)/"
                      "udp(dport=9000)/\"by four\"");
    expect_datagram(fd, "by four");
    forge_send(&wire, "eth(dst=$R,src=$M)/ip6(src=$6m,dst=$6r)/"
                      "udp(dport=9000)/\"by six!\"");
    expect_datagram(fd, "by six!");
}
END_TEST

/* UDP's checksum is over the whole datagram: 0, none, saves computing it. */
START_TEST(fragments_are_put_together)
{
    struct wire wire = wire_new("delay 10ms reorder 50%");
    int fd = host_udp(wire.reader, 9000);
    forge_send(&wire, "eth(dst=$R,src=$M)/ip(src=$m,dst=$r,id=77,frag=2,"
                      "proto=17)/\"second\"");
    forge_send(&wire, "eth(dst=$R,src=$M)/ip(src=$m,dst=$r,id=77,flags=M)/"
                      "udp(dport=9000,len=22,sum=0)/\"first...\"");
    expect_datagram(fd, "first...second");
}
END_TEST

/* What the spec states is sent as it stands, and the kernel knows a lie. */
START_TEST(wrong_sums_are_dropped)
{
    struct wire wire = wire_new("delay 10ms 2ms");
    int fd = host_udp(wire.reader, 9000);
    forge_send(&wire, "eth(dst=$R,src=$M)/ip(src=$m,dst=$r)/"
                      "udp(dport=9000,sum=0x1111)/\"wrong sum\"");
    forge_send(&wire, "eth(dst=$R,src=$M)/ip(src=$m,dst=$r,sum=0x1111)/"
                      "udp(dport=9000)/\"wrong header\"");
    forge_send(&wire, "eth(dst=$R,src=$M)/ip(src=$m,dst=$r)/"
                      "udp(dport=9000,len=7)/\"wrong length\"");
    forge_send(&wire, "eth(dst=$R,src=$M)/ip(src=$m,dst=$r)/"
                      "udp(dport=9000)/\"right\"");
    expect_datagram(fd, "right");
}
END_TEST

START_TEST(nonsense_is_told)
{
    static const char *const specs[][2] = {
        {"eth/ip(ttl=256)", "column 12"},
        {"eth/ipx(src=1)", "column 5"},
        {"eth(dst=02:77)", "column 9"},
        {"ip(colour=3)", "column 4"},
        {"ip/\"open", "quote"},
        {"ip/\"\\q\"", "column 5"},
        {"ip(src=10.0.0.1", "column 16"},
        {"ip6(src=10.0.0.1)", "column 9"},
        {"ip(opt=123)", "column 8"},
        {"tcp(flags=XY)", "column 11"},
        {"", "column 1"},
    };
    struct wire wire = wire_new(LATE);
    struct frame_port *port = frame_open(wire.maker, wire.link);
    for (size_t i = 0; i < COUNT(specs); i++) {
        struct proc *forge =
            host_start(wire.maker, program("forge"), "-o", "x", specs[i][0]);
        step("forge is given the spec %s", specs[i][0]);
        expect_exit(forge, 2, PATIENCE);
        expect_contains(proc_stderr(forge, NULL), specs[i][1],
                        "forge's complaint");
    }
    forge_send(&wire, "eth(src=$M)/arp(sha=$M,spa=$m,tpa=$r)");
    (void)await_answer(port, "arp[6:2] = 2", "a right packet after all that");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(arp_is_answered),
        .id = "02.6.arp_is_answered",
        .title = "A kernel answers a forged ARP request",
        .checkpoint = 6,
        .points = 1,
        .why = "The first packet of every conversation on Ethernet.",
        .cause = "write_socket() writes the frame to descriptor 3, all of it "
                 "by one write.",
        .see = "README.md#checkpoint-6",
    },
    {
        TEST(echo_is_answered),
        .id = "02.6.echo_is_answered",
        .title = "A kernel answers a forged ping",
        .checkpoint = 6,
        .points = 2,
        .why = "Whoever answers has believed every field and both checksums.",
        .cause = "a kernel drops without a word what has a wrong checksum or "
                 "length.  dissect what you sent: the capture has it.",
        .see = "RFC 792",
    },
    {
        TEST(echo_of_ipv6_is_answered),
        .id = "02.6.echo_of_ipv6_is_answered",
        .title = "A kernel answers a forged ping of IPv6, behind options",
        .checkpoint = 6,
        .points = 2,
        .why = "ICMPv6's checksum has a pseudo-header: ICMP's has none.",
        .cause = "the pseudo-header's next header is 58, ICMPv6's, whatever "
                 "extension headers come before it.",
        .see = "RFC 4443 section 2.3",
    },
    {
        TEST(syn_is_answered),
        .id = "02.6.syn_is_answered",
        .title = "A kernel answers a forged SYN and echoes its timestamp",
        .checkpoint = 6,
        .points = 2,
        .why = "A SYN is all that it takes to begin a connection.",
        .cause = "TCP's checksum has a pseudo-header; the data offset counts "
                 "the options and their padding.",
        .see = "RFC 9293 section 3.1; RFC 7323 section 3.2",
    },
    {
        TEST(closed_port_is_reset),
        .id = "02.6.closed_port_is_reset",
        .title = "A kernel resets a forged SYN to a closed port",
        .checkpoint = 6,
        .points = 1,
        .why = "The RST acknowledges what the segment took: one for the SYN, "
               "one for each byte.",
        .cause = "the payload's length is IP's total length less both "
                 "headers: is the total length right?",
        .see = "RFC 9293 section 3.10.7.1",
    },
    {
        TEST(closed_udp_port_is_told),
        .id = "02.6.closed_udp_port_is_told",
        .title = "A kernel quotes a forged datagram to a closed port",
        .checkpoint = 6,
        .points = 1,
        .why = "The quotation is how a sender finds out which of its packets "
               "is meant.",
        .cause = "the kernel answers a datagram only if its checksum is "
                 "right.",
        .see = "RFC 792",
    },
    {
        TEST(datagrams_reach_a_socket),
        .id = "02.6.datagrams_reach_a_socket",
        .title = "Forged datagrams reach a program, by IPv4 with options and "
                 "by IPv6",
        .checkpoint = 6,
        .points = 2,
        .why = "The receiving program cannot tell them from a kernel's.",
        .cause = "with IPv6 a UDP checksum is mandatory; with options the "
                 "header checksum covers them.",
        .see = "RFC 8200 section 8.1",
    },
    {
        TEST(fragments_are_put_together),
        .id = "02.6.fragments_are_put_together",
        .title = "A kernel puts two forged fragments together",
        .checkpoint = 6,
        .points = 2,
        .why = "Identification, offset and MF are all that it goes by.",
        .cause = "frag= counts units of 8 bytes; flags=M sets MF; the stated "
                 "len= and sum= are written as they stand.",
        .see = "README.md#fragments",
    },
    {
        TEST(wrong_sums_are_dropped),
        .id = "02.6.wrong_sums_are_dropped",
        .title = "A kernel drops what was forged to be wrong",
        .checkpoint = 6,
        .points = 2,
        .why = "A tool that silently repairs cannot test anybody.",
        .cause = "what the spec states must not be replaced by what is "
                 "computed.",
        .see = "README.md#what-forge-builds",
    },
    {
        TEST(nonsense_is_told),
        .id = "02.6.nonsense_is_told",
        .title = "forge says in which column a spec is wrong",
        .checkpoint = 6,
        .points = 1,
        .why = "A packet that is not what you meant is worse than none.",
        .cause = "spec.c is given and complains by itself: do you look at "
                 "header->error before you send?",
        .see = "README.md#what-forge-builds",
    },
};
SUITE_THEME(kernel_theme, tests)

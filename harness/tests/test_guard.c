/* False senders: what a program that writes whole frames may send, and what is
 * lost on the link because it names another as its source. */
#include "linktest.h"

#include <net/ethernet.h>

#include <wirelab/frame.h>
#include <wirelab/tap.h>

#include "base/testrun.h"
#include "link/guard.h"
#include "link/linkset.h"
#include "link/witness.h"

enum { FRAME_BYTES = 60, MARK = 0x5a00 }; /* its last two bytes say which */

struct sending {
    const char *name;
    bool own_mac;
    uint16_t type;
    uint8_t sender[4]; /* of IP, or of ARP */
    bool arp_own_mac;
    bool passes, passes_router;
};

/* The sender is 10.77.1.2; a router has another link. */
static const struct sending sendings[] = {
    {"its own address", true, ETHERTYPE_IP, {10, 77, 1, 2}, true, true, true},
    {"none yet", true, ETHERTYPE_IP, {0, 0, 0, 0}, true, true, true},
    {"the peer's", true, ETHERTYPE_IP, {10, 77, 1, 1}, true, false, true},
    {"a stranger's", true, ETHERTYPE_IP, {10, 99, 0, 1}, true, false, true},
    {"another's frame",
     false,
     ETHERTYPE_IP,
     {10, 77, 1, 2},
     true,
     false,
     false},
    {"ARP, true", true, ETHERTYPE_ARP, {10, 77, 1, 2}, true, true, true},
    {"ARP, a probe", true, ETHERTYPE_ARP, {0, 0, 0, 0}, true, true, true},
    {"ARP, the peer's address",
     true,
     ETHERTYPE_ARP,
     {10, 77, 1, 1},
     true,
     false,
     false},
    {"ARP, another's hardware",
     true,
     ETHERTYPE_ARP,
     {10, 77, 1, 2},
     false,
     false,
     false},
};
enum { SENDINGS = sizeof(sendings) / sizeof(sendings[0]) };

static void write_ip(uint8_t *ip, const uint8_t *sender)
{
    static const uint8_t header[20] = {0x45, 0, 0, 28, 0, 0, 0,  0,  64, 253,
                                       0,    0, 0, 0,  0, 0, 10, 77, 1,  1};
    memcpy(ip, header, sizeof(header));
    memcpy(ip + 12, sender, 4);
}

static void write_arp(uint8_t *arp, const uint8_t *mac, const uint8_t *sender)
{
    static const uint8_t header[8] = {0, 1, 8, 0, 6, 4, 0, 1};
    memcpy(arp, header, sizeof(header));
    memcpy(arp + 8, mac, 6);
    memcpy(arp + 14, sender, 4);
}

static void make_frame(uint8_t *frame, const struct sending *sending,
                       const uint8_t *mac, unsigned number)
{
    static const uint8_t other_mac[6] = {2, 0, 0, 0, 0, 99};
    memset(frame, 0, FRAME_BYTES);
    memset(frame, 0xff, 6);
    memcpy(frame + 6, sending->own_mac ? mac : other_mac, 6);
    frame[12] = (uint8_t)(sending->type >> 8);
    frame[13] = (uint8_t)sending->type;
    frame[FRAME_BYTES - 2] = MARK >> 8;
    frame[FRAME_BYTES - 1] = (uint8_t)number;
    if (sending->type == ETHERTYPE_IP)
        write_ip(frame + ETH_HLEN, sending->sender);
    else
        write_arp(frame + ETH_HLEN, sending->arp_own_mac ? mac : other_mac,
                  sending->sender);
}

/* Each sending, through a TAP, is met in the capture as what became of it. */
static void send_all(bool router)
{
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *r = net_tap_host(net, "r");
    struct link *link = net_ethernet(a, r, "");
    if (router)
        (void)net_ethernet(r, net_host(net, "b"), "");
    uint8_t frame[FRAME_BYTES], mac[6];
    host_mac(r, link, mac);
    links_guard(r);
    for (unsigned i = 0; i < SENDINGS; i++) {
        char filter[64];
        struct packet packet;
        bool passes = router ? sendings[i].passes_router : sendings[i].passes;
        snprintf(filter, sizeof(filter), "ether[58:2] = %u", MARK + i);
        make_frame(frame, &sendings[i], mac, i);
        ck_assert_int_eq(write(host_tap(r, link), frame, FRAME_BYTES),
                         FRAME_BYTES);
        ck_assert_msg(capture_await(net, filter, 1, SECONDS(10)) &&
                          capture_nth(net, filter, 1, &packet),
                      "%s: it is not in the capture", sendings[i].name);
        ck_assert_msg(!(packet.fate & FATE_LOST) == passes, "%s: it %s",
                      sendings[i].name, passes ? "is lost" : "passes");
        ck_assert_msg(passes || strstr(packet.note, "its source is not"),
                      "%s: %s", sendings[i].name, packet.note);
    }
}

START_TEST(a_host_speaks_for_itself)
{
    send_all(false);
}
END_TEST

START_TEST(a_router_hands_on_what_others_wrote)
{
    send_all(true);
}
END_TEST

/* Without the guard all of it passes: what the tests above see is its doing. */
START_TEST(nobody_is_guarded_unasked)
{
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *r = net_tap_host(net, "r");
    struct link *link = net_ethernet(a, r, "");
    uint8_t frame[FRAME_BYTES], mac[6];
    struct packet packet;
    host_mac(r, link, mac);
    make_frame(frame, &sendings[_i], mac, 0);
    ck_assert_int_eq(write(host_tap(r, link), frame, FRAME_BYTES), FRAME_BYTES);
    ck_assert(capture_await(net, "ether[58:2] = 0x5a00", 1, SECONDS(10)));
    ck_assert(capture_nth(net, "ether[58:2] = 0x5a00", 1, &packet));
    ck_assert(!(packet.fate & FATE_LOST));
}
END_TEST

/* As benches have them, with no emulator in the way. */
START_TEST(links_of_no_engine_have_no_guard)
{
    struct net *net = net_new(1);
    struct host *const hosts[] = {net_host(net, "a"), net_tap_host(net, "r")};
    link_open_veth(link_new(net, hosts, 2, true), 1500, false);
    links_guard(hosts[1]);
    uint8_t frame[FRAME_BYTES] = {0};
    int tap = host_tap(hosts[1], hosts[1]->ports[0]->link);
    ck_assert_int_eq(write(tap, frame, sizeof(frame)), sizeof(frame));
}
END_TEST

/* Where nobody looks, the verdict says so. */
START_TEST(an_engine_without_a_guard_is_told_of)
{
    struct net *net = net_new(1);
    links_engine(net, "veth");
    struct host *a = net_host(net, "a"), *r = net_tap_host(net, "r");
    (void)net_ethernet(a, r, "");
    links_guard(r);
    links_guard(r);
    json_t *verdict = json_object();
    struct ending ending = {.verdict = VERDICT_PASS};
    links_witness(verdict, &ending, linkset_of(net));
    const json_t *unguarded = json_object_get(verdict, "unguarded");
    ck_assert_uint_eq(json_array_size(unguarded), 1);
    ck_assert_str_eq(json_string_value(json_array_get(unguarded, 0)), "r");
    char *said = journal_last();
    ck_assert_ptr_nonnull(said);
    ck_assert_str_eq(said, "note: engine veth does not look for false senders "
                           "among what r sends");
    free(said);
    json_decref(verdict);
}
END_TEST

/* IPv6 has no ARP; a view is all that the guard needs of it. */
START_TEST(ipv6_is_guarded_too)
{
    struct host host = {.port_count = 1};
    struct link link = {.ethernet = false};
    struct port port = {.host = &host, .link = &link};
    struct view view = {.version = 6, .src = {0xfd, 0x77, 0, 1}};
    host.ports[0] = &port;
    view.src[15] = port.addr6.s6_addr[15] = 2;
    port.addr6.s6_addr[0] = 0xfd;
    port.addr6.s6_addr[1] = 0x77;
    port.addr6.s6_addr[3] = 1;
    ck_assert(guard_passes(&port, view.src, 0, &view));
    view.src[15] = 1;
    ck_assert(!guard_passes(&port, view.src, 0, &view));
    host.forwards = true;
    ck_assert(guard_passes(&port, view.src, 0, &view));
    host.forwards = false;
    memcpy(view.src, (uint8_t[]){0xfe, 0x80}, 2);
    ck_assert(guard_passes(&port, view.src, 0, &view));
    memset(view.src, 0, sizeof(view.src));
    ck_assert(guard_passes(&port, view.src, 0, &view));
    ck_assert(guard_passes(&port, view.src, 0, NULL));
}
END_TEST

static Suite *guard_suite(void)
{
    Suite *suite = suite_create("guard");
    TCase *tcase = tcase_create("senders");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, incell_setup, incell_teardown);
    tcase_add_test(tcase, a_host_speaks_for_itself);
    tcase_add_test(tcase, a_router_hands_on_what_others_wrote);
    tcase_add_loop_test(tcase, nobody_is_guarded_unasked, 0, SENDINGS);
    tcase_add_test(tcase, links_of_no_engine_have_no_guard);
    tcase_add_test(tcase, an_engine_without_a_guard_is_told_of);
    tcase_add_test(tcase, ipv6_is_guarded_too);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return incell_main("test_guard", guard_suite());
}

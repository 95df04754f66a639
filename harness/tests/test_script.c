/* Faults by name: the lines, the packets they pick, the filters they pick by.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "link/script.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* ---- A link of two hosts, and packets on it ------------------------------ */

static const char *const sender_addrs[] = {"10.77.1.1", "fd77:1::1"};
static const char *const receiver_addrs[] = {"10.77.1.2", "10.77.2.1"};
static const char *const router_addrs[] = {"10.77.2.2"};
static const struct filter_host all_hosts[] = {
    {"sender", sender_addrs, 2},
    {"receiver", receiver_addrs, 2},
    {"router-2", router_addrs, 1},
    {"port", router_addrs, 1},
};
static const char *const port_names[] = {"sender", "receiver", "router-2"};
static const struct script_names names = {
    .ports = port_names,
    .port_count = 3,
    .hosts = {all_hosts, COUNT(all_hosts)},
};

static struct script *script_of(const char *line)
{
    struct script *script = script_new();
    struct scan_error error;
    ck_assert_msg(script_add(script, line, 0, &names, &error) == 0, "%s: %s",
                  line, error.message);
    return script;
}

/* UDP between hosts 10.77.1.N; its first byte of data is `type`. */
static struct script_verdict ask(struct script *script, unsigned from,
                                 unsigned to, uint8_t type)
{
    uint8_t packet[29] = {
        0x45,      0,  0, 29,          [8] = 64, 17,   [12] = 10, 77, 1,
        [16] = 10, 77, 1, [20] = 0x9c, 0x40,     0x23, 0x28,      0,  9};
    packet[15] = (uint8_t)(from + 1);
    packet[19] = (uint8_t)(to + 1);
    packet[28] = type;
    struct script_verdict verdict;
    script_match(script, from, to, packet, sizeof(packet), sizeof(packet),
                 &verdict);
    return verdict;
}

/* ---- Which packets ------------------------------------------------------- */

/* What becomes of ten packets, one letter each. */
static const struct {
    const char *line, *acts;
} picks[] = {
    {"drop all of \"udp\"", "dddddddddd"},
    {"drop first 3 of \"udp\"", "ddd......."},
    {"drop nth 3 of \"udp\"", "..d......."},
    {"drop every 3 of \"udp\"", "..d..d..d."},
    {"drop every 1 of udp", "dddddddddd"},
    {"drop all of \"tcp\"", ".........."},
    {"hold 40ms nth 5 of \"udp\"", "....h....."},
    {"duplicate nth 1 of \"udp\"", "2........."},
    {"corrupt nth 2 of \"udp\"", ".c........"},
    {"drop all of \"udp\" sender->receiver", "dddddddddd"},
    {"drop all of \"udp\" sender -> receiver # why not", "dddddddddd"},
    {"drop all of \"udp\" receiver->sender", ".........."},
    {"drop all of \"udp\" sender->router-2", ".........."},
    {"drop all of \"udp and src host sender\"", "dddddddddd"},
    {"drop all of \"udp and src host receiver\"", ".........."},
    {"drop all of \"udp[8] = 4\"", "....d....."},
    {"drop first 1 of \"udp[8] >= 7\"", ".......d.."},
};

START_TEST(rules_pick_exactly_their_packets)
{
    struct script *script = script_of(picks[_i].line);
    char acts[11] = "..........";
    ck_assert(script_has_rules(script));
    for (uint8_t i = 0; i < 10; i++) {
        struct script_verdict verdict = ask(script, 0, 1, i);
        if (verdict.actions == 0)
            continue;
        ck_assert_str_eq(verdict.reason, picks[_i].line);
        acts[i] = verdict.actions & SCRIPT_DROP        ? 'd'
                  : verdict.actions & SCRIPT_HOLD      ? 'h'
                  : verdict.actions & SCRIPT_DUPLICATE ? '2'
                                                       : 'c';
    }
    ck_assert_str_eq(acts, picks[_i].acts);
    script_free(script);
}
END_TEST

/* A rule counts what matches it, whatever other rules did to the packet. */
START_TEST(rules_count_for_themselves)
{
    struct script *script = script_of("drop first 2 of \"udp\"");
    struct scan_error error;
    script_add(script, "hold 10ms nth 2 of \"udp\"", 0, &names, &error);
    script_add(script, "hold 5ms nth 2 of \"udp\"", 0, &names, &error);
    script_add(script, "duplicate every 2 of \"udp\"", 0, &names, &error);
    ck_assert_uint_eq(ask(script, 0, 1, 0).actions, SCRIPT_DROP);
    struct script_verdict second = ask(script, 0, 1, 0);
    ck_assert_uint_eq(second.actions,
                      SCRIPT_DROP | SCRIPT_HOLD | SCRIPT_DUPLICATE);
    ck_assert_int_eq(second.hold_ns, 15000000);
    ck_assert_uint_eq(second.copies, 1);
    ck_assert_str_eq(second.reason, "drop first 2 of \"udp\"");
    ck_assert_uint_eq(ask(script, 0, 1, 0).actions, 0);
    script_free(script);
}
END_TEST

START_TEST(the_other_direction_is_not_counted)
{
    struct script *script = script_of("drop nth 2 of \"udp\" sender->receiver");
    ck_assert_uint_eq(ask(script, 0, 1, 0).actions, 0);
    ck_assert_uint_eq(ask(script, 1, 0, 0).actions, 0);
    ck_assert_uint_eq(ask(script, 0, 2, 0).actions, 0);
    ck_assert_uint_eq(ask(script, 0, 1, 0).actions, SCRIPT_DROP);
    script_free(script);
}
END_TEST

START_TEST(a_broadcast_goes_to_every_port)
{
    struct script *script = script_of("drop all of \"udp\" sender->receiver");
    ck_assert_uint_eq(ask(script, 0, SCRIPT_TO_ALL, 0).actions, SCRIPT_DROP);
    ck_assert_uint_eq(ask(script, 1, SCRIPT_TO_ALL, 0).actions, 0);
    script_free(script);
}
END_TEST

START_TEST(corruptions_differ_from_packet_to_packet)
{
    struct script *script = script_of("corrupt all of \"udp\"");
    uint64_t first = ask(script, 0, 1, 0).draw;
    ck_assert_uint_ne(ask(script, 0, 1, 0).draw, first);
    struct script *again = script_of("corrupt all of \"udp\"");
    ck_assert_uint_eq(ask(again, 0, 1, 0).draw, first);
    script_free(script);
    script_free(again);
}
END_TEST

/* ---- Times --------------------------------------------------------------- */

START_TEST(a_cut_has_its_time)
{
    struct script *script = script_new();
    struct scan_error error;
    const char *reason = NULL;
    ck_assert_int_eq(
        script_add(script, "cut at 1.2s for 3s", 500, &names, &error), 0);
    ck_assert(!script_has_rules(script));
    ck_assert(!script_is_cut(script, 1200000499, &reason));
    ck_assert_ptr_null(reason);
    ck_assert(script_is_cut(script, 1200000500, &reason));
    ck_assert_str_eq(reason, "cut at 1.2s for 3s");
    ck_assert(script_is_cut(script, 4200000499, NULL));
    ck_assert(!script_is_cut(script, 4200000500, NULL));
    script_free(script);
}
END_TEST

START_TEST(profiles_are_taken_in_their_order_and_once)
{
    struct script *script = script_of("profile at 5s \"delay 300ms\"");
    struct scan_error error;
    struct profile profile;
    script_add(script, "profile at 2s \"loss 1%, rate 1mbit\"", 0, &names,
               &error);
    ck_assert(!script_take_profile(script, 1999999999, &profile));
    ck_assert(script_take_profile(script, 6000000000, &profile));
    ck_assert_uint_eq(profile.rate_bps, 1000000);
    ck_assert(script_take_profile(script, 6000000000, &profile));
    ck_assert_int_eq(profile.delay_ns, 300000000);
    ck_assert(!script_take_profile(script, 6000000000, &profile));
    script_free(script);
}
END_TEST

/* ---- Errors -------------------------------------------------------------- */

static const struct {
    const char *line;
    unsigned column, length;
    const char *message;
} refused[] = {
    {"", 1, 0, "a fault is missing at column 1"},
    {"drip all of \"udp\"", 1, 4,
     "unknown fault \"drip\" at column 1 — did you mean \"drop\"?"},
    {"drop", 5, 0, "all, first N, nth N or every N is missing at column 5"},
    {"drop frist 2 of \"udp\"", 6, 5,
     "which packets: \"frist\" does not say at column 6 — did you mean "
     "\"first\"?"},
    {"drop first of \"udp\"", 12, 2,
     "first: \"of\" is not a number at column 12"},
    {"drop every 0 of \"udp\"", 12, 1,
     "every: \"0\" must be at least 1 at column 12"},
    {"drop all \"udp\"", 11, 3,
     "\"udp\" stands where \"of\" belongs at column 11"},
    {"drop all of", 12, 0, "a filter in quotes is missing at column 12"},
    {"drop all of \"udp", 14, 3,
     "the quote that opens is never closed at column 14 — close it with "
     "another \""},
    {"drop all of \"udp\" sender", 19, 6,
     "\"sender\" is no direction at column 19 — write the direction as "
     "sender->receiver"},
    {"drop all of \"udp\" sender->reciever", 27, 8,
     "host \"reciever\" is not on this link at column 27 — did you mean "
     "\"receiver\"?"},
    {"drop all of \"udp\" port->sender", 19, 4,
     "host \"port\" is not on this link at column 19 — it must be one of "
     "sender, receiver, router-2"},
    {"drop all of \"src host sendr\"", 23, 5,
     "filter: unknown host \"sendr\" at column 23 — did you mean \"sender\"?"},
    {"drop all of \"udp prt 5\"", 14, 9,
     "libpcap refuses the filter at column 14 — can't parse filter expression: "
     "syntax error"},
    {"hold nth 2 of \"udp\"", 6, 3,
     "how long to hold: \"nth\" is not a number at column 6"},
    {"hold 5 nth 2 of \"udp\"", 6, 1,
     "how long to hold: \"5\" has no unit (s, ms, us or ns) at column 6"},
    {"cut for 3s", 5, 3, "\"for\" stands where \"at\" belongs at column 5"},
    {"cut at 1s for", 14, 0, "how long to cut is missing at column 14"},
    {"cut at 1s for 1s and 2s", 18, 3,
     "\"and\" is left over at column 18 — one fault a line"},
    {"profile at 1s \"dealy 5ms\"", 16, 5,
     "unknown word \"dealy\" at column 16 — did you mean \"delay\"?"},
    {"profile at 1s \"loss 1% ecn gap 3\"", 28, 3,
     "\"gap\" needs a reorder above 0% at column 28 — write \"reorder 25% gap "
     "5\""},
};

START_TEST(errors_point_at_the_word)
{
    struct script *script = script_new();
    struct scan_error error = {0};
    ck_assert_int_lt(script_add(script, refused[_i].line, 0, &names, &error),
                     0);
    ck_assert_str_eq(error.message, refused[_i].message);
    ck_assert_uint_eq(error.column, refused[_i].column);
    ck_assert_uint_eq(error.length, refused[_i].length);
    ck_assert(!script_has_rules(script));
    script_free(script);
}
END_TEST

START_TEST(every_prefix_is_judged_without_harm)
{
    const char *line = picks[_i].line;
    for (size_t n = 0; n <= strlen(line); n++) {
        struct script *script = script_new();
        struct scan_error error = {0};
        char *prefix = str_format("%.*s", (int)n, line);
        if (script_add(script, prefix, 0, &names, &error) < 0)
            ck_assert_str_ne(error.message, "");
        free(prefix);
        script_free(script);
    }
}
END_TEST

/* ---- Filters ------------------------------------------------------------- */

#define SENDER(q) "(" q "host 10.77.1.1 or " q "host fd77:1::1)"
#define RECEIVER(q) "(" q "host 10.77.1.2 or " q "host 10.77.2.1)"

static const struct {
    const char *text, *expanded;
} filters[] = {
    {"", ""},
    {"udp", "udp"},
    {"src host sender", SENDER("src ")},
    {"src sender", SENDER("src ")},
    {"host sender", SENDER("")},
    {"sender", SENDER("")},
    {"udp and sender", "udp and " SENDER("")},
    {"not sender", "not " SENDER("")},
    {"udp && !(dst sender)", "udp && !(" SENDER("dst ") ")"},
    {"src or dst host sender and udp port 53",
     SENDER("src or dst ") " and udp port 53"},
    {"ip src host sender", "(ip src host 10.77.1.1)"},
    {"ip6 dst sender", "(ip6 dst host fd77:1::1)"},
    {"dst host router-2", "(dst host 10.77.2.2)"},
    /* One alone has the qualifiers of the one before. */
    {"src host sender or receiver", SENDER("src ") " or " RECEIVER("src ")},
    {"src host sender or 10.0.0.1", SENDER("src ") " or src host 10.0.0.1"},
    {"src sender and not (dst receiver or 10.0.0.1)",
     SENDER("src ") " and not (" RECEIVER("dst ") " or dst host 10.0.0.1)"},
    {"src sender and udp[8] = 1 and receiver",
     SENDER("src ") " and udp[8] = 1 and " RECEIVER("")},
    /* A word of libpcap's own is a host behind `host` only. */
    {"host port", "(host 10.77.2.2)"},
    {"dst port 53 or dst port domain", "dst port 53 or dst port domain"},
    /* Nothing of this is a host. */
    {"tcp[tcpflags] & tcp-syn != 0", "tcp[tcpflags] & tcp-syn != 0"},
    {"icmp[icmptype] = icmp-echo", "icmp[icmptype] = icmp-echo"},
    {"udp[13] = 1 and len <= 100", "udp[13] = 1 and len <= 100"},
    {"net 10.0.0.0/8 and portrange 5-9", "net 10.0.0.0/8 and portrange 5-9"},
    {"ip[2:2] - 20 > 0 and 1 < 2", "ip[2:2] - 20 > 0 and 1 < 2"},
    {"ip proto \\tcp", "ip proto \\tcp"},
};

START_TEST(names_become_addresses)
{
    struct scan_error error;
    char *expanded = NULL;
    struct filter *filter = NULL;
    ck_assert_int_eq(
        filter_expand(filters[_i].text, &names.hosts, &expanded, &error), 0);
    ck_assert_str_eq(expanded, filters[_i].expanded);
    ck_assert_msg(filter_compile(&filter, filters[_i].text, false, &names.hosts,
                                 &error) == 0,
                  "%s", error.message);
    filter_free(filter);
    free(expanded);
}
END_TEST

static const struct {
    const char *text, *message;
} bad_filters[] = {
    {"host sendr",
     "filter: unknown host \"sendr\" at column 6 — did you mean \"sender\"?"},
    {"udp and nobody",
     "filter: unknown host \"nobody\" at column 9 — it must be one of sender, "
     "receiver, router-2, port"},
    {"ip6 host receiver",
     "filter: there is no such address of host \"receiver\" at column 10 — "
     "switch IPv6 on, or leave \"ip6\" out"},
    {"ether host sender",
     "filter: Ethernet knows no host \"sender\" at column 12 — give its MAC "
     "address"},
    {"udp (", "libpcap refuses the filter at column 1 — can't parse filter "
              "expression: syntax error"},
};

START_TEST(bad_filters_are_refused_without_asking_a_resolver)
{
    struct scan_error error;
    struct filter *filter = NULL;
    ck_assert_int_lt(filter_compile(&filter, bad_filters[_i].text, true,
                                    &names.hosts, &error),
                     0);
    ck_assert_str_eq(error.message, bad_filters[_i].message);
}
END_TEST

START_TEST(filters_match_behind_ethernet_too)
{
    uint8_t frame[14 + 28] = {[12] = 0x08, 0,         0x45,      0,  0,
                              28,          [23] = 17, [26] = 10, 77, 1,
                              1,           10,        77,        1,  2};
    struct scan_error error;
    struct filter *raw = NULL, *ethernet = NULL;
    const char *text = "udp and src host sender and dst host receiver";
    ck_assert_int_eq(filter_compile(&raw, text, false, &names.hosts, &error),
                     0);
    ck_assert_int_eq(
        filter_compile(&ethernet, text, true, &names.hosts, &error), 0);
    ck_assert(filter_match(ethernet, frame, sizeof(frame), sizeof(frame)));
    ck_assert(filter_match(raw, frame + 14, 28, 28));
    ck_assert(!filter_match(ethernet, frame + 14, 28, 28));
    ck_assert(!filter_match(raw, frame + 14, 12, 28)); /* cut short */
    filter_free(raw);
    filter_free(ethernet);
}
END_TEST

START_TEST(a_filter_of_too_many_words_is_an_error)
{
    struct strbuf text = {0};
    struct scan_error error;
    char *expanded = NULL;
    strbuf_printf(&text, "udp");
    for (int i = 0; i < 1000; i++)
        strbuf_printf(&text, " or udp");
    ck_assert_int_lt(
        filter_expand(strbuf_text(&text), &names.hosts, &expanded, &error), 0);
    ck_assert_ptr_nonnull(strstr(error.message, "too many words"));
    strbuf_fini(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("script");
    TCase *tcase = tcase_create("script");
    tcase_add_loop_test(tcase, rules_pick_exactly_their_packets, 0,
                        COUNT(picks));
    tcase_add_test(tcase, rules_count_for_themselves);
    tcase_add_test(tcase, the_other_direction_is_not_counted);
    tcase_add_test(tcase, a_broadcast_goes_to_every_port);
    tcase_add_test(tcase, corruptions_differ_from_packet_to_packet);
    tcase_add_test(tcase, a_cut_has_its_time);
    tcase_add_test(tcase, profiles_are_taken_in_their_order_and_once);
    tcase_add_loop_test(tcase, errors_point_at_the_word, 0, COUNT(refused));
    tcase_add_loop_test(tcase, every_prefix_is_judged_without_harm, 0,
                        COUNT(picks));
    suite_add_tcase(suite, tcase);
    TCase *filter = tcase_create("filter");
    tcase_add_loop_test(filter, names_become_addresses, 0, COUNT(filters));
    tcase_add_loop_test(filter,
                        bad_filters_are_refused_without_asking_a_resolver, 0,
                        COUNT(bad_filters));
    tcase_add_test(filter, filters_match_behind_ethernet_too);
    tcase_add_test(filter, a_filter_of_too_many_words_is_an_error);
    suite_add_tcase(suite, filter);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}

/* Checkpoint 1: prefix arithmetic. */
#include <stdio.h>
#include <string.h>

#include "common.h"

/* What "cidr show" should print for one prefix: each part is a line of it. */
struct shown {
    const char *prefix;
    const char *lines[8];
};

static void expect_shown(struct host *desk, const struct shown *shown)
{
    char what[96];
    const char *out = RUN(desk, "cidr", 0, NULL, "show", shown->prefix);
    snprintf(what, sizeof(what), "what \"cidr show %s\" prints", shown->prefix);
    for (int i = 0; shown->lines[i]; i++)
        expect_contains(out, shown->lines[i], what);
}

#define EXPECT_SHOWN(desk, table)                                              \
    for (size_t i_ = 0; i_ < sizeof(table) / sizeof((table)[0]); i_++)         \
    expect_shown((desk), &(table)[i_])

START_TEST(shows_a_prefix)
{
    struct net *net;
    struct host *desk = desk_new(&net);
    static const struct shown table[] = {
        {"10.1.3.4/23",
         {"prefix: 10.1.2.0/23\n", "mask: 255.255.254.0\n", "first: 10.1.2.0\n",
          "last: 10.1.3.255\n", "addresses: 512\n",
          "hosts: 10.1.2.1 - 10.1.3.254\n"}},
        {"203.0.113.77/29",
         {"prefix: 203.0.113.72/29\n", "mask: 255.255.255.248\n",
          "last: 203.0.113.79\n", "addresses: 8\n"}},
        {"2001:db8:1:2:3:4:5:6/56",
         {"prefix: 2001:db8:1::/56\n", "first: 2001:db8:1::\n",
          "last: 2001:db8:1:ff:ffff:ffff:ffff:ffff\n",
          "addresses: 4722366482869645213696\n"}},
    };
    EXPECT_SHOWN(desk, table);
}
END_TEST

START_TEST(lengths_at_the_edges)
{
    struct net *net;
    struct host *desk = desk_new(&net);
    static const struct shown table[] = {
        {"198.51.100.9/0",
         {"prefix: 0.0.0.0/0\n", "mask: 0.0.0.0\n", "last: 255.255.255.255\n",
          "addresses: 4294967296\n", "hosts: 0.0.0.1 - 255.255.255.254\n"}},
        {"198.51.100.9/1", {"prefix: 128.0.0.0/1\n", "mask: 128.0.0.0\n"}},
        {"198.51.100.9/30", {"hosts: 198.51.100.9 - 198.51.100.10\n"}},
        {"198.51.100.9/31",
         {"prefix: 198.51.100.8/31\n", "addresses: 2\n",
          "hosts: 198.51.100.8 - 198.51.100.9\n"}},
        {"198.51.100.9/32",
         {"prefix: 198.51.100.9/32\n", "mask: 255.255.255.255\n",
          "addresses: 1\n", "hosts: 198.51.100.9 - 198.51.100.9\n"}},
        {"198.51.100.9", {"prefix: 198.51.100.9/32\n"}},
        {"2001:db8::1/0",
         {"prefix: ::/0\n", "mask: ::\n",
          "last: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\n",
          "addresses: 340282366920938463463374607431768211456\n"}},
        {"fd00::ffff:1/63", {"prefix: fd00::/63\n", "last: fd00::1:"}},
        {"fd00::1/64",
         {"prefix: fd00::/64\n", "mask: ffff:ffff:ffff:ffff::\n",
          "last: fd00::ffff:ffff:ffff:ffff\n"}},
        {"fd00::ffff:1/65",
         {"prefix: fd00::/65\n", "mask: ffff:ffff:ffff:ffff:8000::\n"}},
        {"fd00::3/127", {"prefix: fd00::2/127\n", "addresses: 2\n"}},
        {"fd00::3/128", {"prefix: fd00::3/128\n", "addresses: 1\n"}},
    };
    EXPECT_SHOWN(desk, table);
}
END_TEST

START_TEST(writes_ipv6_in_one_way)
{
    struct net *net;
    struct host *desk = desk_new(&net);
    static const struct shown table[] = {
        {"2001:0DB8:0:0:8:800:200C:417A",
         {"first: 2001:db8::8:800:200c:417a\n"}},
        {"2001:db8:0:1:1:1:1:1", {"first: 2001:db8:0:1:1:1:1:1\n"}},
        {"2001:0:0:1:0:0:0:1", {"first: 2001:0:0:1::1\n"}},
        {"2001:db8:0:0:1:0:0:1", {"first: 2001:db8::1:0:0:1\n"}},
        {"0:0:0:0:0:0:0:0", {"first: ::\n"}},
        {"1:0:0:0:0:0:0:0", {"first: 1::\n"}},
        {"0:0:0:0:0:0:1:2", {"first: ::1:2\n"}},
        {"::ffff:192.0.2.128", {"first: ::ffff:192.0.2.128\n"}},
        {"1:2:3:4:5:6:7:0", {"first: 1:2:3:4:5:6:7:0\n"}},
    };
    EXPECT_SHOWN(desk, table);
}
END_TEST

START_TEST(names_special_blocks)
{
    struct net *net;
    struct host *desk = desk_new(&net);
    static const struct shown table[] = {
        {"10.9.0.0/16", {"scope: private-use (RFC 1918)\n"}},
        {"172.31.255.255", {"scope: private-use (RFC 1918)\n"}},
        {"172.32.0.0", {"scope: global\n"}},
        {"100.127.0.1", {"scope: shared-address-space (RFC 6598)\n"}},
        {"169.254.1.1", {"scope: link-local (RFC 3927)\n"}},
        {"224.0.0.0/4", {"scope: multicast"}},
        {"255.255.255.255", {"scope: limited-broadcast (RFC 919)\n"}},
        {"8.8.8.8", {"scope: global\n"}},
        {"192.0.0.0/8", {"scope: mixed\n"}},
        {"fe80::1", {"scope: link-local (RFC 4291)\n"}},
        {"fdff::/16", {"scope: unique-local (RFC 4193)\n"}},
        {"2001:db8::/33", {"scope: documentation (RFC 3849)\n"}},
        {"2001:0:1::/48", {"scope: teredo (RFC 4380)\n"}},
        {"2a00::/12", {"scope: global\n"}},
    };
    EXPECT_SHOWN(desk, table);
}
END_TEST

static void expect_contained(struct host *desk, const char *prefix,
                             const char *addr, bool within)
{
    char what[128];
    snprintf(what, sizeof(what), "what \"cidr contains %s %s\" prints", prefix,
             addr);
    const char *out =
        RUN(desk, "cidr", within ? 0 : 1, NULL, "contains", prefix, addr);
    expect_text(out, within ? "yes\n" : "no\n", what);
}

START_TEST(contains_compares_bits)
{
    struct net *net;
    struct host *desk = desk_new(&net);
    expect_contained(desk, "10.16.0.0/12", "10.31.255.255", true);
    expect_contained(desk, "10.16.0.0/12", "10.32.0.0", false);
    expect_contained(desk, "0.0.0.0/0", "255.255.255.255", true);
    expect_contained(desk, "192.0.2.1/32", "192.0.2.1", true);
    expect_contained(desk, "192.0.2.1/32", "192.0.2.0", false);
    expect_contained(desk, "2001:db8::/65", "2001:db8::7fff:0:0:1", true);
    expect_contained(desk, "2001:db8::/65", "2001:db8::8000:0:0:1", false);
    step("0.0.0.0/0 is all of IPv4, and nothing of IPv6");
    expect_contained(desk, "0.0.0.0/0", "::", false);
}
END_TEST

START_TEST(splits_into_equal_parts)
{
    struct net *net;
    struct host *desk = desk_new(&net);
    expect_text(RUN(desk, "cidr", 0, NULL, "split", "10.0.0.0/22", "24"),
                "10.0.0.0/24\n10.0.1.0/24\n10.0.2.0/24\n10.0.3.0/24\n",
                "10.0.0.0/22 split into /24");
    expect_text(RUN(desk, "cidr", 0, NULL, "split", "192.0.2.4/31", "32"),
                "192.0.2.4/32\n192.0.2.5/32\n", "192.0.2.4/31 split into /32");
    expect_text(RUN(desk, "cidr", 0, NULL, "split", "0.0.0.0/0", "1"),
                "0.0.0.0/1\n128.0.0.0/1\n", "0.0.0.0/0 split into /1");
    expect_text(RUN(desk, "cidr", 0, NULL, "split", "2001:db8::/63", "65"),
                "2001:db8::/65\n2001:db8:0:0:8000::/65\n"
                "2001:db8:0:1::/65\n2001:db8:0:1:8000::/65\n",
                "2001:db8::/63 split into /65");
}
END_TEST

START_TEST(aggregates_to_the_fewest)
{
    struct net *net;
    struct host *desk = desk_new(&net);
    static const char *const cases[][2] = {
        {"10.0.0.0/25\n10.0.0.128/25\n10.0.1.0/24\n", "10.0.0.0/23\n"},
        {"10.0.1.0/24\n10.0.2.0/24\n", "10.0.1.0/24\n10.0.2.0/24\n"},
        {"10.0.0.0/8\n10.1.2.3/32\n10.1.2.3/32\n10.255.0.0/16\n",
         "10.0.0.0/8\n"},
        {"128.0.0.0/1\n2001:db8:8000::/33\n0.0.0.0/1\n2001:db8::/33\n",
         "0.0.0.0/0\n2001:db8::/32\n"},
        {"# a comment\n\n192.0.2.3/32\n192.0.2.1/32\n192.0.2.2/32\n"
         "192.0.2.0\n",
         "192.0.2.0/30\n"},
        {"fd00::/64\nfd00:0:0:1::/64\n", "fd00::/63\n"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_text(RUN(desk, "cidr", 0, cases[i][0], "aggregate"), cases[i][1],
                    "the aggregated list");
}
END_TEST

START_TEST(finds_what_is_free)
{
    struct net *net;
    struct host *desk = desk_new(&net);
    static const char *const cases[][3] = {
        {"10.0.0.0/24", "10.0.0.0/26\n10.0.0.200\n",
         "10.0.0.64/26\n10.0.0.128/26\n10.0.0.192/29\n10.0.0.201/32\n"
         "10.0.0.202/31\n10.0.0.204/30\n10.0.0.208/28\n10.0.0.224/27\n"},
        {"10.0.0.0/24", "", "10.0.0.0/24\n"},
        {"10.0.0.0/24", "10.0.0.0/16\n", ""},
        {"10.0.0.0/24", "10.0.1.0/24\n2001:db8::/32\n", "10.0.0.0/24\n"},
        {"0.0.0.0/0", "0.0.0.0/1\n128.0.0.0/2\n", "192.0.0.0/2\n"},
        {"2001:db8::/62", "2001:db8:0:1::/64\n",
         "2001:db8::/64\n2001:db8:0:2::/63\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        step("what is free in %s", cases[i][0]);
        expect_text(RUN(desk, "cidr", 0, cases[i][1], "free", cases[i][0]),
                    cases[i][2], "the list of what is free");
    }
}
END_TEST

START_TEST(refuses_nonsense)
{
    struct net *net;
    struct host *desk = desk_new(&net);
    static const char *const bad[] = {
        "10.0.0.0/33",  "10.0.0.256/8",
        "10.0.0/8",     "10.0.0.0/",
        "10.0.0.0/-1",  "10.0.0.0/08",
        "010.0.0.0/8",  "2001:db8::/129",
        "::1::/64",     "",
        "10.0.0.0/8 x", "fe80::1%eth0/64",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        step("\"%s\" is no prefix", bad[i]);
        expect_text(RUN(desk, "cidr", STATUS_USAGE, NULL, "show", bad[i]), "",
                    "stdout");
    }
    step("a prefix in a list must have no bits beyond its length");
    RUN(desk, "cidr", STATUS_USAGE, "10.0.0.0/8\n10.0.0.1/24\n", "aggregate");
    RUN(desk, "cidr", STATUS_USAGE, NULL, "contains", "10.0.0.1/24",
        "10.0.0.1");
    RUN(desk, "cidr", STATUS_USAGE, NULL, "split", "10.0.0.0/24", "23");
    step("and the rest still works");
    RUN(desk, "cidr", 0, NULL, "show", "10.0.0.0/8");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(shows_a_prefix),
        .id = "03.1.shows_a_prefix",
        .title = "A prefix is shown with mask, first and last address",
        .checkpoint = 1,
        .points = 2,
        .why = "Each access list and each subnet plan is made of these.",
        .cause = "the address and the mask are combined bit by bit: AND gives "
                 "the first address, OR with the mask's complement the last.",
        .see = "README.md#an-address-is-a-row-of-bits",
    },
    {
        TEST(lengths_at_the_edges),
        .id = "03.1.lengths_at_the_edges",
        .title = "Lengths 0, 31, 32, 64, 65, 127 and 128 are lengths too",
        .checkpoint = 1,
        .points = 2,
        .why = "The default route has length 0, a host route 32; a router that "
               "gets one of them wrong gets all traffic wrong.",
        .cause = "a shift by the whole width of the type is undefined in C (on "
                 "x86 it does nothing), so a mask made by one shift is wrong "
                 "for length 0 or for 64; and /31 has no broadcast address.",
        .see = "README.md#the-shift-that-does-nothing",
    },
    {
        TEST(writes_ipv6_in_one_way),
        .id = "03.1.writes_ipv6_in_one_way",
        .title = "An IPv6 address is written in the one recommended way",
        .checkpoint = 1,
        .points = 1,
        .why = "Logs are searched for strings.",
        .cause = "the longest run of two or more zero groups becomes \"::\", "
                 "the first of equal ones; a single zero group stays 0; lower "
                 "case; no leading zeros.",
        .see = "RFC 5952 section 4",
    },
    {
        TEST(names_special_blocks),
        .id = "03.1.names_special_blocks",
        .title = "Special-purpose blocks are named",
        .checkpoint = 1,
        .points = 1,
        .why = "Whoever takes 172.32.0.1 for private leaks, or locks out.",
        .cause = "a block covers the prefix if it is not longer and holds its "
                 "base; of several the longest is meant.  \"mixed\" is a "
                 "prefix that has a block inside it.",
        .see = "RFC 6890 section 2.2",
    },
    {
        TEST(contains_compares_bits),
        .id = "03.1.contains_compares_bits",
        .title = "Whether a prefix contains an address is told bit by bit",
        .checkpoint = 1,
        .points = 1,
        .why = "This question is asked for every packet.",
        .cause = "the address, cut to the prefix's length, is compared with "
                 "the prefix; for IPv6 both halves count, and the families "
                 "differ.",
        .see = "README.md#an-address-is-a-row-of-bits",
    },
    {
        TEST(splits_into_equal_parts),
        .id = "03.1.splits_into_equal_parts",
        .title = "A prefix is split into equal parts",
        .checkpoint = 1,
        .points = 1,
        .why = "One block from the provider, one subnet for each floor.",
        .cause = "the number of the part stands in the bits between the old "
                 "length and the new one.",
        .see = "README.md#cidr",
    },
    {
        TEST(aggregates_to_the_fewest),
        .id = "03.1.aggregates_to_the_fewest",
        .title = "A list is aggregated to the fewest prefixes",
        .checkpoint = 1,
        .points = 2,
        .why = "It is what keeps the Internet's table at a million routes.",
        .cause = "two prefixes may be joined if they are the halves of one "
                 "(same length, and they differ in the last bit only), and the "
                 "result may be a half again.  10.0.1.0/24 and 10.0.2.0/24 "
                 "touch, but are not.",
        .see = "RFC 4632 section 5.1",
    },
    {
        TEST(finds_what_is_free),
        .id = "03.1.finds_what_is_free",
        .title = "What is not used of a prefix is listed",
        .checkpoint = 1,
        .points = 2,
        .why = "Where to put the next subnet?",
        .cause = "halve the prefix until a half is wholly used or wholly free.",
        .see = "README.md#cidr",
    },
    {
        TEST(refuses_nonsense),
        .id = "03.1.refuses_nonsense",
        .title = "What is no prefix is refused with status 2",
        .checkpoint = 1,
        .points = 2,
        .why = "10.0.0.1/24 in an access list: did they mean the host, or the "
               "net?  Do not guess.",
        .cause = "everything must be consumed: digits alone for a length, no "
                 "leading zero, nothing behind it; and in lists no bit beyond "
                 "the length.",
        .see = "README.md#cidr",
    },
};
THEME(cidr_theme, tests)

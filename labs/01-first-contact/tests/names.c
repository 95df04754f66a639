/* Checkpoint 1: a name becomes addresses, or a reason why not. */
#include <string.h>

#include "common.h"

/* Addresses of the documentation (RFC 5737, RFC 3849): nobody has them. */
#define SITE "host-record=web.test,192.0.2.10,2001:db8::10\n"
#define OLD_SITE "host-record=old.test,192.0.2.11\n"

/* probe will not get further than to an address that leads nowhere. */
static const json_t *resolve_with(struct world *world, const char *family,
                                  const char *name)
{
    struct proc *probe = probe_start(world, family, "-t", "2", name, "80");
    return probe_result(probe, 1);
}

static void expect_address(const json_t *result, const char *address,
                           int family)
{
    bool failed = strcmp(text_of(result, "stage"), "dns") == 0;
    if (failed)
        expect_done(result);
    if (failed)
        test_fail("probe found no address where the name server gave %s: it "
                  "says \"%s\"",
                  address, text_of(result, "error"));
    expect_text(text_of(result, "address"), address, "member \"address\"");
    expect_equal((int64_t)number_of(result, "family"), family, "\"family\"");
}

START_TEST(a_name_has_an_ipv4_address)
{
    struct world world = world_with_dns("", "delay 20ms 5ms");
    names_start(&world, SITE);
    const json_t *result = resolve_with(&world, "-4", "web.test");
    expect_address(result, "192.0.2.10", 4);
    because("-4 stands for the family AF_INET in the hints of getaddrinfo; "
            "with AF_UNSPEC both are asked for, and the slower answer is "
            "waited for");
    expect_packets(world.net, "udp dst port 53", 1, 1,
                   "questions to the name server");
}
END_TEST

START_TEST(a_name_has_an_ipv6_address)
{
    struct world world = world_with_dns("", "delay 20ms 5ms duplicate 5%");
    names_start(&world, SITE);
    expect_address(resolve_with(&world, "-6", "web.test"), "2001:db8::10", 6);
}
END_TEST

START_TEST(numbers_need_no_name_server)
{
    struct world world = world_with_dns("delay 5ms 2ms", "delay 5ms 2ms");
    names_start(&world, SITE);
    const char *four = host_addr(world.server);
    const char *six = host_addr6(world.server);
    expect_address(probe_result(probe_start(&world, four, "80"), 1), four, 4);
    expect_address(probe_result(probe_start(&world, six, "80"), 1), six, 6);
    expect_packets(world.net, "port 53", 0, 0, "packets to a name server");
}
END_TEST

START_TEST(no_such_name)
{
    struct world world = world_with_dns("", "delay 20ms 5ms");
    names_start(&world, SITE);
    struct proc *probe = probe_start(&world, "-t", "2", "wbe.test", "80");
    const struct answer *answer = probe_end(probe, 1, 1, false);
    expect_outcome(answer->objects[0], "nxdomain", "dns");
    because("the answer \"no such name\" is final: whoever waits or asks "
            "again after it wastes his user's time");
    expect_at_most((int64_t)number_of(answer->objects[0], "total_ms"),
                   1000 + proc_run_delay_ns(probe) / 1000000,
                   "milliseconds until probe said so");
}
END_TEST

START_TEST(a_name_without_such_an_address)
{
    struct world world = world_with_dns("", "delay 20ms 5ms");
    names_start(&world, OLD_SITE);
    expect_outcome(resolve_with(&world, "-6", "old.test"), "no_address", "dns");
}
END_TEST

START_TEST(name_server_is_down)
{
    struct world world = world_with_dns("", "delay 20ms 5ms");
    step("nobody has port 53 of the name server");
    const json_t *result = resolve_with(&world, "-4", "web.test");
    expect_outcome(result, "dns_failed", "dns");
    expect_packets(world.net, "icmp[icmptype] = icmp-unreach", 1, 1000,
                   "\"port unreachable\" from the name server");
}
END_TEST

START_TEST(name_server_is_silent)
{
    struct world world = world_with_dns("", "delay 20ms 5ms");
    names_start(&world, SITE);
    link_down(world.dns_link);
    step("no packet reaches the name server");
    struct proc *probe = probe_start(&world, "-t", "0.8", "web.test", "80");
    const struct answer *answer = probe_end(probe, 1, 1, false);
    expect_outcome(answer->objects[0], "dns_timeout", "dns");
    expect_deadline(answer, 0.8);
}
END_TEST

START_TEST(a_slow_name_server_is_waited_for)
{
    struct world world = world_with_dns("", "delay 400ms 50ms");
    names_start(&world, SITE);
    expect_address(resolve_with(&world, "-4", "web.test"), "192.0.2.10", 4);
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(a_name_has_an_ipv4_address),
        .id = "01.1.ipv4",
        .title = "-4 finds the IPv4 address of a name",
        .checkpoint = 1,
        .points = 3,
        .why = "Each connection begins with this question.",
        .cause = "lookup() in resolve.c does not ask for question->family, or "
                 "does not copy what getaddrinfo found.  Before you have "
                 "written it this failure is intended: begin there.",
        .see = "README.md#checkpoint-1",
    },
    {
        TEST(a_name_has_an_ipv6_address),
        .id = "01.1.ipv6",
        .title = "-6 finds the IPv6 address of a name",
        .checkpoint = 1,
        .points = 3,
        .why = "AAAA records are questions of their own, and a name may have "
               "these alone.",
        .cause = "the family is not taken from -6, or an address is kept in "
                 "16 bytes: a struct sockaddr_in6 has 28.",
        .see = "RFC 3493 section 6.1",
    },
    {
        TEST(numbers_need_no_name_server),
        .id = "01.1.numbers",
        .title = "An address instead of a name asks nobody",
        .checkpoint = 1,
        .points = 1,
        .why = "When names do not work, people try numbers.",
        .cause = "an address was treated as a name.  getaddrinfo takes both, "
                 "and knows the difference.",
        .see = "RFC 3493 section 6.1",
    },
    {
        TEST(no_such_name),
        .id = "01.1.no_such_name",
        .title = "A name that does not exist is nxdomain, at once",
        .checkpoint = 1,
        .points = 3,
        .why = "A typing error and a network that is down want different "
               "people to act.",
        .cause = "all errors of getaddrinfo were taken for one.  EAI_NONAME "
                 "is an answer, EAI_AGAIN is the lack of one.",
        .see = "README.md#names",
    },
    {
        TEST(a_name_without_such_an_address),
        .id = "01.1.no_address",
        .title = "A name without an address of this family is no_address",
        .checkpoint = 1,
        .points = 1,
        .why = "\"No such name\" would send people to look for a typing error.",
        .cause = "EAI_NODATA says that the name is there and an address is "
                 "not.  Its number is declared by netdb.h with _GNU_SOURCE.",
        .see = "README.md#names",
    },
    {
        TEST(name_server_is_down),
        .id = "01.1.server_down",
        .title = "A name server that is down is dns_failed, not nxdomain",
        .checkpoint = 1,
        .points = 2,
        .why = "A monitor that calls an outage of DNS a wrong name wakes "
               "nobody.",
        .cause = "EAI_AGAIN was taken for \"no such name\".",
        .see = "README.md#names",
    },
    {
        TEST(name_server_is_silent),
        .id = "01.1.server_silent",
        .title = "A silent name server is dns_timeout, at the deadline",
        .checkpoint = 1,
        .points = 2,
        .why = "getaddrinfo alone waits for ten seconds and more.",
        .cause = "getaddrinfo was called where nobody can leave it: call it in "
                 "lookup(), which runs in a thread of its own.",
        .see = "README.md#names",
    },
    {
        TEST(a_slow_name_server_is_waited_for),
        .id = "01.1.server_slow",
        .title = "A name server that takes 800 ms is waited for",
        .checkpoint = 1,
        .points = 1,
        .why = "Slow and dead are not the same, and satellites exist.",
        .cause = "the lookup has a limit of its own beside the deadline.",
        .see = "README.md#deadlines",
    },
};
SUITE_THEME(names_theme, tests)

/* Checkpoint 5: a name with several addresses, some of which lead nowhere.
 *
 *                 ,---- h0
 *      client ---<----- h1        each by a link of its own
 *                 `---- ...
 *
 * web.test has addresses of these hosts, in an order that the client's own
 * /etc/hosts gives. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common.h"

enum { MAX_HOSTS = 4, STAGGER_MS = 250 };

#define PORT_TEXT "8080"
#define REPLY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

struct field {
    struct net *net;
    struct host *client, *hosts[MAX_HOSTS];
    struct link *links[MAX_HOSTS];
    size_t count;
};

static struct field field_new(const char *const *profiles, size_t count)
{
    struct field field = {.net = net_new(_seed()), .count = count};
    net_want_ipv6(field.net);
    field.client = net_host(field.net, "client");
    for (size_t i = 0; i < count; i++) {
        char name[4] = {'h', (char)('0' + i), '\0'};
        field.hosts[i] = net_host(field.net, name);
        field.links[i] = net_link(field.client, field.hosts[i], profiles[i]);
    }
    return field;
}

/* Gives web.test the host's address of that family. */
static void name_it(struct field *field, size_t i, int family)
{
    const struct host *host = field->hosts[i];
    const char *address = family == 4 ? host_addr_on(host, field->links[i])
                                      : host_addr6_on(host, field->links[i]);
    host_alias(field->client, address, "web.test");
}

static struct proc *start(struct field *field, const char *deadline)
{
    return host_start(field->client, program("probe"), "-t", deadline,
                      "web.test", PORT_TEXT);
}

/* The host's first SYN, in ms since the first of all; fails if none came. */
static double syn_ms(const struct field *field, size_t i)
{
    char filter[96];
    struct packet first, own;
    static const char syns[] =
        "src host client and dst port 8080 and (tcp[13] = 2 or ip6[53] = 2)";
    snprintf(filter, sizeof(filter), "%s and dst host h%zu", syns, i);
    if (!capture_nth(field->net, syns, 1, &first))
        test_fail("probe sent no SYN at all");
    if (!capture_nth(field->net, filter, 1, &own))
        test_fail("probe never tried the address of h%zu, number %zu of the "
                  "name",
                  i, i + 1);
    return (double)(own.sent_ns - first.sent_ns) / 1e6;
}

static int count_syns(const struct field *field, const char *host)
{
    char filter[96];
    snprintf(filter, sizeof(filter),
             "dst host %s and dst port 8080 and (tcp[13] = 2 or ip6[53] = 2)",
             host);
    return capture_count(field->net, filter);
}

/* The resolver's order is what the test is built on. */
static void need_first(const struct field *field, size_t i)
{
    if (syn_ms(field, i) > 0)
        test_infra("the resolver does not put h%zu first on this machine", i);
}

static void expect_winner(const struct field *field, const json_t *result,
                          size_t i, int family)
{
    const struct host *host = field->hosts[i];
    const char *address = family == 4 ? host_addr_on(host, field->links[i])
                                      : host_addr6_on(host, field->links[i]);
    expect_text(text_of(result, "address"), address,
                "member \"address\", the one that answered,");
    expect_equal((int64_t)number_of(result, "family"), family, "\"family\"");
}

/* The second attempt begins 250 ms after the first, or a little later. */
static void expect_stagger(const struct field *field, size_t i,
                           double expected_ms, int64_t late_ns)
{
    double began_ms = syn_ms(field, i), late_ms = (double)late_ns / 1e6;
    if (!(began_ms >= expected_ms - 5 &&
          began_ms <= expected_ms + 30 + 2 * late_ms))
        test_fail("the attempt at h%zu began %.1f ms after the first; expected "
                  "%.0f ms (and up to 30 ms more, and twice the %.1f ms by "
                  "which this machine was late)",
                  i, began_ms, expected_ms, late_ms);
    step("check: the attempt at h%zu began after %.1f ms", i, began_ms);
}

/* Runs probe to its end; host i answers its request.  The resolver is to have
 * put h0 first. */
static const struct answer *race(struct field *field, size_t i)
{
    int listener = host_listen(field->hosts[i], DRIVER_PORT);
    struct proc *probe = start(field, "4");
    serve_text(serve_request(listener), REPLY);
    const struct answer *answer = probe_end(probe, 0, 1, false);
    need_first(field, 0);
    return answer;
}

START_TEST(next_address_when_the_first_is_silent)
{
    static const char *const profiles[] = {"delay 10ms", "delay 10ms 3ms"};
    struct field field = field_new(profiles, 2);
    name_it(&field, 0, 4);
    name_it(&field, 1, 4);
    link_down(field.links[0]);
    const struct answer *answer = race(&field, 1);
    expect_winner(&field, answer->objects[0], 1, 4);
    expect_stagger(&field, 1, STAGGER_MS, answer->late_ns);
}
END_TEST

START_TEST(next_address_at_once_when_refused)
{
    static const char *const profiles[] = {"delay 20ms", "delay 20ms 3ms"};
    struct field field = field_new(profiles, 2);
    name_it(&field, 0, 4);
    name_it(&field, 1, 4);
    step("nobody listens at the first address");
    const struct answer *answer = race(&field, 1);
    expect_winner(&field, answer->objects[0], 1, 4);
    expect_stagger(&field, 1, 40, answer->late_ns);
}
END_TEST

START_TEST(families_are_raced)
{
    static const char *const profiles[] = {"delay 10ms", "delay 30ms 3ms"};
    struct field field = field_new(profiles, 2);
    name_it(&field, 0, 6);
    name_it(&field, 1, 4);
    link_down(field.links[0]);
    step("IPv6 is announced and leads nowhere");
    const struct answer *answer = race(&field, 1);
    expect_winner(&field, answer->objects[0], 1, 4);
    expect_stagger(&field, 1, STAGGER_MS, answer->late_ns);
    because("connect_ms is what the user waited for a connection, the head "
            "start of the loser included");
    expect_between((int64_t)number_of(answer->objects[0], "connect_ms"), 300,
                   360 + 2 * answer->late_ns / 1000000,
                   "connect_ms, of 250 ms head start and a round trip of 60");
}
END_TEST

START_TEST(no_race_without_need)
{
    static const char *const profiles[] = {"delay 40ms 3ms", "delay 5ms"};
    struct field field = field_new(profiles, 2);
    name_it(&field, 0, 6);
    name_it(&field, 1, 4);
    host_listen(field.hosts[1], DRIVER_PORT);
    const json_t *result = race(&field, 0)->objects[0];
    expect_winner(&field, result, 0, 6);
    int tried = count_syns(&field, "h1");
    expect_equal(tried, 0,
                 "SYNs to the second address, though the first had "
                 "answered within 250 ms");
}
END_TEST

/* The first answers after 360 ms, the second would after 250 + 200. */
START_TEST(the_first_may_still_win)
{
    static const char *const profiles[] = {"delay 180ms", "delay 100ms"};
    struct field field = field_new(profiles, 2);
    name_it(&field, 0, 6);
    name_it(&field, 1, 4);
    host_listen(field.hosts[1], DRIVER_PORT);
    const struct answer *answer = race(&field, 0);
    expect_stagger(&field, 1, STAGGER_MS, answer->late_ns);
    if (answer->late_ns < MSECONDS(40))
        expect_winner(&field, answer->objects[0], 0, 6);
    int tried = count_syns(&field, "h0");
    expect_equal(tried, 1, "SYNs to the first address");
}
END_TEST

/* The loser's SYN-ACK comes while probe waits for its reply. */
START_TEST(the_loser_is_cancelled)
{
    static const char loser[] =
        "src host client and dst host h0 and ip6[6] = 6 and ip6[53] & 4 != 0";
    static const char *const profiles[] = {"delay 300ms", "delay 10ms"};
    struct field field = field_new(profiles, 2);
    name_it(&field, 0, 6);
    name_it(&field, 1, 4);
    int late = host_listen(field.hosts[0], DRIVER_PORT);
    int listener = host_listen(field.hosts[1], DRIVER_PORT);
    struct proc *probe = start(&field, "8");
    int fd = serve_request(listener);
    if (!capture_await(field.net, "src host h0 and ip6[6] = 6", 1, PATIENCE))
        test_fail("probe never tried the address of h0, the first of the name");
    step("the first address answers, too late");
    bool told = capture_await(field.net, loser, 1, SECONDS(2));
    serve_text(fd, REPLY);
    expect_success(probe_result(probe, 0), 2);
    need_first(&field, 0);
    if (!told)
        test_fail("the loser of the race was kept: its late SYN-ACK was "
                  "answered with an ACK; expected a RST, since nobody has "
                  "that socket any more");
    expect_equal(sock_accept(late, MSECONDS(50)), -ETIMEDOUT,
                 "the loser's server sees a connection");
}
END_TEST

/* Three dead addresses of one family, and a live one of the other: tried in
 * turn, it is second and not fourth. */
START_TEST(families_take_turns)
{
    static const char *const profiles[] = {"delay 5ms", "delay 5ms",
                                           "delay 5ms", "delay 10ms 2ms"};
    struct field field = field_new(profiles, 4);
    for (size_t i = 0; i < 3; i++) {
        name_it(&field, i, 6);
        link_down(field.links[i]);
    }
    name_it(&field, 3, 4);
    const struct answer *answer = race(&field, 3);
    expect_winner(&field, answer->objects[0], 3, 4);
    expect_stagger(&field, 3, STAGGER_MS, answer->late_ns);
}
END_TEST

static const char *const endings[] = {"all-refuse", "all-silent", NULL};

START_TEST(nobody_answers)
{
    static const char *const profiles[] = {"delay 20ms", "delay 20ms",
                                           "delay 20ms"};
    struct field field = field_new(profiles, 3);
    for (size_t i = 0; i < 3; i++) {
        name_it(&field, i, i == 1 ? 4 : 6);
        if (_i == 1)
            link_down(field.links[i]);
    }
    struct proc *probe = start(&field, "1.5");
    const struct answer *answer = probe_end(probe, 1, 1, false);
    const json_t *result = answer->objects[0];
    expect_outcome(result, _i ? "timeout" : "refused", "connect");
    for (size_t i = 0; i < 3; i++)
        (void)syn_ms(&field, i); /* each was tried */
    if (_i == 1)
        expect_deadline(answer, 1.5);
    else
        expect_at_most((int64_t)number_of(result, "total_ms"),
                       700 + proc_run_delay_ns(probe) / 1000000,
                       "milliseconds for three refusals of 40 ms each");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(next_address_when_the_first_is_silent),
        .id = "01.5.silent_address",
        .title = "After 250 ms of silence the next address is tried",
        .checkpoint = 5,
        .points = 3,
        .why = "One machine of three is down, and two thirds of the users "
               "should not notice, nor the other third.",
        .cause = "only the first address is tried, or the next one only when "
                 "the first has failed.",
        .see = "RFC 8305 section 5",
    },
    {
        TEST(next_address_at_once_when_refused),
        .id = "01.5.refused_address",
        .title = "A refusal is not waited after: the next address, at once",
        .checkpoint = 5,
        .points = 2,
        .why = "A \"no\" is an answer; there is nothing left to wait for.",
        .cause = "the next attempt waits for its turn although the one before "
                 "has failed; or its failure ended the race.",
        .see = "RFC 8305 section 5",
    },
    {
        TEST(families_are_raced),
        .id = "01.5.families_are_raced",
        .title = "IPv6 that leads nowhere costs 250 ms, not the deadline",
        .checkpoint = 5,
        .points = 4,
        .why = "Broken IPv6 that made users wait is why many switched it off.",
        .cause = "the families are tried one after the other, or with another "
                 "stagger; or connect_ms begins when the winner does.",
        .see = "RFC 8305 section 5",
    },
    {
        TEST(no_race_without_need),
        .id = "01.5.no_needless_attempt",
        .title = "An address that answers in time is the only one tried",
        .checkpoint = 5,
        .points = 2,
        .why = "Connecting to all at once doubles the load of every server.",
        .cause = "all attempts were begun at once.",
        .see = "RFC 8305 section 5",
    },
    {
        TEST(the_first_may_still_win),
        .id = "01.5.first_may_win",
        .title = "An earlier attempt goes on while a later one runs",
        .checkpoint = 5,
        .points = 2,
        .why = "Slow is not dead: giving up at 250 ms what answers at 360 "
               "never connects to the far side of the world.",
        .cause = "the first attempt was abandoned when the second began.",
        .see = "RFC 8305 section 5",
    },
    {
        TEST(the_loser_is_cancelled),
        .id = "01.5.loser_is_cancelled",
        .title = "The loser's socket is closed before the request is sent",
        .checkpoint = 5,
        .points = 2,
        .why = "A server keeps a connection that says nothing for a minute, "
               "and you have opened one for each request.",
        .cause = "the sockets of the attempts that did not win stay open.",
        .see = "RFC 8305 section 5",
    },
    {
        TEST(families_take_turns),
        .id = "01.5.families_take_turns",
        .title = "After an IPv6 address comes an IPv4 one",
        .checkpoint = 5,
        .points = 1,
        .why = "When one family is broken, all of its addresses are.",
        .cause = "the list of getaddrinfo is walked as it is: sorted, it has "
                 "all of one family first.",
        .see = "RFC 8305 section 4",
    },
    {
        TEST(nobody_answers),
        .id = "01.5.nobody_answers",
        .title = "When no address answers, probe says why, in time",
        .checkpoint = 5,
        .points = 1,
        .why = "The race must end without a winner, too.",
        .cause = "the race waits for an attempt that has failed, or each "
                 "attempt has a deadline of its own.",
        .see = "README.md#deadlines",
        .variants = endings,
    },
};
SUITE_THEME(race_theme, tests)

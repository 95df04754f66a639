/* Checkpoint 2: the longest prefix wins. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "tests/table.h"

/* Loads a table and asks; expects the answers, a line each. */
static void expect_answers(const char *table, const char *questions,
                           const char *answers)
{
    struct net *net;
    struct host *desk = desk_new(&net);
    file_write(net, "desk:table", table, strlen(table));
    expect_text(RUN(desk, "fib", 0, questions, "table"), answers,
                "what fib answers");
}

START_TEST(the_longest_wins)
{
    expect_answers("10.0.0.0/8 192.0.2.8\n"
                   "10.1.2.0/24 192.0.2.24\n"
                   "10.1.0.0/16 192.0.2.16\n"
                   "10.1.2.128/25 192.0.2.25\n"
                   "2001:db8::/32 fe80::32\n"
                   "2001:db8:1::/48 fe80::48\n",
                   "10.1.2.200\n10.1.2.3\n10.1.3.3\n10.2.0.0\n"
                   "2001:db8:1::5\n2001:db8:2::5\n",
                   "192.0.2.25\n192.0.2.24\n192.0.2.16\n192.0.2.8\n"
                   "fe80::48\nfe80::32\n");
}
END_TEST

START_TEST(edges_of_prefixes)
{
    step("a table of default routes, host routes, and lengths around 18, 24, "
         "64");
    expect_answers(
        "0.0.0.0/0 192.0.2.1\n"
        "198.51.100.7/32 192.0.2.32\n"
        "198.51.100.6/31 192.0.2.31\n"
        "255.255.255.255/32 192.0.2.255\n"
        "128.0.0.0/1 192.0.2.128\n"
        "203.0.64.0/18 192.0.2.18\n"
        "203.0.96.0/19 192.0.2.19\n"
        "203.0.113.0/24 192.0.2.24\n"
        "203.0.113.0/25 192.0.2.25\n"
        "::/0 fe80::1\n"
        "2001:db8::/63 fe80::63\n"
        "2001:db8::/64 fe80::64\n"
        "2001:db8::/65 fe80::65\n"
        "2001:db8::ff/128 fe80::128\n",
        "198.51.100.7\n198.51.100.6\n198.51.100.8\n255.255.255.255\n"
        "255.255.255.254\n1.1.1.1\n203.0.64.1\n203.0.127.255\n203.0.128.0\n203."
        "0.113.127\n"
        "203.0.113.128\n203.0.96.1\n::\n2001:db8:0:1::\n"
        "2001:db8::8000:0:0:0\n2001:db8::fe\n2001:db8::ff\n2001:db9::\n",
        "192.0.2.32\n192.0.2.31\n192.0.2.128\n192.0.2.255\n"
        "192.0.2.128\n192.0.2.1\n192.0.2.18\n192.0.2.19\n192.0.2.128\n192.0.2."
        "25\n"
        "192.0.2.24\n192.0.2.19\nfe80::1\nfe80::63\n"
        "fe80::64\nfe80::65\nfe80::128\nfe80::1\n");
}
END_TEST

START_TEST(none_and_twice)
{
    step("a table without a default route, in which a prefix stands twice");
    expect_answers("# comments and empty lines do not count\n\n"
                   "192.0.2.0/24 10.0.0.1\n"
                   "198.51.100.0/24 10.0.0.2\n"
                   "192.0.2.0/24 10.0.0.3\n",
                   "192.0.2.1\n8.8.8.8\nrubbish\n::1\n198.51.100.255\n",
                   "10.0.0.3\nnone\ninvalid\nnone\n10.0.0.2\n");
    step("an empty table");
    struct net *net;
    struct host *desk = desk_new(&net);
    file_write(net, "desk:empty", "", 0);
    expect_text(RUN(desk, "fib", 0, "10.0.0.1\n::1\n", "empty"), "none\nnone\n",
                "what fib answers");
}
END_TEST

START_TEST(answers_at_once)
{
    struct net *net;
    struct host *desk = desk_new(&net);
    file_write(net, "desk:table", "0.0.0.0/0 10.0.0.1\n", 19);
    struct start_options options = {.stdin_open = true};
    struct proc *fib = host_start_with(desk, program("fib"), &options,
                                       (const char *[]){"table", NULL});
    step("ask, and keep stdin open");
    proc_feed(fib, "1.1.1.1\n", 8);
    proc_await_output(fib, "10.0.0.1\n", PATIENCE);
    proc_feed(fib, "nonsense\n", 9);
    proc_await_output(fib, "invalid\n", PATIENCE);
    proc_close_stdin(fib);
    expect_exit(fib, 0, PATIENCE);
}
END_TEST

START_TEST(refuses_a_bad_table)
{
    struct net *net;
    struct host *desk = desk_new(&net);
    static const char *const bad[] = {
        "10.0.0.0/8\n",          "10.0.0.0/8 x\n",
        "10.0.0.0/33 1.1.1.1\n", "10.0.0.1/8 10.0.0.1\n",
        "10.0.0.0/8 1.1.1.1 \n", "x\n",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[64];
        int bytes =
            snprintf(text, sizeof(text), "1.0.0.0/8 1.1.1.1\n%s", bad[i]);
        file_write(net, "desk:table", text, (size_t)bytes);
        step("its second line is %.*s", (int)strcspn(bad[i], "\n"), bad[i]);
        struct proc *fib = host_start(desk, program("fib"), "table");
        expect_exit(fib, STATUS_USAGE, PATIENCE);
        expect_contains(proc_stderr(fib, NULL),
                        "table:2:", "what fib says about it");
    }
}
END_TEST

/* ---- Against an oracle --------------------------------------------------- */

/* Finds the n-th line of the answers that is wrong, and fails with it. */
static void judge(const struct question *questions, size_t count,
                  const char *answers)
{
    const char *at = answers;
    for (size_t i = 0; i < count; i++) {
        char wanted[48] = "none", asked[48];
        size_t length = strcspn(at, "\n");
        if (questions[i].hop)
            hop_format(wanted, questions[i].hop, questions[i].bits);
        if (length != strlen(wanted) || memcmp(at, wanted, length) != 0) {
            key_format(asked, questions[i].key, questions[i].bits);
            test_fail("question %zu of %zu was %s: the longest match in the "
                      "table has length %d and next hop %s; fib answered %.*s",
                      i + 1, count, asked, questions[i].best_length - 1, wanted,
                      (int)length, length ? at : "nothing");
        }
        at += length + (at[length] == '\n');
    }
    expect_true(true, "%zu answers are right", count);
}

/* A question first: loading the table may take a while, and its answer shows
 * that it is done. */
static void feed_all(struct proc *fib, const char *text, size_t bytes)
{
    enum { CHUNK = 32768 };
    size_t fed = strcspn(text, "\n") + 1;
    proc_feed(fib, text, fed);
    proc_await_output(fib, "\n", SECONDS(60));
    for (; fed < bytes; fed += CHUNK)
        proc_feed(fib, text + fed, bytes - fed < CHUNK ? bytes - fed : CHUNK);
    proc_close_stdin(fib);
}

static void compare_with_oracle(const struct full_table *table, size_t count)
{
    struct net *net;
    struct host *desk = desk_new(&net);
    size_t bytes;
    char *text = table_text(table, &bytes);
    file_write(net, "desk:table", text, bytes);
    free(text);
    struct question *questions = table_ask(table, _seed(), count);
    text = questions_text(questions, count, &bytes);
    struct start_options options = {.output_bytes = count * 24,
                                    .memory_bytes = (size_t)1 << 30,
                                    .stdin_open = true};
    step("ask %zu questions about %zu routes", count, table->count);
    struct proc *fib = host_start_with(desk, program("fib"), &options,
                                       (const char *[]){"table", NULL});
    feed_all(fib, text, bytes);
    free(text);
    expect_exit(fib, 0, SECONDS(40));
    judge(questions, count, proc_stdout(fib, NULL));
    free(questions);
}

static const char *const families[] = {"ipv4", "ipv6", NULL};

START_TEST(agrees_with_brute_force)
{
    struct full_table table =
        table_make_dense(_seed(), _i == 0 ? 32 : 128, 2000);
    compare_with_oracle(&table, 100000);
    table_free(&table);
}
END_TEST

/* `make verify` asks for more than a learner wants to wait for. */
static size_t questions_wanted(void)
{
    const char *in_full = getenv("WIRELAB_LONG");
    return in_full && *in_full ? 1000000 : 100000;
}

START_TEST(agrees_on_a_full_table)
{
    struct full_table table = table_make(_seed(), 900000, 150000);
    compare_with_oracle(&table, questions_wanted());
    table_free(&table);
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(the_longest_wins),
        .id = "03.2.the_longest_wins",
        .title = "Of several prefixes that match, the longest decides",
        .checkpoint = 2,
        .points = 3,
        .why = "It is the one rule of forwarding: a hole in a route is made by "
               "a longer one.",
        .cause = "the first match in the table's order is not the longest; "
                 "remember the best and go on until nothing longer can match.",
        .see = "README.md#the-longest-prefix",
    },
    {
        TEST(edges_of_prefixes),
        .id = "03.2.edges_of_prefixes",
        .title = "First and last address, lengths 0, 1, 31, 32, 64 and 128",
        .checkpoint = 2,
        .points = 3,
        .why = "Off by one bit is off by half of the prefix.",
        .cause = "a loop over bits ends one too early (the /32, the /128), the "
                 "default route is not looked at, or a step of several bits "
                 "goes wrong where a prefix ends within it.",
        .see = "README.md#the-longest-prefix",
    },
    {
        TEST(none_and_twice),
        .id = "03.2.none_and_twice",
        .title = "No match is \"none\"; of a prefix named twice the last "
                 "counts",
        .checkpoint = 2,
        .points = 2,
        .why = "A route that is announced again replaces the old one.",
        .cause = "not found must not be the last route seen, nor a next hop "
                 "numbered 0; and after sorting, equal prefixes have lost "
                 "their order unless the sort was told to keep it.",
        .see = "README.md#fib",
    },
    {
        TEST(answers_at_once),
        .id = "03.2.answers_at_once",
        .title = "Each question is answered before the next one comes",
        .checkpoint = 2,
        .points = 1,
        .why = "A program at the other end of a pipe waits for the answer.",
        .cause = "stdout to a pipe is buffered by blocks: setvbuf or fflush.",
        .see = "README.md#fib",
    },
    {
        TEST(refuses_a_bad_table),
        .id = "03.2.refuses_a_bad_table",
        .title = "A bad line is refused with its number",
        .checkpoint = 2,
        .points = 1,
        .why = "A route that was read wrong is traffic sent wrong.",
        .cause = "each line is PREFIX, one space, NEXTHOP, and nothing else; "
                 "the message begins with FILE:LINE.",
        .see = "README.md#fib",
    },
    {
        TEST(agrees_with_brute_force),
        .id = "03.2.agrees_with_brute_force",
        .title = "100 000 answers about nested prefixes agree with an oracle",
        .checkpoint = 2,
        .points = 3,
        .why = "A trie that is nearly right is right for the examples.",
        .cause = "the message names an address and what was to be found: draw "
                 "the way of its bits through your structure on paper.",
        .see = "README.md#the-longest-prefix",
        .variants = families,
        .load = LOAD_MEDIUM,
        .time_limit_s = 60,
    },
    {
        TEST(agrees_on_a_full_table),
        .id = "03.2.agrees_on_a_full_table",
        .title = "A table of 1 050 000 routes is loaded, and answers are right",
        .checkpoint = 2,
        .points = 3,
        .why = "It is the size of the Internet's, and tables grow.",
        .cause = "time: a linear search needs hours here, and one allocation a "
                 "bit much memory; or an index that is too small for so many "
                 "routes or nodes.",
        .see = "README.md#a-full-table",
        .load = LOAD_HEAVY,
        .time_limit_s = 120,
    },
};
THEME(fib_theme, tests)

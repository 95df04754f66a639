/* Expectations: what holds is silent, what does not ends the test with the
 * right words.  Those about programs, files and packets are tried on a small
 * net, as the tests of a lab 00 (see suiterun.h); arithmetic and quoting alone.
 */
#include <check.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <wirelab/wirelab.h>

#include "base/strbuf.h"
#include "expect/crash.h"
#include "expect/judge.h"
#include "expect/quote.h"
#include "expect/stats.h"
#include "tests/suiterun.h"

/* ---- The suite of lab 00 ------------------------------------------------ */

static struct net *net;
static struct host *a, *b;

static void make_net(const char *profile)
{
    net = net_new(_seed());
    a = net_host(net, "alpha");
    b = net_host(net, "beta");
    net_link(a, b, profile);
}

/* The program under test runs what it is told: a line of shell. */
static struct proc *run(const char *line)
{
    return host_start(a, program("prog"), line);
}

START_TEST(all_holds)
{
    expect_true(true, "nothing is wrong");
    expect_equal(4, 4, "%d apples", 4);
    expect_at_most(4, 4, "apples");
    expect_at_least(4, 4, "apples");
    expect_between(4, 4, 5, "apples");
    expect_ratio_at_least(0.5, 0.5, "share");
    expect_ratio_at_most(0.5, 0.5, "share");
    expect_bytes("abc", 3, "abc", 3, "the echo");
    expect_bytes(NULL, 0, "", 0, "nothing");
    expect_text("abc", "abc", "the word");
    expect_contains("abc", "bc", "the word");
    compare("connect", "ms", 80.25, "curl", 80.5);
}
END_TEST

START_TEST(value)
{
    switch (_i) {
    case 0:
        expect_true(false, "expected %d, got %d", 1, 2);
        break;
    case 1:
        expect_equal(41, 40, "accepted %d connections", 41);
        break;
    case 2:
        expect_at_most(1, 0, "of 11 segments, some were sent again");
        break;
    case 3:
        expect_at_least(3, 4, "segments");
        break;
    case 4:
        expect_between(6, 4, 5, "segments");
        break;
    case 5:
        expect_ratio_at_least(0.49, 0.5, "share of the link");
        break;
    case 6:
        expect_ratio_at_least(NAN, 0.5, "share of the link");
        break;
    case 7:
        expect_ratio_at_most(1.2, 1.15, "bytes on the wire per byte");
        break;
    case 8:
        expect_bytes("abcd\1", 5, "abcd\2", 5, "the echo");
        break;
    case 9:
        expect_bytes("ab", 2, "abc", 3, "the echo");
        break;
    case 10:
        expect_text("a\n", "b\n", "the reply");
        break;
    case 11:
        expect_text(NULL, "b", "the reply");
        break;
    default:
        expect_contains("hello", "help", "the greeting");
    }
}
END_TEST
static const char *const values[] = {
    "true",   "equal", "most",  "least", "between", "ratio",    "nan",
    "ratio2", "bytes", "short", "text",  "none",    "contains", NULL};

START_TEST(well_behaved)
{
    make_net("");
    expect_exit(run("exit 0"), 0, SECONDS(10));
    expect_exit(run("exit 7"), 7, SECONDS(10));
    expect_exit_nonzero(run("exit 7"), SECONDS(10));
    expect_output(run("echo hello there"), "hello", SECONDS(10));
    struct proc *waiting = run("echo up; exec sleep 1000");
    proc_await_output(waiting, "up", SECONDS(10));
    expect_running(waiting);
    expect_idle(waiting, MSECONDS(300));
    file_random(net, "alpha:in", 10000);
    size_t bytes;
    char *data = file_read(net, "alpha:in", &bytes);
    file_write(net, "beta:out", data, bytes);
    expect_same_file(net, "alpha:in", "beta:out");
    expect_no_file(net, "alpha:other");
}
END_TEST

START_TEST(misbehaved)
{
    struct proc_end end;
    make_net("");
    switch (_i) {
    case 0:
        expect_exit(run("echo first >&2; echo oops >&2; exit 3"), 0,
                    SECONDS(10));
        break;
    case 1:
        expect_exit(run("kill -SEGV $$"), 0, SECONDS(10));
        break;
    case 2:
        expect_exit(run("echo here >&2; exec sleep 1000"), 0, MSECONDS(300));
        break;
    case 3:
        expect_exit_nonzero(run("exit 0"), SECONDS(10));
        break;
    case 4:
        proc_wait(run("kill -SEGV $$"), SECONDS(10), &end);
        expect_true(false, "no reply came");
        break;
    case 5:
        proc_wait(run("echo '/src/a.c:3:5: runtime error: bad shift' >&2; "
                      "exit 1"),
                  SECONDS(10), &end);
        expect_true(false, "no reply came");
        break;
    case 6: {
        struct proc *proc = run("exec sleep 1000");
        proc_signal(proc, SIGTERM);
        proc_wait(proc, SECONDS(10), &end);
        expect_true(false, "no reply came");
        break;
    }
    case 7: {
        struct proc *proc = run("exit 2");
        proc_wait(proc, SECONDS(10), &end);
        expect_running(proc);
        break;
    }
    case 8: {
        struct proc *proc = run("echo up; while :; do :; done");
        proc_await_output(proc, "up", SECONDS(10));
        expect_idle(proc, MSECONDS(300));
        break;
    }
    case 9:
        expect_output(run("echo nothing"), "something", SECONDS(10));
        break;
    default:
        expect_idle(run("sleep 0.1"), SECONDS(10));
    }
}
END_TEST
static const char *const misbehaviours[] = {
    "status", "signal",  "hang", "zero", "crash", "sanitizer",
    "term",   "stopped", "spin", "mute", "idler", NULL};

START_TEST(copy)
{
    enum { BYTES = 4000, PIECE = 100 };
    make_net("");
    file_random(net, "alpha:in", BYTES);
    size_t bytes;
    char *data = file_read(net, "alpha:in", &bytes);
    switch (_i) {
    case 0:
        break;
    case 1:
        file_write(net, "beta:out", data, 1234);
        break;
    case 2:
        data = realloc(data, BYTES + 2);
        file_write(net, "beta:out", data, BYTES + 2);
        break;
    case 3:
        memcpy(data + 1000, data + 3000, PIECE);
        file_write(net, "beta:out", data, BYTES);
        break;
    case 4:
        memset(data + 1000, 0, PIECE);
        file_write(net, "beta:out", data, BYTES);
        break;
    default:
        file_write(net, "beta:out", data, BYTES);
        expect_no_file(net, "beta:out");
    }
    expect_same_file(net, "alpha:in", "beta:out");
}
END_TEST
static const char *const copies[] = {"absent", "cut",   "longer", "moved",
                                     "holes",  "there", NULL};

static bool decode(const struct packet *packet, char *text, size_t size)
{
    if (packet->payload_bytes == 0)
        return false;
    snprintf(text, size, "WORD %c", packet->payload[0]);
    return true;
}

/* Sends "1", "2" … from alpha to beta, one after the other has arrived. */
static void talk(int words)
{
    int from = host_udp(a, 0), to = host_udp(b, 9000);
    for (int i = 0; i < words; i++) {
        char word = (char)('1' + i), got;
        ck_assert_int_eq(sock_sendto(from, host_addr(b), 9000, &word, 1), 0);
        if (sock_recvfrom(to, &got, 1, NULL, NULL, SECONDS(10)) != 1)
            test_infra("a word was lost on a perfect link");
    }
}

START_TEST(wire_holds)
{
    make_net("delay 40ms");
    ladder_decoder(decode);
    talk(3);
    expect_packets(net, "udp", 3, 3, "words");
    expect_packets(net, "udp and src host beta", 0, 0, "replies");
    expect_order(net, "udp[8] = 0x31", "udp[8] = 0x32", "words");
    /* Each word is sent when the one before has arrived. */
    expect_delay_between(net, "udp[8] = 0x31", "udp[8] = 0x33", MSECONDS(80),
                         MSECONDS(400), "two words");
}
END_TEST

START_TEST(wire)
{
    make_net("delay 40ms");
    ladder_decoder(decode);
    talk(3);
    look_at("udp[8] = 0x32");
    switch (_i) {
    case 0:
        expect_packets(net, "udp", 0, 2, "words");
        break;
    case 1:
        expect_order(net, "udp[8] = 0x33", "udp[8] = 0x32", "words");
        break;
    case 2:
        expect_order(net, "udp[8] = 0x33", "tcp", "words");
        break;
    case 3:
        expect_delay_between(net, "udp[8] = 0x31", "udp[8] = 0x33", 0,
                             MSECONDS(70), "two words");
        break;
    case 4:
        expect_delay_between(net, "udp[8] = 0x33", "udp[8] = 0x31", 0,
                             SECONDS(1), "two words");
        break;
    default:
        need_faults(net, FATE_LOST, "udp", 2);
    }
}
END_TEST
static const char *const wires[] = {"packets", "order",  "missing", "slow",
                                    "later",   "faults", NULL};

START_TEST(goodput_is_that_of_the_link)
{
    enum { WORDS = 100, BYTES = 1172 }; /* 1200 with the headers */
    char word[BYTES] = "x";
    make_net("rate 10mbit");
    int from = host_udp(a, 0), to = host_udp(b, 9000);
    for (int i = 0; i < WORDS; i++)
        ck_assert_int_eq(
            sock_sendto(from, host_addr(b), 9000, word, sizeof(word)), 0);
    for (int i = 0; i < WORDS; i++)
        if (sock_recvfrom(to, word, sizeof(word), NULL, NULL, SECONDS(10)) < 0)
            test_infra("a word was lost on a perfect link");
    double bps = capture_goodput_bps(net, "udp");
    expect_ratio_at_most(bps / 10e6, (double)BYTES / 1200 * 1.02, "of 10 Mbit");
    expect_ratio_at_least(bps / 10e6, 0.85, "of 10 Mbit");
}
END_TEST

#define ABOUT(body, name)                                                      \
    TEST(body), .id = "00.1." name, .checkpoint = 1, .title = "A title",       \
                .points = 1, .why = "a why", .cause = "a cause",               \
                .see = "RFC 1"

static const struct lab_test tests[] = {
    {ABOUT(all_holds, "all_holds")},
    {ABOUT(value, "value"), .variants = values},
    {ABOUT(well_behaved, "well_behaved")},
    {ABOUT(misbehaved, "misbehaved"), .variants = misbehaviours},
    {ABOUT(copy, "copy"), .variants = copies},
    {ABOUT(wire_holds, "wire_holds")},
    {ABOUT(wire, "wire"), .variants = wires},
    {ABOUT(goodput_is_that_of_the_link, "goodput")},
};

/* ---- What comes out of it ----------------------------------------------- */

struct outcome_row {
    const char *subject, *verdict, *message, *expected, *actual;
};

static const struct outcome_row value_rows[] = {
    {"all_holds", "pass", "", "", ""},
    {"value/true", "fail", "expected 1, got 2", "", ""},
    {"value/equal", "fail", "accepted 41 connections; expected 40", "40", "41"},
    {"value/most", "fail", "some were sent again: 1; expected at most 0",
     "at most 0", "1"},
    {"value/least", "fail", "segments: 3; expected at least 4", "at least 4",
     "3"},
    {"value/between", "fail", "segments: 6; expected 4 to 5", "4 to 5", "6"},
    {"value/ratio", "fail", "share of the link: 0.49; expected at least 0.5",
     "at least 0.5", "0.49"},
    {"value/nan", "fail", "share of the link: nan; expected", "at least 0.5",
     "nan"},
    {"value/ratio2", "fail", "1.2; expected at most 1.15", "at most 1.15",
     "1.2"},
    {"value/bytes", "fail", "the echo: byte 4 is 01 instead of 02",
     "61 62 63 64 [02]", "61 62 63 64 [01]"},
    {"value/short", "fail", "2 bytes instead of 3; the first 2 are right",
     "61 62 [63]", "61 62 [end]"},
    {"value/text", "fail", "the reply is \"a\\n\" instead of \"b\\n\"",
     "\"b\\n\"", "\"a\\n\""},
    {"value/none", "fail", "the reply is none instead of \"b\"", "\"b\"",
     "none"},
    {"value/contains", "fail", "does not contain \"help\"; it is \"hello\"",
     "\"help\"", "\"hello\""},
};

static const struct outcome_row net_rows[] = {
    {"well_behaved", "pass", "", "", ""},
    {"misbehaved/status", "fail",
     "prog on alpha exited with status 3 instead of with status 0; its last "
     "words: \"oops\"",
     "status 0", "exited with status 3"},
    {"misbehaved/signal", "fail",
     "prog on alpha was killed by signal 11 (Segmentation fault) instead",
     "status 0", "was killed by signal 11"},
    {"misbehaved/hang", "fail", "prog on alpha is still running after 300 ms",
     "status 0, within 300 ms", "still running"},
    {"misbehaved/zero", "fail", "exited with status 0 instead of with a status",
     "a status other than 0", "exited with status 0"},
    {"misbehaved/crash", "fail",
     "prog on alpha was ended by signal 11 (Segmentation fault). Then: no "
     "reply came",
     "", ""},
    {"misbehaved/sanitizer", "fail",
     "prog on alpha was ended by a.c:3:5: runtime error: bad shift. Then: no",
     "", ""},
    {"misbehaved/term", "fail", "no reply came", "", ""},
    {"misbehaved/stopped", "fail",
     "prog on alpha exited with status 2, though it was to go on running",
     "still running", "exited with status 2"},
    {"misbehaved/spin", "fail", "of a CPU for 300 ms while there was nothing",
     "at most 5 % of a CPU", " % of a CPU"},
    {"misbehaved/mute", "fail", "something", "", ""},
    {"misbehaved/idler", "fail", "exited with status 0 instead of with nothing",
     "nothing: it was to wait", "exited with status 0"},
    {"copy/absent", "fail",
     "beta:out does not exist; it should be a copy of alpha:in (4000 bytes)",
     "a file of 4000 bytes", "no file"},
    {"copy/cut", "fail", "beta:out ends after 1234 of 4000 bytes", "[",
     "[end]"},
    {"copy/longer", "fail", "has 2 bytes after the 4000 of the original",
     "[end]", "["},
    {"copy/moved", "fail",
     "at byte 1000; what stands there belongs at byte 3000", "[", "["},
    {"copy/holes", "fail", "at byte 1000; zeros stand there", "[", "[00]"},
    {"copy/there", "fail", "beta:out exists (4000 bytes)", "no file",
     "a file of 4000 bytes"},
    {"wire_holds", "pass", "", "", ""},
    {"wire/packets", "fail", "words: saw 3 packets; expected at most 2",
     "at most 2", "3"},
    {"wire/order", "fail", "words: packet #2 \"udp[8] = 0x32\" was sent",
     "\"udp[8] = 0x33\" first", "packet #2"},
    {"wire/missing", "fail", "words: no packet \"tcp\" was sent",
     "a packet \"tcp\"", "none"},
    {"wire/slow", "fail",
     "ms passed between packets #1 and #3; expected 0 ms "
     "to 70 ms",
     "0 ms to 70 ms", " ms"},
    {"wire/later", "fail", "was sent after the first one", "0x31", "none"},
    {"wire/faults", "infra",
     "the faults this test needs did not happen: 2 packets \"udp\"", "", ""},
    {"goodput", "pass", "", "", ""},
};
enum {
    VALUE_ROWS = sizeof(value_rows) / sizeof(value_rows[0]),
    NET_ROWS = sizeof(net_rows) / sizeof(net_rows[0]),
};

static char impl_dir[64];

/* The program under test, in a directory that the sandbox's user may read. */
static void make_impl(void)
{
    static const char text[] = "#!/bin/sh\neval \"$1\"\n";
    strcpy(impl_dir, "/tmp/test_expect.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(impl_dir));
    ck_assert_int_eq(chmod(impl_dir, 0755), 0);
    char *path = str_format("%s/prog", impl_dir);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    ck_assert_int_eq(chmod(path, 0755), 0);
    free(path);
}

static void remove_impl(void)
{
    char *path = str_format("%s/prog", impl_dir);
    unlink(path);
    rmdir(impl_dir);
    free(path);
}

static struct suite_end run_test(const char *subject, struct suite_run *run)
{
    char *id = str_format("00.1.%s", subject);
    const char *const args[] = {"--run",  id,       "--seed", "5",
                                "--impl", impl_dir, NULL};
    *run = suite_start(args);
    struct suite_end end = suite_wait(run);
    free(id);
    return end;
}

static void expect_member(const struct suite_end *end, const char *key,
                          const char *part)
{
    ck_assert_msg(strstr(member(end, key), part) != NULL,
                  "%s is \"%s\", not \"%s\"; message: \"%s\"", key,
                  member(end, key), part, member(end, "message"));
}

static void expect_row(const struct outcome_row *row)
{
    struct suite_run run;
    struct suite_end end = run_test(row->subject, &run);
    expect_member(&end, "message", row->message);
    expect_member(&end, "expected", row->expected);
    expect_member(&end, "actual", row->actual);
    ck_assert_str_eq(member(&end, "verdict"), row->verdict);
    suite_end_fini(&end);
    remove_scratch(&run);
}

START_TEST(value_is_judged)
{
    expect_row(&value_rows[_i]);
}
END_TEST

START_TEST(net_is_judged)
{
    expect_row(&net_rows[_i]);
}
END_TEST

static const json_t *last_step(const struct suite_end *end)
{
    const json_t *steps = json_object_get(end->verdict, "steps");
    return json_array_get(steps, json_array_size(steps) - 1);
}

START_TEST(every_expectation_leaves_a_step)
{
    struct suite_run run;
    struct suite_end end = run_test("all_holds", &run);
    const json_t *steps = json_object_get(end.verdict, "steps");
    ck_assert_uint_eq(json_array_size(steps), 12);
    ck_assert_ptr_null(json_object_get(last_step(&end), "failed"));
    suite_end_fini(&end);
    remove_scratch(&run);
}
END_TEST

START_TEST(figures_stand_side_by_side)
{
    struct suite_run run;
    struct suite_end end = run_test("all_holds", &run);
    const char *what = "", *unit = "", *tool = "";
    double yours = 0, theirs = 0;
    json_t *rows = json_object_get(end.verdict, "comparisons");
    ck_assert_uint_eq(json_array_size(rows), 1);
    json_unpack(json_array_get(rows, 0), "{s:s, s:s, s:f, s:s, s:f}", "what",
                &what, "unit", &unit, "yours", &yours, "peer", &tool, "theirs",
                &theirs);
    ck_assert_str_eq(what, "connect");
    ck_assert_str_eq(unit, "ms");
    ck_assert_str_eq(tool, "curl");
    ck_assert_double_eq(yours, 80.25);
    ck_assert_double_eq(theirs, 80.5);
    suite_end_fini(&end);
    remove_scratch(&run);
}
END_TEST

START_TEST(time_out_says_what_the_program_did)
{
    struct suite_run run;
    struct suite_end end = run_test("misbehaved/hang", &run);
    const json_t *program =
        json_array_get(json_object_get(end.verdict, "programs"), 0);
    ck_assert(json_is_true(json_object_get(last_step(&end), "failed")));
    ck_assert_str_eq(json_string_value(json_object_get(program, "state")),
                     "running");
    ck_assert_ptr_nonnull(json_object_get(program, "stack"));
    ck_assert_ptr_nonnull(json_object_get(program, "sockets"));
    ck_assert_ptr_nonnull(strstr(
        json_string_value(json_object_get(program, "stderr_tail")), "here"));
    suite_end_fini(&end);
    remove_scratch(&run);
}
END_TEST

START_TEST(failure_shows_the_packets)
{
    struct suite_run run;
    struct suite_end end = run_test("wire/packets", &run);
    const json_t *ladder = json_object_get(end.verdict, "ladder");
    const json_t *rows = json_object_get(ladder, "rows");
    ck_assert_uint_eq(json_array_size(json_object_get(ladder, "hosts")), 2);
    ck_assert_uint_eq(json_array_size(rows), 3);
    const json_t *second = json_array_get(rows, 1);
    ck_assert_str_eq(json_string_value(json_object_get(second, "text")),
                     "WORD 2");
    ck_assert(json_is_true(json_object_get(second, "focus")));
    ck_assert_ptr_null(json_object_get(json_array_get(rows, 0), "focus"));
    /* On the clock of the steps: before the one that failed. */
    ck_assert_double_gt(json_number_value(json_object_get(second, "t_ms")), 0);
    ck_assert_double_lt(
        json_number_value(json_object_get(second, "t_ms")),
        json_number_value(json_object_get(last_step(&end), "t_ms")));
    suite_end_fini(&end);
    remove_scratch(&run);
}
END_TEST

/* ---- Arithmetic and quoting --------------------------------------------- */

START_TEST(jain_index_is_between_one_share_and_all)
{
    ck_assert_double_eq_tol(jain_index((double[]){3, 3, 3}, 3), 1, 1e-9);
    ck_assert_double_eq_tol(jain_index((double[]){5, 0}, 2), 0.5, 1e-9);
    ck_assert_double_eq_tol(jain_index((double[]){2, 1}, 2), 0.9, 1e-9);
    ck_assert_double_eq_tol(jain_index((double[]){0, 0}, 2), 0, 1e-9);
}
END_TEST

START_TEST(goodput_counts_what_arrived)
{
    uint8_t bytes[1028] = {0x45};
    struct packet p = {.data = bytes,
                       .payload = bytes + 28,
                       .captured_bytes = 128,
                       .length_bytes = 1028};
    struct goodput goodput = {0};
    for (int64_t i = 0; i < 10; i++) {
        p.sent_ns = MSECONDS(10) * i;
        p.delivered_ns = i == 5 ? 0 : p.sent_ns + MSECONDS(10);
        p.fate = i == 6 ? FATE_DELIVERED | FATE_DUPLICATE : FATE_DELIVERED;
        goodput_add(&goodput, &p);
    }
    /* 8 of 1000 bytes in 100 ms, though only 100 of each were captured. */
    ck_assert_double_eq_tol(goodput_bps(&goodput), 640e3, 1);
    ck_assert_double_eq_tol(goodput_bps(&(struct goodput){0}), 0, 1e-9);
}
END_TEST

START_TEST(slack_follows_the_lateness)
{
    ck_assert_int_eq(timing_slack_ns(0), MSECONDS(2));
    ck_assert_int_eq(timing_slack_ns(MSECONDS(5)), MSECONDS(10));
}
END_TEST

static const struct {
    const char *stderr_text;
    int signal;
    const char *told; /* NULL: no crash */
} crashes[] = {
    {"", 0, NULL},
    {"", SIGTERM, NULL},
    {"", SIGKILL, NULL},
    {"", SIGPIPE, "signal 13 (Broken"},
    {"usage: rsend", 0, NULL},
    {"x\n/a/b.c:7:3: runtime error: shift\ny", 0,
     "b.c:7:3: runtime error: shift"},
    {"==1==ERROR: AddressSanitizer: stack-overflow on address 0x1", 0,
     "AddressSanitizer: stack-overflow on address 0x1"},
    {"==1==ERROR: AddressSanitizer: x\nSUMMARY: AddressSanitizer: "
     "heap-buffer-overflow /s/w.c:4:5 in add\n",
     SIGABRT, "AddressSanitizer: heap-buffer-overflow w.c:4:5 in add"},
};
enum { CRASHES = sizeof(crashes) / sizeof(crashes[0]) };

START_TEST(crash_is_described)
{
    char text[CRASH_TEXT_BYTES];
    bool crashed =
        crash_describe(crashes[_i].stderr_text, crashes[_i].signal, text);
    ck_assert_int_eq(crashed, crashes[_i].told != NULL);
    if (crashed)
        ck_assert_msg(strstr(text, crashes[_i].told) == text, "%s", text);
}
END_TEST

START_TEST(foreign_bytes_are_quoted)
{
    char *text = quote("a\"\\\n\x80", 5);
    ck_assert_str_eq(text, "\"a\\\"\\\\\\n\\x80\"");
    free(text);
    char long_text[200];
    memset(long_text, 'x', sizeof(long_text));
    text = quote(long_text, sizeof(long_text));
    ck_assert_ptr_nonnull(strstr(text, "\"... (200 bytes)"));
    free(text);
    text = hex_around("0123456789", 10, 9);
    ck_assert_str_eq(text, "... 35 36 37 38 [39]");
    free(text);
}
END_TEST

START_TEST(durations_are_short)
{
    char text[DURATION_TEXT_BYTES];
    ck_assert_str_eq(duration_text(0, text), "0 ms");
    ck_assert_str_eq(duration_text(MSECONDS(0.25), text), "0.25 ms");
    ck_assert_str_eq(duration_text(MSECONDS(350), text), "350 ms");
    ck_assert_str_eq(duration_text(SECONDS(2.5), text), "2.5 s");
    ck_assert_str_eq(duration_text(SECONDS(100), text), "100 s");
}
END_TEST

/* ------------------------------------------------------------------------- */

static bool wire_works(char reason[256])
{
    struct cell_probe probe;
    cell_probe(&probe);
    snprintf(reason, 256, "%s", probe.reason);
    return suite_can_run(reason) && probe.tun;
}

START_TEST(runs_are_skipped)
{
    char reason[256];
    if (!wire_works(reason))
        fprintf(stderr, "SKIP test_expect: %s\n", reason);
}
END_TEST

static TCase *running_case(void)
{
    char reason[256];
    TCase *tcase = tcase_create("running");
    tcase_set_timeout(tcase, 60);
    if (!wire_works(reason)) {
        tcase_add_test(tcase, runs_are_skipped);
        return tcase;
    }
    tcase_add_unchecked_fixture(tcase, make_impl, remove_impl);
    tcase_add_loop_test(tcase, value_is_judged, 0, VALUE_ROWS);
    tcase_add_loop_test(tcase, net_is_judged, 0, NET_ROWS);
    tcase_add_test(tcase, every_expectation_leaves_a_step);
    tcase_add_test(tcase, figures_stand_side_by_side);
    tcase_add_test(tcase, time_out_says_what_the_program_did);
    tcase_add_test(tcase, failure_shows_the_packets);
    return tcase;
}

static TCase *pure_case(void)
{
    TCase *tcase = tcase_create("pure");
    tcase_add_test(tcase, jain_index_is_between_one_share_and_all);
    tcase_add_test(tcase, goodput_counts_what_arrived);
    tcase_add_test(tcase, slack_follows_the_lateness);
    tcase_add_loop_test(tcase, crash_is_described, 0, CRASHES);
    tcase_add_test(tcase, foreign_bytes_are_quoted);
    tcase_add_test(tcase, durations_are_short);
    return tcase;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return suite_main(argc, argv, "00", tests,
                          sizeof(tests) / sizeof(tests[0]));
    Suite *suite = suite_create("expect");
    suite_add_tcase(suite, pure_case());
    suite_add_tcase(suite, running_case());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}

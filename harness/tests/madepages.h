/* Made-up runs for the tests of the report: evidence as a check would leave it,
 * without any network, so that the same page comes out everywhere.
 *
 *      struct made made = made_begin(dir);
 *      made_test(&made, "08.2.loss", "fail");
 *      made_packet(...); …
 *      made_end(&made);                 the test's capture.pcapng, words.tsv
 *      json_t *results = made.results;  and so on */
#ifndef TESTS_MADEPAGES_H
#define TESTS_MADEPAGES_H

#include <arpa/inet.h>
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/replace.h"
#include "base/strbuf.h"
#include "link/pcapng.h"

struct made {
    char *dir;
    json_t *results;
    json_t *test; /* the newest; borrowed */
    char *test_dir;
    struct strbuf capture, words;
    unsigned packets;
    uint8_t client; /* distinguishes flows */
};

enum { MADE_DATA_BYTES = 1000, MADE_HEADER_BYTES = 28 };

static inline struct made made_begin(const char *dir)
{
    (void)mkdir(dir, 0755);
    struct made made = {.dir = mem_strdup(dir)};
    made.results = json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:{s:i, s:i, s:i},"
        " s:[], s:[]}",
        "schema", 1, "wirelab", "0.1.0", "lab", "08", "impl", "skeleton",
        "world", "host", "engine", "wire", "seed", "7", "started",
        "2026-11-23T10:15:02Z", "duration_ms", 4200, "score", "points", 4,
        "max", 10, "judged", 10, "checkpoints", "tests");
    return made;
}

static inline void made_checkpoint(struct made *made, int number,
                                   const char *title, int points, int max)
{
    json_array_append_new(json_object_get(made->results, "checkpoints"),
                          json_pack("{s:i, s:s, s:i, s:i, s:s}", "number",
                                    number, "title", title, "points", points,
                                    "max", max, "verdict",
                                    points == max ? "pass" : "fail"));
}

/* Begins a test's entry, evidence folder and capture between two hosts. */
static inline void made_test(struct made *made, const char *id,
                             const char *verdict)
{
    static const uint8_t addresses[2][4] = {{10, 77, 1, 1}, {10, 77, 1, 2}};
    static const char *const hosts[] = {"sender", "receiver"};
    char *capture = str_format("%s/capture.pcapng", id);
    made->test = json_pack(
        "{s:s, s:s, s:i, s:i, s:i, s:s, s:i, s:f, s:s, s:s, s:[],"
        " s:{s:s, s:s}, s:[{s:s, s:s, s:[s], s:f}]}",
        "id", id, "title", "a title", "checkpoint", id[3] - '0', "points",
        strcmp(verdict, "pass") == 0 ? 2 : 0, "max", 2, "verdict", verdict,
        "attempts", 1, "duration_ms", 1900.0, "variant", "", "message", "",
        "steps", "evidence", "dir", id, "capture", capture, "variants", "name",
        "", "verdict", verdict, "history", verdict, "duration_ms", 1900.0);
    free(capture);
    ck_assert_ptr_nonnull(made->test);
    json_array_append_new(json_object_get(made->results, "tests"), made->test);
    free(made->test_dir);
    made->test_dir = str_format("%s/%s", made->dir, id);
    (void)mkdir(made->test_dir, 0755);
    made->packets = 0;
    made->capture.length = made->words.length = 0;
    pcapng_section(&made->capture, "wirelab");
    pcapng_interface(&made->capture, PCAPNG_RAW_IPV4, "sender->receiver (eth0)",
                     "");
    pcapng_interface(&made->capture, PCAPNG_RAW_IPV4, "receiver->sender (eth0)",
                     "");
    const struct pcapng_name names[] = {{addresses[0], 4, hosts[0]},
                                        {addresses[1], 4, hosts[1]}};
    pcapng_names(&made->capture, names, 2);
}

/* A UDP datagram; `words` is what the lab's decoder said of it, or NULL. */
static inline void made_packet(struct made *made, bool back, double sent_ms,
                               const char *comment, size_t bytes,
                               const char *words)
{
    uint8_t packet[MADE_HEADER_BYTES + 64] = {
        0x45, 0,  0, 0, 0,  0,  0, 0, 64,   17,   0,    0,
        10,   77, 1, 1, 10, 77, 1, 2, 0x9c, 0x40, 0x23, 0x28};
    static const uint8_t ports_back[] = {0x23, 0x28, 0x9c, 0x40};
    size_t length = MADE_HEADER_BYTES + bytes;
    if (back) {
        packet[15] = 2;
        packet[19] = 1;
        memcpy(packet + 20, ports_back, sizeof(ports_back));
    }
    packet[back ? 23 : 21] ^= made->client;
    packet[2] = (uint8_t)(length >> 8);
    packet[3] = (uint8_t)length;
    packet[24] = (uint8_t)((bytes + 8) >> 8);
    packet[25] = (uint8_t)(bytes + 8);
    size_t captured = length < sizeof(packet) ? length : sizeof(packet);
    pcapng_packet(&made->capture,
                  &(struct pcapng_packet){.interface = back,
                                          .time_ns = (int64_t)(sent_ms * 1e6),
                                          .data = packet,
                                          .captured_bytes = captured,
                                          .length_bytes = length,
                                          .comment = comment});
    made->packets++;
    if (words)
        strbuf_printf(&made->words, "%u\t%s\n", made->packets, words);
}

static inline void made_write(const char *dir, const char *name,
                              const struct strbuf *content)
{
    char *path = str_format("%s/%s", dir, name);
    ck_assert_int_eq(file_replace(path, content->text, content->length), 0);
    free(path);
}

/* Writes what the test left; `verdict` is its verdict.json, and is taken. */
static inline void made_end(struct made *made, json_t *verdict)
{
    struct strbuf text = {0};
    char *json = json_dumps(verdict, JSON_COMPACT);
    strbuf_printf(&text, "%s\n", json);
    made_write(made->test_dir, "verdict.json", &text);
    made_write(made->test_dir, "capture.pcapng", &made->capture);
    if (made->words.length > 0)
        made_write(made->test_dir, "words.tsv", &made->words);
    free(json);
    json_decref(verdict);
    strbuf_fini(&text);
}

static inline void made_fini(struct made *made)
{
    json_decref(made->results);
    free(made->dir);
    free(made->test_dir);
    strbuf_fini(&made->capture);
    strbuf_fini(&made->words);
}

static inline json_t *made_verdict(const struct made *made)
{
    const char *id = json_string_value(json_object_get(made->test, "id"));
    return json_pack("{s:s, s:s, s:f}", "id", id, "verdict", "fail", "clock_ms",
                     100.0);
}

static inline void made_set(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, json_string(text));
}

/* ---- The pages that browsers are shown ----------------------------------- */

/* What a program may print to break out of where it is shown. */
#define MADE_ATTACK                                                            \
    "</script><script>window.broken=1</script><img src=x "                     \
    "onerror=\"window.broken=2\"><!-- ]]> \\u003c &lt;b&gt; \xe2\x80\xa8 '\""

static inline void made_step(struct made *made, double t_ms, const char *text,
                             bool failed)
{
    json_t *step = json_pack("{s:f, s:s}", "t_ms", t_ms, "text", text);
    if (failed)
        json_object_set_new(step, "failed", json_true());
    json_array_append_new(json_object_get(made->test, "steps"), step);
}

/* Stop and wait over 10 ms, in which each attempt at segment 6 is lost. */
static inline double made_transfer(struct made *made)
{
    char words[32];
    double t = 10;
    made_packet(made, false, t, "delayed 10.0 ms (late 0.021)", 36, "OPEN 0");
    made_packet(made, true, t + 10, "delayed 10.0 ms (late 0.009)", 36,
                "ACK 1 win 64");
    for (int i = 1; i <= 12; i++, t += 21) {
        snprintf(words, sizeof(words), "DATA %d", i);
        for (int attempt = 0; i == 6 && attempt < 3; attempt++, t += 200)
            made_packet(made, false, t + 21,
                        "lost: drop first 3 of \"udp[16:4] = 6\" "
                        "sender->receiver",
                        MADE_DATA_BYTES, words);
        const char *fate = "delayed 10.0 ms (late 0.013)";
        if (i == 8)
            fate = "corrupted (bit 91): corrupt nth 9 of \"udp\"; delayed 10.0 "
                   "ms (late 0.0)";
        made_packet(made, false, t + 21, fate, MADE_DATA_BYTES, words);
        if (i == 9)
            made_packet(made, false, t + 21,
                        "duplicate of #27; delayed 14.0 ms (late 0.0)",
                        MADE_DATA_BYTES, words);
        snprintf(words, sizeof(words), "ACK %d win 64", i + 1);
        made_packet(made, true, t + 31.2, "delayed 10.0 ms (late 0.02)", 36,
                    words);
    }
    return t;
}

static inline void made_failure(struct made *made)
{
    made_test(made, "08.2.loss", "fail");
    double end = made_transfer(made);
    made_set(made->test, "title", "each time-out in a row waits twice as long");
    made_set(made->test, "message",
             "attempt 2 at segment 6 came 200 ms after the one before, the "
             "next 200 ms after that: each wait must be twice the last one");
    made_set(made->test, "expected", "at least 400 ms");
    made_set(made->test, "actual", "200 ms");
    made_set(made->test, "cause", "the time-out is a constant");
    made_set(made->test, "why", "who waits no longer keeps a full link full");
    made_set(made->test, "see", "RFC 6298 section 5.5");
    made_set(made->test, "replay", "./wirelab replay results.json 08.2.loss");
    made_step(made, 60, "start rsend 9000 in.bin on sender", false);
    made_step(made, 61, "ruled out: it never began", false);
    made_step(made, end + 140, "check: attempt 2 came 200 ms after", true);
    json_t *rows = json_array();
    for (int number = 13; number <= 16; number++)
        json_array_append_new(
            rows, json_pack("{s:i, s:b}", "number", number, "focus", 1));
    json_object_set_new(made->test, "ladder",
                        json_pack("{s:[s, s], s:o}", "hosts", "sender",
                                  "receiver", "rows", rows));
    json_t *verdict = made_verdict(made);
    json_t *points = json_array(), *other = json_array();
    for (int i = 0; i < 60; i++) {
        json_array_append_new(
            points, json_pack("[f, f]", 10.0 * i, 20 + 5.0 * (i % 7)));
        json_array_append_new(other, json_pack("[f, f]", 10.0 * i, 42.0));
    }
    json_object_set_new(verdict, "series",
                        json_pack("[{s:s, s:s, s:o}, {s:s, s:s, s:o}]", "name",
                                  "RTT: measured", "unit", "ms", "points",
                                  points, "name", "RTT: smoothed", "unit", "ms",
                                  "points", other));
    json_object_set_new(
        verdict, "programs",
        json_pack("[{s:s, s:s, s:[s], s:s, s:i, s:i, s:f, s:s, s:s}]", "name",
                  "rsend", "host", "sender", "argv", "/lab/rsend", "state",
                  "exited", "exit_code", 1, "signal", 0, "cpu_ms", 12.0,
                  "stderr_tail", MADE_ATTACK, "stdout_tail", MADE_ATTACK));
    made_end(made, verdict);
}

/* A page with a bit of everything; hostile text wherever there is text. */
static inline struct made made_story(const char *dir)
{
    struct made made = made_begin(dir);
    made_checkpoint(&made, 1, "Stop and wait", 2, 2);
    made_checkpoint(&made, 2, "Timers", 0, 6);
    made_test(&made, "08.1.one_segment", "pass");
    made_set(made.test, "title", "a small file arrives");
    (void)made_transfer(&made);
    made_end(&made, made_verdict(&made));
    made_failure(&made);
    made_test(&made, "08.2.hostile", "fail");
    made_set(made.test, "title", MADE_ATTACK);
    made_set(made.test, "message", MADE_ATTACK);
    made_set(made.test, "expected", MADE_ATTACK);
    made_set(made.test, "see", "javascript:window.broken=3");
    made_set(made.test, "replay", MADE_ATTACK);
    made_step(&made, 10, MADE_ATTACK, true);
    made_packet(&made, false, 5, "lost: drop all of \"</script><script>\" x",
                40, "DATA <b>1</b><script>window.broken=4</script>");
    made.client = 1;
    made_packet(&made, false, 6, "", 40, "\"><img src=x onerror=1>");
    made_end(&made, made_verdict(&made));
    made.client = 0;
    made_test(&made, "08.2.quiet", "infra");
    made_set(made.test, "message", "the machine is too busy");
    made_end(&made, made_verdict(&made));
    return made;
}

/* One test of many packets, of which some are lost. */
static inline void made_crowd(struct made *made, const char *id,
                              const char *verdict, int packets)
{
    char words[32];
    made_test(made, id, verdict);
    for (int i = 0; i < packets; i++) {
        bool back = i % 2;
        snprintf(words, sizeof(words), back ? "ACK %d win 64" : "DATA %d",
                 i / 2 + 1);
        made_packet(made, back, i * 0.5,
                    !back && i % 50 == 0 ? "lost: loss 2% seed 7 udp flow 1"
                                         : "delayed 20.0 ms (late 0.013)",
                    back ? 36 : MADE_DATA_BYTES, words);
    }
    made_step(made, 100 + packets * 0.5, "check: it is fast", true);
    made_end(made, made_verdict(made));
}

#endif

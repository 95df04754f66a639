/* The report for browsers: what is in the file.  How it looks and behaves is
 * tests/browser/report.js, for which this program makes the pages:
 *
 *      test_report_html pages DIR                                            */
#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <unistd.h>

#include <wirelab/record.h>
#include <wirelab/time.h>

#include "base/tree.h"
#include "expect/record.h"
#include "link/capread.h"
#include "link/capstore.h"
#include "report/html.h"
#include "tests/madepages.h"

static char dir[64];

static void setup(void)
{
    strcpy(dir, "/tmp/wl-report.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
    (void)tree_remove(dir);
}

static char *path_in(const char *name)
{
    return str_format("%s/%s", dir, name);
}

static char *load(const char *path, size_t *bytes)
{
    struct strbuf text = {0};
    char chunk[65536];
    size_t n;
    FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "no %s", path);
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        strbuf_add(&text, chunk, n);
    fclose(file);
    *bytes = text.length;
    return text.text;
}

static void write_page(const struct made *made, const char *path)
{
    char error[HTML_ERROR_BYTES] = "";
    const struct html_about about = {.title = "From fire-and-forget to "
                                              "reliable delivery",
                                     .run_dir = made->dir,
                                     .lab_dir = "/tmp/labs/08-reliable-udp"};
    int rc = html_write(made->results, &about, path, error);
    ck_assert_msg(rc == 0, "%s", error);
}

/* The data in a page. */
static json_t *data_in(const char *path, size_t *bytes)
{
    static const char mark[] = "<script type=\"application/json\" id=\"data\">";
    char *text = load(path, bytes);
    char *at = strstr(text, mark);
    ck_assert_ptr_nonnull(at);
    at += strlen(mark);
    char *end = strstr(at, "</script>");
    ck_assert_ptr_nonnull(end);
    json_error_t error;
    json_t *data = json_loadb(at, (size_t)(end - at), 0, &error);
    ck_assert_msg(data != NULL, "%s", error.text);
    free(text);
    return data;
}

/* Writes the page of a run and returns the data in it. */
static json_t *page_data(const struct made *made, size_t *bytes)
{
    char *path = path_in("report.html");
    write_page(made, path);
    json_t *data = data_in(path, bytes);
    free(path);
    return data;
}

static const json_t *test_at(const json_t *data, size_t index)
{
    return json_array_get(json_object_get(data, "tests"), index);
}

static size_t count_text(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        n++;
    return n;
}

static double number_at(const json_t *array, size_t index)
{
    return json_number_value(json_array_get(array, index));
}

/* ---- The words that tell a packet's fate ----------------------------------
 */

static const struct {
    const char *note;
    unsigned fate;
    uint32_t copy_of;
    int64_t took_ns; /* -1: not delivered */
} notes[] = {
    {"", FATE_DELIVERED, 0, 0},
    {"delayed 52.104 ms (late 0.031)", FATE_DELIVERED, 0, 52135000},
    {"delayed 5.0 ms (late -0.002)", FATE_DELIVERED, 0, 4998000},
    {"held 40.0 ms (late 0.1)", FATE_DELIVERED | FATE_HELD, 0, 40100000},
    {"lost: loss 5% seed 7 data 12", FATE_LOST, 0, -1},
    {"lost: the link is down", FATE_CUT, 0, -1},
    {"lost: cut at 2s for 10s", FATE_CUT, 0, -1},
    {"lost: the link's queue was full (limit)", FATE_OVERFLOW, 0, -1},
    {"lost: the emulator was overrun", FATE_INTERNAL, 0, -1},
    {"delayed 20.0 ms, still in flight", FATE_IN_FLIGHT, 0, -1},
    {"duplicate of #12; delayed 3.0 ms (late 0.0)",
     FATE_DELIVERED | FATE_DUPLICATE, 12, 3000000},
    {"lost: loss 5% seed 7 udp flow 1 unit 3; duplicate of #4",
     FATE_LOST | FATE_DUPLICATE, 4, -1},
    {"corrupted (bit 9): corrupt 2% seed 7; delayed 1.0 ms (late "
     "0.0)",
     FATE_DELIVERED | FATE_CORRUPT, 0, 1000000},
    {"sent at once: reorder 25% seed 7 udp flow 1 unit 4",
     FATE_DELIVERED | FATE_REORDERED, 0, 0},
    {"anything that somebody else wrote", FATE_DELIVERED, 0, 0},
    {"delayed", FATE_DELIVERED, 0, 0},
};
enum { NOTES = sizeof(notes) / sizeof(notes[0]) };

START_TEST(a_note_is_read_back)
{
    struct packet packet = {.sent_ns = 1000};
    capture_note_read(notes[_i].note, &packet);
    ck_assert_uint_eq(packet.fate, notes[_i].fate);
    ck_assert_uint_eq(packet.copy_of, notes[_i].copy_of);
    int64_t took_ns =
        packet.delivered_ns ? packet.delivered_ns - packet.sent_ns : -1;
    ck_assert_int_eq(took_ns, notes[_i].took_ns);
}
END_TEST

/* ---- The capture ----------------------------------------------------------
 */

static char *one_capture(size_t *bytes)
{
    struct made made = made_begin(dir);
    made_test(&made, "08.1.one_segment", "pass");
    made_transfer(&made);
    made_end(&made, made_verdict(&made));
    char *path = path_in("08.1.one_segment/capture.pcapng");
    char *text = load(path, bytes);
    free(path);
    made_fini(&made);
    return text;
}

/* Reads a file that holds these bytes.  Returns how many packets were in it;
 * *rc is how it ended. */
static int read_capture(const char *data, size_t bytes, int *rc)
{
    struct capread_packet packet;
    char *path = path_in("cut.pcapng");
    int count = 0;
    ck_assert_int_eq(file_replace(path, data, bytes), 0);
    struct capread *file = capread_open(path, rc);
    free(path);
    if (file == NULL)
        return 0;
    while ((*rc = capread_next(file, &packet)) == 1) {
        count++;
        ck_assert_uint_eq(packet.packet.number, (uint32_t)count);
        ck_assert_str_eq(packet.from, packet.interface ? "receiver" : "sender");
        ck_assert_ptr_nonnull(packet.packet.ip);
    }
    capread_close(file);
    return count;
}

START_TEST(a_capture_cut_anywhere_gives_what_came_before)
{
    size_t bytes;
    char *data = one_capture(&bytes);
    int rc, before = 0;
    int all = read_capture(data, bytes, &rc);
    ck_assert_int_eq(rc, 0);
    ck_assert_int_eq(all, 30);
    for (size_t n = 0; n < bytes; n += n < 600 ? 1 : 37) {
        int count = read_capture(data, n, &rc);
        ck_assert_int_ge(count, before);
        ck_assert_int_le(count, all);
        before = count;
    }
    ck_assert_int_ge(before, all - 1);
    free(data);
}
END_TEST

START_TEST(a_damaged_capture_is_no_danger)
{
    size_t bytes;
    char *data = one_capture(&bytes);
    for (size_t n = 0; n < bytes; n += 3) {
        int rc;
        char kept = data[n];
        data[n] = (char)(kept ^ 0xff);
        struct capread_packet packet;
        char *path = path_in("damaged.pcapng");
        ck_assert_int_eq(file_replace(path, data, bytes), 0);
        struct capread *file = capread_open(path, &rc);
        while (file && capread_next(file, &packet) == 1)
            ck_assert_uint_le(packet.packet.payload_bytes, 1 << 20);
        if (file)
            capread_close(file);
        free(path);
        data[n] = kept;
    }
    free(data);
}
END_TEST

/* ---- The page -------------------------------------------------------------
 */

START_TEST(packets_are_told_in_the_labs_words)
{
    size_t bytes;
    struct made made = made_story(dir);
    json_t *data = page_data(&made, &bytes);
    const json_t *packets = json_object_get(test_at(data, 1), "packets");
    const json_t *text = json_object_get(packets, "text");
    ck_assert_uint_eq(json_array_size(text), 30);
    ck_assert_str_eq(json_string_value(json_array_get(text, 12)), "DATA 6");
    const json_t *took = json_object_get(packets, "took");
    ck_assert_double_eq(number_at(took, 0), 10021); /* microseconds */
    ck_assert_double_eq(number_at(took, 12), -1);
    ck_assert_str_eq(
        json_string_value(json_array_get(json_object_get(packets, "flows"), 0)),
        "udp sender:40000 receiver:9000");
    ck_assert_uint_eq(json_array_size(json_object_get(packets, "flows")), 1);
    ck_assert_ptr_nonnull(json_object_get(test_at(data, 1), "series"));
    json_decref(data);
    made_fini(&made);
}
END_TEST

START_TEST(without_the_labs_words_packets_are_told_by_their_bytes)
{
    size_t bytes;
    struct made made = made_story(dir);
    char *path = path_in("08.2.loss/words.tsv");
    ck_assert_int_eq(unlink(path), 0);
    free(path);
    json_t *data = page_data(&made, &bytes);
    const json_t *text =
        json_object_get(json_object_get(test_at(data, 1), "packets"), "text");
    ck_assert_str_eq(json_string_value(json_array_get(text, 12)),
                     "UDP 1000 00 00 00 00 00 00 00 00");
    json_decref(data);
    made_fini(&made);
}
END_TEST

/* Two scripts, ours; nothing that programs said is outside of them. */
START_TEST(what_programs_print_stays_data)
{
    size_t bytes;
    struct made made = made_story(dir);
    json_decref(page_data(&made, &bytes));
    char *path = path_in("report.html");
    char *text = load(path, &bytes);
    ck_assert_uint_eq(strlen(text), bytes);
    ck_assert_uint_eq(count_text(text, "<script"), 2);
    ck_assert_uint_eq(count_text(text, "</script"), 2);
    ck_assert_uint_eq(count_text(text, "<img"), 0);
    ck_assert_uint_eq(count_text(text, "<!--"), 0);
    ck_assert_uint_ge(count_text(text, "\\u003cscript"), 5);
    ck_assert_uint_eq(count_text(text, "@DIGEST@"), 0);
    ck_assert_ptr_nonnull(strstr(text, "script-src 'sha256-"));
    free(text);
    free(path);
    made_fini(&made);
}
END_TEST

START_TEST(results_of_another_version_are_refused)
{
    struct made made = made_story(dir);
    char error[HTML_ERROR_BYTES] = "";
    char *path = path_in("report.html");
    json_object_set_new(made.results, "schema", json_integer(9));
    const struct html_about about = {.run_dir = dir};
    ck_assert_int_eq(html_write(made.results, &about, path, error), -EPROTO);
    ck_assert_str_eq(error, "the results are of schema 9, this wirelab writes "
                            "reports of schema 1: check again");
    ck_assert_int_ne(access(path, F_OK), 0);
    json_object_del(made.results, "schema");
    ck_assert_int_eq(html_write(made.results, &about, path, error), -EPROTO);
    free(path);
    made_fini(&made);
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_told)
{
    struct made made = made_story(dir);
    char error[HTML_ERROR_BYTES] = "";
    char *path = path_in("no/such/report.html");
    const struct html_about about = {.run_dir = dir};
    ck_assert_int_eq(html_write(made.results, &about, path, error), -ENOENT);
    ck_assert_msg(strstr(error, "cannot write the report") != NULL, "%s",
                  error);
    free(path);
    made_fini(&made);
}
END_TEST

static void damage(const char *name, size_t keep)
{
    size_t bytes;
    char *path = path_in(name);
    char *data = load(path, &bytes);
    ck_assert_int_eq(file_replace(path, data, keep < bytes ? keep : bytes), 0);
    free(data);
    free(path);
}

START_TEST(a_cut_capture_is_told)
{
    size_t bytes;
    struct made made = made_story(dir);
    damage("08.2.loss/capture.pcapng", 3001);
    damage("08.1.one_segment/capture.pcapng", 7);
    damage("08.2.loss/words.tsv", 11);
    damage("08.2.hostile/verdict.json", 5);
    json_t *data = page_data(&made, &bytes);
    const json_t *packets = json_object_get(test_at(data, 1), "packets");
    ck_assert_int_eq(json_is_true(json_object_get(packets, "damaged")), 1);
    ck_assert_uint_ge(json_array_size(json_object_get(packets, "sent")), 5);
    packets = json_object_get(test_at(data, 0), "packets");
    ck_assert_str_eq(json_string_value(json_object_get(packets, "unreadable")),
                     "it is no capture file");
    json_decref(data);
    made_fini(&made);
}
END_TEST

START_TEST(evidence_outside_the_run_is_not_read)
{
    size_t bytes;
    struct made made = made_story(dir);
    json_t *evidence = json_object_get(
        json_array_get(json_object_get(made.results, "tests"), 1), "evidence");
    made_set(evidence, "dir", "../08.2.loss");
    made_set(evidence, "capture", "../08.2.loss/capture.pcapng");
    json_t *data = page_data(&made, &bytes);
    ck_assert_ptr_null(json_object_get(test_at(data, 1), "packets"));
    ck_assert_ptr_null(json_object_get(test_at(data, 1), "programs"));
    json_decref(data);
    made_fini(&made);
}
END_TEST

/* In a result "packets" is a digest of them, on the page they are. */
START_TEST(a_digest_of_packets_is_not_taken_for_packets)
{
    size_t bytes;
    struct made made = made_story(dir);
    json_t *entry = json_array_get(json_object_get(made.results, "tests"), 1);
    made_set(entry, "packets", "sha256:00");
    json_object_del(entry, "evidence"); /* it was not kept */
    json_t *data = page_data(&made, &bytes);
    ck_assert_ptr_null(json_object_get(test_at(data, 1), "packets"));
    json_decref(data);
    made_fini(&made);
}
END_TEST

/* ---- The budget -----------------------------------------------------------
 */

/* Sixty tests of four thousand packets each; the failing one is in the middle
 * and has five times as many. */
START_TEST(a_page_never_exceeds_its_budget)
{
    size_t bytes;
    struct made made = made_begin(dir);
    for (int i = 0; i < 60; i++) {
        char id[32];
        bool failed = i == 30;
        snprintf(id, sizeof(id), "08.%d.test_%02d", 1 + i / 10, i);
        made_crowd(&made, id, failed ? "fail" : "pass", failed ? 20000 : 4000);
    }
    json_t *data = page_data(&made, &bytes);
    ck_assert_uint_le(bytes, HTML_MAX_BYTES);
    ck_assert_uint_ge(bytes, HTML_MAX_BYTES / 2);
    for (size_t i = 0; i < 60; i++) {
        const json_t *packets = json_object_get(test_at(data, i), "packets");
        size_t shown = json_array_size(json_object_get(packets, "sent"));
        ck_assert_uint_ge(shown, i == 30 ? 10000 : 300);
        ck_assert_int_eq(
            (int)json_integer_value(json_object_get(packets, "total")),
            i == 30 ? 20000 : 4000);
    }
    json_decref(data);
    made_fini(&made);
}
END_TEST

/* One of many students': of what passed nothing is kept. */
START_TEST(a_small_page_tells_packets_of_what_failed)
{
    enum { SMALL_BYTES = 400 * 1000 };
    size_t bytes;
    char error[HTML_ERROR_BYTES] = "";
    struct made made = made_begin(dir);
    for (int i = 0; i < 60; i++) {
        char id[32];
        snprintf(id, sizeof(id), "08.%d.test_%02d", 1 + i / 10, i);
        if (i == 30) {
            made_crowd(&made, id, "fail", 4000);
            continue;
        }
        made_test(&made, id, "pass");
        json_object_del(made.test, "evidence");
    }
    char *path = path_in("report.html");
    const struct html_about about = {.run_dir = made.dir,
                                     .whose = "Ada",
                                     .back = "../index.html",
                                     .max_bytes = SMALL_BYTES};
    ck_assert_int_eq(html_write(made.results, &about, path, error), 0);
    json_t *data = data_in(path, &bytes);
    const json_t *packets = json_object_get(test_at(data, 30), "packets");
    ck_assert_uint_le(bytes, SMALL_BYTES);
    ck_assert_uint_ge(json_array_size(json_object_get(packets, "sent")), 1000);
    const json_t *told = json_object_get(data, "about");
    ck_assert_str_eq(json_string_value(json_object_get(told, "whose")), "Ada");
    json_decref(data);
    free(path);
    made_fini(&made);
}
END_TEST

/* What failed is at the end, so the last packets are kept. */
START_TEST(of_a_failure_the_end_is_kept)
{
    size_t bytes;
    struct made made = made_begin(dir);
    made_crowd(&made, "08.1.big", "fail", 40000);
    json_t *data = page_data(&made, &bytes);
    const json_t *packets = json_object_get(test_at(data, 0), "packets");
    size_t shown = json_array_size(json_object_get(packets, "sent"));
    ck_assert_int_eq((int)json_integer_value(json_object_get(packets, "first")),
                     (int)(40000 - shown + 1));
    json_decref(data);
    made_fini(&made);
}
END_TEST

/* What the test looked at is early: that is kept. */
START_TEST(of_a_failure_what_was_looked_at_is_kept)
{
    size_t bytes;
    struct made made = made_begin(dir);
    made_crowd(&made, "08.1.big", "fail", 40000);
    json_object_set_new(made.test, "ladder",
                        json_pack("{s:[{s:i, s:b}, {s:i, s:b}]}", "rows",
                                  "number", 300, "focus", 1, "number", 39000,
                                  "focus", 1));
    json_t *data = page_data(&made, &bytes);
    const json_t *packets = json_object_get(test_at(data, 0), "packets");
    int first = (int)json_integer_value(json_object_get(packets, "first"));
    ck_assert_int_le(first, 300);
    json_decref(data);
    made_fini(&made);
}
END_TEST

START_TEST(long_texts_and_many_steps_are_cut)
{
    size_t bytes;
    struct made made = made_begin(dir);
    char *flood = mem_zalloc(4000001);
    for (size_t i = 0; i < 4000000; i += 2) { /* é: never cut in half */
        flood[i] = '\xc3';
        flood[i + 1] = '\xa9';
    }
    made_test(&made, "08.1.flood", "fail");
    made_set(made.test, "message", flood);
    for (int i = 0; i < 5000; i++)
        made_step(&made, i, flood + 3990000, i == 4999);
    made_end(&made, made_verdict(&made));
    json_t *data = page_data(&made, &bytes);
    ck_assert_uint_le(bytes, HTML_MAX_BYTES);
    const json_t *test = test_at(data, 0);
    ck_assert_ptr_nonnull(
        strstr(json_string_value(json_object_get(test, "message")),
               "bytes are left out here]"));
    const json_t *steps = json_object_get(test, "steps");
    ck_assert_uint_eq(json_array_size(steps), 200);
    ck_assert_int_eq(
        json_is_true(json_object_get(json_array_get(steps, 199), "failed")), 1);
    free(flood);
    json_decref(data);
    made_fini(&made);
}
END_TEST

/* ---- record() --------------------------------------------------------------
 */

static const json_t *points_of(const json_t *series, size_t index)
{
    return json_object_get(json_array_get(series, index), "points");
}

START_TEST(a_series_is_told_as_it_was_recorded)
{
    record_begin();
    record("in flight", "segments", MSECONDS(1.5), 3);
    record("RTT", "ms", MSECONDS(2), 20.25);
    record("in flight", "segments", MSECONDS(2), NAN);
    record("in flight", "ignored", MSECONDS(3), 4);
    json_t *series = record_json();
    ck_assert_uint_eq(json_array_size(series), 2);
    const json_t *points = points_of(series, 0);
    ck_assert_uint_eq(json_array_size(points), 3);
    ck_assert_double_eq(number_at(json_array_get(points, 0), 0), 1.5);
    ck_assert_double_eq(number_at(json_array_get(points, 0), 1), 3);
    ck_assert_int_eq(json_is_null(json_array_get(json_array_get(points, 1), 1)),
                     1);
    ck_assert_str_eq(
        json_string_value(json_object_get(json_array_get(series, 0), "unit")),
        "segments");
    json_decref(series);
}
END_TEST

START_TEST(a_long_series_is_thinned_from_end_to_end)
{
    record_begin();
    for (int i = 0; i <= 100000; i++)
        record("x", "", MSECONDS(i), i);
    json_t *series = record_json();
    const json_t *points = points_of(series, 0);
    size_t n = json_array_size(points);
    ck_assert_uint_le(n, RECORD_MAX_POINTS + 1);
    ck_assert_uint_ge(n, RECORD_MAX_POINTS / 2);
    ck_assert_double_eq(number_at(json_array_get(points, 0), 1), 0);
    ck_assert_double_eq(number_at(json_array_get(points, n - 1), 1), 100000);
    double stride = number_at(json_array_get(points, 1), 1);
    for (size_t i = 1; i + 1 < n; i++)
        ck_assert_double_eq(number_at(json_array_get(points, i), 1),
                            (double)i * stride);
    json_decref(series);
}
END_TEST

START_TEST(series_beyond_the_limit_are_not_kept)
{
    record_begin();
    for (int i = 0; i < RECORD_MAX_SERIES + 5; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%d", i);
        record(name, "", 0, i);
    }
    json_t *series = record_json();
    ck_assert_uint_eq(json_array_size(series), RECORD_MAX_SERIES);
    json_decref(series);
}
END_TEST

/* ----------------------------------------------------------------------------
 */

/* For the browser's tests; a Check test, since that is where ck_assert works.
 */
static const char *pages_dir;

START_TEST(pages_are_made)
{
    char *story = str_format("%s/story", pages_dir);
    char *large = str_format("%s/large", pages_dir);
    char *page = str_format("%s/story.html", pages_dir);
    (void)mkdir(pages_dir, 0755);
    struct made made = made_story(story);
    write_page(&made, page);
    made_fini(&made);
    free(page);
    made = made_begin(large);
    made_checkpoint(&made, 3, "A window", 0, 2);
    made_crowd(&made, "08.3.fills_the_pipe", "fail", 10000);
    page = str_format("%s/large.html", pages_dir);
    write_page(&made, page);
    made_fini(&made);
    free(page);
    free(story);
    free(large);
}
END_TEST

static Suite *pages_suite(void)
{
    Suite *suite = suite_create("pages");
    TCase *pages = tcase_create("pages");
    tcase_set_timeout(pages, 60);
    tcase_add_test(pages, pages_are_made);
    suite_add_tcase(suite, pages);
    return suite;
}

static Suite *make_suite(void)
{
    Suite *suite = suite_create("report_html");
    TCase *page = tcase_create("page");
    tcase_set_timeout(page, 60);
    tcase_add_checked_fixture(page, setup, teardown);
    tcase_add_loop_test(page, a_note_is_read_back, 0, NOTES);
    tcase_add_test(page, a_capture_cut_anywhere_gives_what_came_before);
    tcase_add_test(page, a_damaged_capture_is_no_danger);
    tcase_add_test(page, packets_are_told_in_the_labs_words);
    tcase_add_test(page,
                   without_the_labs_words_packets_are_told_by_their_bytes);
    tcase_add_test(page, what_programs_print_stays_data);
    tcase_add_test(page, results_of_another_version_are_refused);
    tcase_add_test(page, a_folder_that_cannot_be_written_is_told);
    tcase_add_test(page, a_cut_capture_is_told);
    tcase_add_test(page, evidence_outside_the_run_is_not_read);
    tcase_add_test(page, a_digest_of_packets_is_not_taken_for_packets);
    tcase_add_test(page, a_page_never_exceeds_its_budget);
    tcase_add_test(page, a_small_page_tells_packets_of_what_failed);
    tcase_add_test(page, of_a_failure_the_end_is_kept);
    tcase_add_test(page, of_a_failure_what_was_looked_at_is_kept);
    tcase_add_test(page, long_texts_and_many_steps_are_cut);
    tcase_add_test(page, a_series_is_told_as_it_was_recorded);
    tcase_add_test(page, a_long_series_is_thinned_from_end_to_end);
    tcase_add_test(page, series_beyond_the_limit_are_not_kept);
    suite_add_tcase(suite, page);
    return suite;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "pages") == 0)
        pages_dir = argv[2];
    SRunner *runner = srunner_create(pages_dir ? pages_suite() : make_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}

/* Puts the page together, within its budget of bytes.
 *
 * A check may leave hundreds of megabytes of captures; a page should open at
 * once and be small enough to be sent by mail.  So bytes are given out in the
 * order in which a reader will want them: to all tests a line, then to each its
 * details, at last packets, and in that to tests that failed before those that
 * passed.  A test that gets less than it has says so on the page, and where the
 * rest lies. */
#include "report/html.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/replace.h"
#include "base/strbuf.h"
#include "grade/results.h"
#include "report/evidence.h"
#include "report/page.h"
#include "report/pagefiles.h"
#include "report/sheet.h"

enum {
    MAX_TESTS = 500,
    RANKS = 3,
    LINE_BYTES = 500,               /* of a message, where no more fits */
    MAX_PACKETS_BYTES = 900 * 1000, /* of one test */
    MIN_PACKETS_BYTES = 2000,
};

/* ---- Sharing out bytes ----------------------------------------------------
 */

struct budget {
    size_t left;
    size_t waiting; /* tests whose packets have not got theirs */
};

static int rank_of(const json_t *entry)
{
    const char *verdict = member_text(entry, "verdict");
    if (strcmp(verdict, "fail") == 0)
        return 0;
    return strcmp(verdict, "pass") == 0 ? 2 : 1;
}

/* What a test may use of it for its packets. */
static size_t share_of(const struct budget *budget, const json_t *entry)
{
    size_t share = rank_of(entry) == 0
                       ? budget->left / 2
                       : 2 * budget->left / (budget->waiting + 2);
    return share < MAX_PACKETS_BYTES ? share : MAX_PACKETS_BYTES;
}

/* The least that is told of a test. */
static json_t *line_of(const json_t *entry)
{
    static const char *const numbers[] = {"checkpoint", "points", "max",
                                          "duration_ms", "attempts"};
    static const char *const texts[] = {"id",   "title",  "verdict", "variant",
                                        "seed", "replay", "message"};
    json_t *line = json_object();
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        json_object_set(line, numbers[i], json_object_get(entry, numbers[i]));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *text = member_text(entry, texts[i]);
        json_object_set_new(line, texts[i], evidence_text(text, LINE_BYTES));
    }
    json_object_set(line, "evidence", json_object_get(entry, "evidence"));
    json_object_set_new(line, "left_out", json_true());
    return line;
}

/* Replaces the line of a test by its details, if there is room. */
static void add_detail(json_t *tests, size_t index, const json_t *entry,
                       const struct html_about *about, struct budget *budget)
{
    json_t *detail = evidence_entry(entry, about->run_dir);
    size_t bytes = sheet_json_bytes(detail);
    if (bytes <= budget->left) {
        budget->left -= bytes;
        json_array_set(tests, index, detail);
    }
    json_decref(detail);
}

/* Puts packets into the details of a test, if it got them. */
static void add_packets(json_t *tests, size_t index, const json_t *entry,
                        const struct html_about *about, struct budget *budget)
{
    json_t *detail = json_array_get(tests, index);
    size_t share = share_of(budget, entry);
    budget->waiting--;
    if (share < MIN_PACKETS_BYTES || json_object_get(detail, "left_out"))
        return;
    /* Texts of packets hold a few characters that grow when escaped. */
    json_t *packets =
        evidence_packets(entry, about->run_dir, share - share / 16);
    if (packets == NULL)
        return;
    size_t bytes = sheet_json_bytes(packets);
    if (bytes <= budget->left) {
        budget->left -= bytes;
        json_object_set(detail, "packets", packets);
    }
    json_decref(packets);
}

typedef void add_fn(json_t *tests, size_t index, const json_t *entry,
                    const struct html_about *about, struct budget *budget);

/* To tests that failed first, to those that passed last. */
static void add_by_rank(add_fn *add, json_t *tests, const json_t *entries,
                        const struct html_about *about, struct budget *budget)
{
    size_t count = json_array_size(tests), i;
    json_t *entry;
    for (int rank = 0; rank < RANKS; rank++) {
        json_array_foreach(entries, i, entry)
        {
            if (i < count && rank_of(entry) == rank)
                add(tests, i, entry, about, budget);
        }
    }
}

static json_t *tests_json(const json_t *entries, const struct html_about *about,
                          size_t bytes)
{
    json_t *tests = json_array();
    size_t count = json_array_size(entries), i;
    count = count < MAX_TESTS ? count : MAX_TESTS;
    for (i = 0; i < count; i++)
        json_array_append_new(tests, line_of(json_array_get(entries, i)));
    size_t lines = sheet_json_bytes(tests);
    struct budget budget = {.left = bytes > lines ? bytes - lines : 0,
                            .waiting = count};
    add_by_rank(add_detail, tests, entries, about, &budget);
    add_by_rank(add_packets, tests, entries, about, &budget);
    return tests;
}

/* ---- Links ----------------------------------------------------------------
 */

/* The way from a directory to a file; both are absolute. */
static char *relative(const char *from, const char *to)
{
    struct strbuf way = {0};
    size_t same = 0;
    for (size_t i = 0; from[i] == to[i] || !from[i] || !to[i]; i++) {
        bool from_ends = from[i] == '/' || from[i] == '\0';
        bool to_ends = to[i] == '/' || to[i] == '\0';
        if (from_ends && to_ends)
            same = i;
        if (!from[i] || !to[i])
            break;
    }
    for (const char *p = from + same; *p; p++) {
        if (*p == '/' && p[1] != '\0')
            strbuf_printf(&way, "../");
    }
    strbuf_printf(&way, "%s", to[same] == '/' ? to + same + 1 : to + same);
    return way.text ? way.text : mem_strdup(".");
}

static json_t *about_json(const struct html_about *about)
{
    json_t *json = json_object();
    if (about->title)
        json_object_set_new(json, "title", json_string(about->title));
    if (about->lab_dir) {
        char *way = relative(about->run_dir, about->lab_dir);
        json_object_set_new(json, "lab_dir", json_string(way));
        free(way);
    }
    if (about->whose)
        json_object_set_new(json, "whose", json_string(about->whose));
    if (about->back)
        json_object_set_new(json, "back", json_string(about->back));
    return json;
}

/* ---- The page -------------------------------------------------------------
 */

static json_t *data_json(const json_t *results, const struct html_about *about,
                         size_t bytes)
{
    json_t *data = json_copy((json_t *)results);
    json_object_set_new(data, "about", about_json(about));
    json_object_del(data, "tests");
    json_object_del(data, "directory"); /* tells where its writer's home is */
    size_t head = sheet_json_bytes(data);
    json_object_set_new(data, "tests",
                        tests_json(json_object_get(results, "tests"), about,
                                   bytes > head ? bytes - head : 0));
    return data;
}

static char *title_of(const json_t *results, const struct html_about *about)
{
    const json_t *score = json_object_get(results, "score");
    return str_format(
        "%s%slab %s%s%s: %d of %d points", about->whose ? about->whose : "",
        about->whose ? ", " : "", member_text(results, "lab"),
        about->title ? " " : "", about->title ? about->title : "",
        (int)member_number(score, "points"), (int)member_number(score, "max"));
}

int html_write(const json_t *results, const struct html_about *about,
               const char *path, char error[HTML_ERROR_BYTES])
{
    int schema = (int)member_number(results, "schema");
    if (schema != RESULTS_SCHEMA) {
        snprintf(error, HTML_ERROR_BYTES,
                 "the results are of schema %d, this wirelab writes reports of "
                 "schema %d: check again",
                 schema, RESULTS_SCHEMA);
        return -EPROTO;
    }
    size_t own = strlen(page_html) + strlen(page_css) + strlen(page_js) +
                 HTML_ERROR_BYTES;
    size_t most = about->max_bytes ? about->max_bytes : HTML_MAX_BYTES;
    struct strbuf page = {0};
    char *title = title_of(results, about);
    json_t *data = data_json(results, about, most > own ? most - own : 0);
    sheet_fill(&page, &(struct sheet){.html = page_html,
                                      .styles = {page_css},
                                      .script = page_js,
                                      .title = title,
                                      .data = data});
    json_decref(data);
    free(title);
    int rc = file_replace(path, page.text, page.length);
    if (rc < 0)
        snprintf(error, HTML_ERROR_BYTES, "cannot write the report %s: %s",
                 path, strerror(-rc));
    strbuf_fini(&page);
    return rc;
}

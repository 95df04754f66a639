/* Which packets of a capture a page shows.
 *
 * The capture is read twice: to know it all, and to take what is shown. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "report/columns.h"
#include "report/evidence.h"
#include "report/page.h"

enum {
    PACKET_BYTES = 56, /* of JSON, a generous guess */
    BEFORE_FOCUS = 4,  /* one part in so many of what is shown */
};

static int survey_file(struct survey *survey, const char *path)
{
    struct capread_packet p;
    int error = 0, rc;
    struct capread *file = capread_open(path, &error);
    if (file == NULL)
        return error;
    while ((rc = capread_next(file, &p)) == 1)
        survey_packet(survey, &p);
    survey->damaged = rc < 0;
    capread_close(file);
    return 0;
}

/* ---- Which ----------------------------------------------------------------
 */

/* Numbers of packets: [first, first + count). */
struct range {
    uint32_t first, count;
};

/* The first and last packet that the failure is about; 0 if none is known. */
static void find_focus(const json_t *entry, uint32_t *first, uint32_t *last)
{
    const json_t *rows =
        json_object_get(json_object_get(entry, "ladder"), "rows");
    size_t i;
    json_t *row;
    *first = *last = 0;
    json_array_foreach(rows, i, row)
    {
        if (!json_is_true(json_object_get(row, "focus")))
            continue;
        uint32_t number = (uint32_t)member_number(row, "number");
        *first = *first ? *first : number;
        *last = number;
    }
}

static struct range choose(const json_t *entry, uint32_t total, uint32_t count)
{
    uint32_t first, last;
    if (count >= total)
        return (struct range){1, total};
    find_focus(entry, &first, &last);
    uint32_t end = count;
    if (first > 0 && last <= total)
        end = last + count / BEFORE_FOCUS;
    else if (strcmp(member_text(entry, "verdict"), "pass") != 0)
        end = total;
    /* Of what is looked at the beginning is where things went wrong. */
    if (first > 0 && end > count && first < end - count)
        end = first + count - count / BEFORE_FOCUS;
    end = end < count ? count : end > total ? total : end;
    return (struct range){end - count + 1, count};
}

/* ---- The whole ------------------------------------------------------------
 */

static json_t *read_columns(const struct survey *survey, const char *path,
                            const char *words_path, const struct range *range)
{
    struct capread_packet p;
    int error;
    struct capread *file = capread_open(path, &error);
    if (file == NULL)
        return NULL; /* it was there a moment ago */
    struct words *words = words_open(words_path);
    struct columns *columns = columns_new(survey, file, words);
    while (capread_next(file, &p) == 1 &&
           p.packet.number < range->first + range->count) {
        if (p.packet.number >= range->first)
            columns_add(columns, &p);
        else
            columns_meet(columns, &p);
    }
    json_t *json = columns_finish(columns, range->first);
    capread_close(file);
    if (words)
        words_close(words);
    return json;
}

static json_t *unreadable(int error)
{
    const char *why =
        error == -EBADMSG ? "it is no capture file" : strerror(-error);
    return json_pack("{s:s}", "unreadable", why);
}

static size_t json_bytes(const json_t *json)
{
    return json_dumpb(json, NULL, 0, JSON_COMPACT);
}

static json_t *list_packets(const json_t *entry, const char *path,
                            const char *words_path, size_t bytes)
{
    struct survey *survey = mem_zalloc(sizeof(*survey));
    json_t *json = NULL;
    int rc = survey_file(survey, path);
    size_t count = bytes / PACKET_BYTES;
    while (rc == 0) {
        struct range range = choose(entry, survey->total, (uint32_t)count);
        json = read_columns(survey, path, words_path, &range);
        size_t taken = json_bytes(json);
        if (json == NULL || taken <= bytes || range.count == 0)
            break;
        json_decref(json);
        count =
            (size_t)((double)range.count * (double)bytes * 0.9 / (double)taken);
    }
    free(survey);
    return rc == 0 ? json : unreadable(rc);
}

json_t *evidence_packets(const json_t *entry, const char *run_dir, size_t bytes)
{
    const json_t *evidence = json_object_get(entry, "evidence");
    const char *capture = member_text(evidence, "capture");
    if (*capture == '\0' || strstr(capture, ".."))
        return NULL;
    char *path = str_format("%s/%s", run_dir, capture);
    char *words_path = str_format("%s/%s/%s", run_dir,
                                  member_text(evidence, "dir"), WORDS_FILE);
    json_t *json = list_packets(entry, path, words_path, bytes);
    free(path);
    free(words_path);
    return json;
}

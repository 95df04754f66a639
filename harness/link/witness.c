/* The links' part of a verdict, and whether the run counts at all.
 *
 * A run in which our own queues overflowed, or in which more than 1 % of the
 * delayed packets came later than allowed, proves nothing against a program:
 * its failure becomes `infra`.  A pass stays a pass, for a program that copes
 * with a worse link copes with the right one. */
#include "link/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "base/strbuf.h"
#include "link/linkset.h"
#include "link/packets.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void set_count(json_t *object, const char *key, uint64_t count)
{
    json_object_set_new(object, key, json_integer((json_int_t)count));
}

/* ---- Links --------------------------------------------------------------- */

static json_t *direction_object(const struct linkset *set,
                                const struct link *link, unsigned port)
{
    struct link_counters c;
    const char *to = link->lan ? "lan" : link->ports[!port].host->name;
    char *name = str_format("%s->%s", link->ports[port].host->name, to);
    json_t *object = json_object();
    set->engine->counters(set->state, link, port, &c);
    json_object_set_new(object, "name", json_string(name));
    json_object_set_new(
        object, "profile",
        json_string(set->profiles[link->index][!link->lan && port == 1]));
    set_count(object, "packets", c.packets);
    set_count(object, "bytes", c.bytes);
    set_count(object, "delivered", c.delivered);
    set_count(object, "lost", c.lost);
    set_count(object, "cut", c.cut);
    set_count(object, "overflow", c.overflow);
    set_count(object, "duplicated", c.duplicated);
    set_count(object, "corrupted", c.corrupted);
    set_count(object, "reordered", c.reordered);
    set_count(object, "marked", c.marked);
    set_count(object, "held", c.held);
    set_count(object, "internal", c.internal);
    free(name);
    return object;
}

json_t *links_json(const struct linkset *set)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < set->net->link_count; i++) {
        const struct link *link = set->net->links[i];
        for (unsigned port = 0; port < link->port_count; port++)
            json_array_append_new(list, direction_object(set, link, port));
    }
    return list;
}

/* ---- Fates --------------------------------------------------------------- */

static int write_file(const char *path, const char *text, size_t bytes)
{
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return -errno;
    size_t n = fwrite(text, 1, bytes, file);
    if (fclose(file) != 0 || n != bytes)
        return errno ? -errno : -EIO;
    return 0;
}

static char *sha256_text(const char *text, size_t bytes)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    struct strbuf hex = {0};
    if (EVP_Digest(text, bytes, digest, &length, EVP_sha256(), NULL) != 1)
        return mem_strdup("");
    strbuf_printf(&hex, "sha256:");
    for (unsigned i = 0; i < length; i++)
        strbuf_printf(&hex, "%02x", digest[i]);
    return hex.text;
}

static void add_fates(json_t *verdict, const struct linkset *set)
{
    struct strbuf lines = {0};
    uint64_t missing = 0;
    if (set->engine->fates == NULL)
        return;
    set->engine->fates(set->state, &lines, &missing);
    char *trace = sha256_text(strbuf_text(&lines), lines.length);
    json_object_set_new(verdict, "trace", json_string(trace));
    free(trace);
    if (missing > 0)
        set_count(verdict, "fates_missing", missing);
    if (set->fates_path &&
        write_file(set->fates_path, strbuf_text(&lines), lines.length) == 0)
        json_object_set_new(verdict, "fates",
                            json_string(base_name(set->fates_path)));
    strbuf_fini(&lines);
}

/* The digest is the run's signature where the clock is ours to repeat: there
 * the lines are kept as well, so that a replay can tell what differs. */
static void add_packets(json_t *verdict, const struct linkset *set)
{
    struct strbuf lines = {0};
    char digest[PACKETS_DIGEST_BYTES];
    bool keep = set->packets_path && clock_is_virtual();
    packets_digest(set->capture, keep ? &lines : NULL, digest);
    json_object_set_new(verdict, "packets", json_string(digest));
    if (keep &&
        write_file(set->packets_path, strbuf_text(&lines), lines.length) == 0)
        json_object_set_new(verdict, "packets_file",
                            json_string(base_name(set->packets_path)));
    strbuf_fini(&lines);
}

static void add_capture(json_t *verdict, const struct linkset *set)
{
    uint64_t missing = capture_uncaptured(set->capture);
    if (set->capture_path)
        json_object_set_new(verdict, "capture",
                            json_string(base_name(set->capture_path)));
    if (missing > 0)
        set_count(verdict, "capture_missing", missing);
    if (set->file_error < 0)
        json_object_set_new(verdict, "capture_error",
                            json_string(strerror(-set->file_error)));
}

/* ---- Does the run count? ------------------------------------------------- */

static void make_void(json_t *verdict, const char *why)
{
    const char *said = json_string_value(json_object_get(verdict, "message"));
    char *message = str_format("%s; the test said: %s", why, said ? said : "");
    json_object_set_new(verdict, "excused", json_string(said ? said : ""));
    json_object_set_new(verdict, "verdict",
                        json_string(verdict_name(VERDICT_INFRA)));
    json_object_set_new(verdict, "message", json_string(message));
    free(message);
}

static uint64_t internal_losses(const struct linkset *set)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < set->net->link_count; i++) {
        const struct link *link = set->net->links[i];
        for (unsigned port = 0; port < link->port_count; port++) {
            struct link_counters counters;
            set->engine->counters(set->state, link, port, &counters);
            sum += counters.internal;
        }
    }
    return sum;
}

static void judge(json_t *verdict, const struct linkset *set,
                  const struct link_lateness *lateness)
{
    uint64_t internal = internal_losses(set);
    char why[256];
    if (internal > 0) {
        snprintf(why, sizeof(why),
                 "the link emulator was overrun: it lost %llu packets by its "
                 "own fault",
                 (unsigned long long)internal);
        make_void(verdict, why);
    } else if (lateness->too_late * 100 > lateness->packets) {
        snprintf(why, sizeof(why),
                 "the machine is too busy: %llu of %llu delayed packets were "
                 "late by more than 2 ms and 10 %% of their delay (p99 %.1f "
                 "ms)",
                 (unsigned long long)lateness->too_late,
                 (unsigned long long)lateness->packets,
                 (double)lateness->p99_ns / 1e6);
        make_void(verdict, why);
    }
}

/* Whose frames nobody held against their senders (links_guard). */
static void add_unguarded(json_t *verdict, const struct linkset *set)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < set->net->host_count; i++) {
        if (set->unguarded[i])
            json_array_append_new(list, json_string(set->net->hosts[i]->name));
    }
    if (json_array_size(list) > 0)
        json_object_set(verdict, "unguarded", list);
    json_decref(list);
}

void links_witness(json_t *verdict, const struct ending *ending, void *context)
{
    struct linkset *set = context;
    struct link_lateness late;
    links_stop(set->net);
    set->engine->lateness(set->state, &late);
    json_object_set_new(verdict, "engine", json_string(set->engine->name));
    json_object_set_new(verdict, "links", links_json(set));
    json_object_set_new(verdict, "lateness_us",
                        json_pack("{s:f, s:f}", "p50",
                                  (double)late.p50_ns / 1e3, "p99",
                                  (double)late.p99_ns / 1e3));
    add_unguarded(verdict, set);
    add_capture(verdict, set);
    add_fates(verdict, set);
    add_packets(verdict, set);
    if (ending->verdict == VERDICT_FAIL)
        judge(verdict, set, &late);
}

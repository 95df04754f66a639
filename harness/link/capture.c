/* The store of packet records.
 *
 * Records lie in chunks that never move; `count` is the number of complete
 * ones, and is released after a record is filled in.  So the one writer needs
 * no lock and a reader that acquires `count` sees every record below it whole.
 *
 * Sleepers (readers in capture_await, the file's writer) follow the usual
 * protocol: they announce themselves, look once more, sleep; the engine makes
 * its news visible, then looks whether anybody is announced.  Both sides use
 * sequentially consistent order there, so one of them sees the other. */
#include "link/capture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <wirelab/time.h>

#include "base/strbuf.h"
#include "link/capstore.h"
#include "link/locate.h"

enum {
    CHUNK_RECORDS = 4096,
    MAX_CHUNKS = (CAPTURE_MAX_RECORDS + CHUNK_RECORDS - 1) / CHUNK_RECORDS,
    ARENA_BYTES = 1 << 20,
};

struct record {
    int64_t sent_ns, due_ns; /* since net->started_ns */
    _Atomic int64_t delivered_ns;
    _Atomic unsigned fate;
    uint32_t copy_of, captured_bytes, length_bytes;
    uint8_t link, from, to;
    const uint8_t *data;
    const char *cause;          /* the engine's words, or NULL */
    _Atomic(const char *) note; /* made when first asked for */
};

/* Bytes of packets, in blocks. */
struct arena {
    struct arena *older;
    uint8_t bytes[ARENA_BYTES];
};

struct capture {
    struct net *net;
    struct record *_Atomic chunks[MAX_CHUNKS];
    _Atomic uint32_t count;
    _Atomic uint64_t uncaptured;
    struct arena *arena; /* the writer's: where the next bytes go */
    size_t arena_used, kept_bytes;
    unsigned interface_base[NET_MAX_LINKS];
    _Atomic unsigned interface_links;

    _Atomic uint64_t news;
    _Atomic bool stopped;
    _Atomic unsigned sleepers;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

static struct record *record_at(const struct capture *capture, uint32_t number)
{
    uint32_t i = number - 1;
    struct record *chunk = atomic_load_explicit(
        &capture->chunks[i / CHUNK_RECORDS], memory_order_acquire);
    return &chunk[i % CHUNK_RECORDS];
}

struct capture *capture_new(struct net *net)
{
    struct capture *capture = mem_zalloc(sizeof(*capture));
    capture->net = net;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&capture->changed, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&capture->lock, NULL);
    return capture;
}

void capture_free(struct capture *capture)
{
    uint32_t count = capture_records(capture);
    for (uint32_t i = 1; i <= count; i++)
        free((char *)atomic_load(&record_at(capture, i)->note));
    for (size_t i = 0; i < MAX_CHUNKS; i++)
        free(atomic_load(&capture->chunks[i]));
    while (capture->arena) {
        struct arena *older = capture->arena->older;
        free(capture->arena);
        capture->arena = older;
    }
    pthread_cond_destroy(&capture->changed);
    pthread_mutex_destroy(&capture->lock);
    free(capture);
}

void capture_add_link(struct capture *capture, const struct link *link)
{
    unsigned i = link->index, base = 0;
    if (i > 0)
        base = capture->interface_base[i - 1] +
               capture->net->links[i - 1]->port_count;
    capture->interface_base[i] = base;
    atomic_store(&capture->interface_links, i + 1);
}

unsigned capture_links(const struct capture *capture)
{
    return atomic_load(&capture->interface_links);
}

struct net *capture_net(const struct capture *capture)
{
    return capture->net;
}

/* ---- Writing -------------------------------------------------------------
 */

static void *arena_take(struct capture *capture, size_t bytes)
{
    struct arena *arena = capture->arena;
    if (arena == NULL || capture->arena_used + bytes > ARENA_BYTES) {
        arena = malloc(sizeof(*arena)); /* fresh pages, once a mebibyte */
        if (arena == NULL)
            abort();
        arena->older = capture->arena;
        capture->arena = arena;
        capture->arena_used = 0;
    }
    void *taken = arena->bytes + capture->arena_used;
    capture->arena_used += bytes;
    return taken;
}

/* Copies what is kept of a packet's bytes; returns how many those are. */
static size_t keep(struct capture *capture, const struct capture_entry *entry,
                   const uint8_t **kept)
{
    size_t bytes = entry->captured_bytes + entry->rest_bytes;
    if (capture->kept_bytes + bytes > CAPTURE_WHOLE_BYTES &&
        bytes > CAPTURE_HEADER_BYTES)
        bytes = CAPTURE_HEADER_BYTES;
    uint8_t *data = arena_take(capture, bytes);
    size_t n = bytes < entry->captured_bytes ? bytes : entry->captured_bytes;
    memcpy(data, entry->data, n);
    if (bytes > n)
        memcpy(data + n, entry->rest, bytes - n);
    capture->kept_bytes += bytes;
    *kept = data;
    return bytes;
}

static void news(struct capture *capture)
{
    uint64_t n = atomic_load_explicit(&capture->news, memory_order_relaxed);
    atomic_store_explicit(&capture->news, n + 1, memory_order_release);
}

static void fill(struct capture *capture, struct record *record,
                 const struct capture_entry *entry)
{
    record->captured_bytes = (uint32_t)keep(capture, entry, &record->data);
    record->length_bytes = (uint32_t)entry->length_bytes;
    record->sent_ns = entry->sent_ns - capture->net->started_ns;
    record->due_ns = entry->due_ns - capture->net->started_ns;
    record->copy_of = entry->copy_of;
    record->link = (uint8_t)entry->link->index;
    record->from = (uint8_t)entry->from;
    record->to = (uint8_t)entry->to;
    atomic_init(&record->fate, entry->fate);
    if (entry->note) {
        size_t length = strlen(entry->note) + 1;
        record->cause =
            memcpy(arena_take(capture, length), entry->note, length);
    }
}

uint32_t capture_add(struct capture *capture, const struct capture_entry *entry)
{
    uint32_t i = atomic_load_explicit(&capture->count, memory_order_relaxed);
    if (i == CAPTURE_MAX_RECORDS) {
        atomic_fetch_add_explicit(&capture->uncaptured, 1,
                                  memory_order_relaxed);
        return 0;
    }
    if (i % CHUNK_RECORDS == 0)
        atomic_store_explicit(&capture->chunks[i / CHUNK_RECORDS],
                              mem_zalloc(CHUNK_RECORDS * sizeof(struct record)),
                              memory_order_release);
    fill(capture, record_at(capture, i + 1), entry);
    atomic_store_explicit(&capture->count, i + 1, memory_order_release);
    news(capture);
    return i + 1;
}

void capture_settle(struct capture *capture, uint32_t number, unsigned fate,
                    int64_t delivered_ns)
{
    if (number == 0)
        return;
    struct record *record = record_at(capture, number);
    if (delivered_ns != 0)
        delivered_ns -= capture->net->started_ns;
    atomic_store_explicit(&record->delivered_ns, delivered_ns,
                          memory_order_relaxed);
    atomic_store_explicit(&record->fate, fate, memory_order_release);
    news(capture);
}

/* ---- Sleeping ------------------------------------------------------------
 */

void capture_kick(struct capture *capture)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&capture->sleepers, memory_order_relaxed) == 0)
        return;
    pthread_mutex_lock(&capture->lock);
    pthread_cond_broadcast(&capture->changed);
    pthread_mutex_unlock(&capture->lock);
}

uint64_t capture_news(const struct capture *capture)
{
    return atomic_load_explicit(&capture->news, memory_order_acquire);
}

void capture_stop(struct capture *capture)
{
    pthread_mutex_lock(&capture->lock);
    atomic_store(&capture->stopped, true);
    pthread_cond_broadcast(&capture->changed);
    pthread_mutex_unlock(&capture->lock);
}

bool capture_sleep(struct capture *capture, uint64_t seen, int64_t until_ns)
{
    struct timespec until = {.tv_sec = until_ns / SECONDS(1),
                             .tv_nsec = until_ns % SECONDS(1)};
    int rc = 0;
    pthread_mutex_lock(&capture->lock);
    atomic_fetch_add(&capture->sleepers, 1);
    while (rc == 0 && !atomic_load(&capture->stopped) &&
           atomic_load(&capture->news) == seen)
        rc = pthread_cond_timedwait(&capture->changed, &capture->lock, &until);
    atomic_fetch_sub(&capture->sleepers, 1);
    pthread_mutex_unlock(&capture->lock);
    return rc == 0;
}

/* ---- Reading -------------------------------------------------------------
 */

uint32_t capture_records(const struct capture *capture)
{
    return atomic_load_explicit(&capture->count, memory_order_acquire);
}

bool capture_is_full(const struct capture *capture)
{
    return capture_records(capture) == CAPTURE_MAX_RECORDS;
}

uint64_t capture_uncaptured(const struct capture *capture)
{
    return atomic_load_explicit(&capture->uncaptured, memory_order_relaxed);
}

const char *capture_cause(const struct capture *capture, uint32_t number)
{
    return record_at(capture, number)->cause;
}

static const char *interned_note(const struct capture *capture,
                                 const struct packet *packet)
{
    struct record *record = record_at(capture, packet->number);
    const char *known = atomic_load(&record->note);
    struct strbuf text = {0};
    if (known)
        return known;
    if (packet->fate & FATE_IN_FLIGHT)
        return "still in flight";
    capture_note(capture, packet, &text);
    char *mine = mem_strdup(strbuf_text(&text));
    strbuf_fini(&text);
    if (atomic_compare_exchange_strong(&record->note, &known, mine))
        return mine;
    free(mine); /* another reader was first */
    return known;
}

static const struct host *host_at(const struct link *link, unsigned port)
{
    return port < link->port_count ? link->ports[port].host : NULL;
}

void capture_bytes_of(const struct capture *capture, uint32_t number,
                      struct captured *out)
{
    const struct record *record = record_at(capture, number);
    *out = (struct captured){
        .data = record->data,
        .captured_bytes = record->captured_bytes,
        .length_bytes = record->length_bytes,
        .ethernet = capture->net->links[record->link]->ethernet,
        .fate = atomic_load_explicit(&record->fate, memory_order_acquire),
    };
}

unsigned capture_interface(const struct capture *capture, uint32_t number)
{
    const struct record *record = record_at(capture, number);
    return capture->interface_base[record->link] + record->from;
}

void capture_get(struct capture *capture, uint32_t number, bool notes,
                 struct packet *packet)
{
    const struct record *record = record_at(capture, number);
    const struct link *link = capture->net->links[record->link];
    unsigned fate = atomic_load_explicit(&record->fate, memory_order_acquire);
    *packet = (struct packet){
        .number = number,
        .copy_of = record->copy_of,
        .fate = fate,
        .sent_ns = record->sent_ns,
        .due_ns = record->due_ns,
        .delivered_ns =
            atomic_load_explicit(&record->delivered_ns, memory_order_relaxed),
        .from = host_at(link, record->from),
        .to = host_at(link, record->to),
        .link = link,
        .data = record->data,
        .captured_bytes = record->captured_bytes,
        .length_bytes = record->length_bytes,
    };
    packet_locate(packet, link->ethernet);
    if (notes)
        packet->note = interned_note(capture, packet);
}

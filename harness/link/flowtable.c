/* The flows of a link: two tables with open addressing, both by hash.
 *
 * The first finds the newest flow of a key (the 5-tuple as on the wire), the
 * second counts the flows of each class (the 5-tuple without ephemeral ports).
 * Nothing is ever removed: a net lives for seconds, and FLOW_TABLE_MAX bounds
 * what a flood of forged addresses can cost (about 100 MB). */
#include "link/flowtable.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/strbuf.h"

enum {
    /* Linux's net.ipv4.ip_local_port_range: what the kernel chooses. */
    EPHEMERAL_FIRST = 32768,
    EPHEMERAL_LAST = 60999,
    FIRST_SLOTS = 64,
    KEY_WORDS = sizeof(struct flow_key) / 8,
};
static_assert(sizeof(struct flow_key) % 8 == 0, "hashed as words");

static uint64_t key_hash(const struct flow_key *key)
{
    uint64_t words[KEY_WORDS];
    memcpy(words, key, sizeof(words));
    return hash_words(words, KEY_WORDS);
}

/* ---- Keys and classes ---------------------------------------------------- */

static struct flow_key key_of(const struct view *view, unsigned *half)
{
    int order = memcmp(view->src, view->dst, sizeof(view->src));
    *half = order > 0 || (order == 0 && view->src_port > view->dst_port);
    struct flow_key key = {.icmp_id = view->icmp_id,
                           .version = view->version,
                           .protocol = view->protocol,
                           .fragment = view->fragment};
    unsigned src = *half, dst = !*half;
    memcpy(key.addr[src], view->src, sizeof(view->src));
    memcpy(key.addr[dst], view->dst, sizeof(view->dst));
    key.port[src] = view->src_port;
    key.port[dst] = view->dst_port;
    return key;
}

static bool is_ephemeral(uint16_t port)
{
    return port >= EPHEMERAL_FIRST && port <= EPHEMERAL_LAST;
}

/* Leaves out of a key what another run would have otherwise. */
static struct flow_key class_of(const struct flow_key *key, unsigned half)
{
    struct flow_key class = *key;
    class.icmp_id = 0; /* ping draws it, or takes its pid */
    bool both = is_ephemeral(key->port[0]) && is_ephemeral(key->port[1]);
    for (unsigned end = 0; end < 2; end++) {
        /* Of two such ports, that to which the first packet went is the
         * service: somebody had to tell it to the sender. */
        bool service = both && end != half;
        if (is_ephemeral(key->port[end]) && !service)
            class.port[end] = 0;
        /* fe80::/10 is made of a MAC address, which may be random. */
        bool link_local = key->version == 6 && key->addr[end][0] == 0xfe &&
                          (key->addr[end][1] & 0xc0) == 0x80;
        if (link_local)
            memset(class.addr[end] + 2, 0, sizeof(class.addr[end]) - 2);
    }
    return class;
}

/* ---- Counting the flows of a class --------------------------------------- */

static struct class_count *class_slot(struct class_count *classes, size_t slots,
                                      uint64_t hash)
{
    size_t i = hash & (slots - 1);
    while (classes[i].hash != 0 && classes[i].hash != hash)
        i = (i + 1) & (slots - 1);
    return &classes[i];
}

static void grow_classes(struct flow_table *table)
{
    size_t slots = table->class_slots ? table->class_slots * 2 : FIRST_SLOTS;
    struct class_count *classes = mem_zalloc(slots * sizeof(*classes));
    for (size_t i = 0; i < table->class_slots; i++) {
        if (table->classes[i].hash != 0)
            *class_slot(classes, slots, table->classes[i].hash) =
                table->classes[i];
    }
    free(table->classes);
    table->classes = classes;
    table->class_slots = slots;
}

/* Two classes whose 64-bit hashes agree would share a count: harmless, and it
 * will not happen. */
static uint32_t next_ordinal(struct flow_table *table, uint64_t hash)
{
    hash = hash ? hash : 1;
    if (table->class_count * 2 >= table->class_slots)
        grow_classes(table);
    struct class_count *slot =
        class_slot(table->classes, table->class_slots, hash);
    table->class_count += slot->hash == 0;
    slot->hash = hash;
    return ++slot->count;
}

/* ---- Finding a flow by its key ------------------------------------------- */

static uint32_t *key_slot(const struct flow_table *table,
                          const struct flow_key *key)
{
    size_t mask = table->slot_count - 1;
    size_t i = key_hash(key) & mask;
    while (table->slots[i] != 0 &&
           memcmp(&table->flows[table->slots[i] - 1]->key, key, sizeof(*key)) !=
               0)
        i = (i + 1) & mask;
    return &table->slots[i];
}

static void grow_slots(struct flow_table *table)
{
    uint32_t *old = table->slots;
    size_t old_count = table->slot_count;
    table->slot_count = old_count ? old_count * 2 : FIRST_SLOTS;
    table->slots = mem_zalloc(table->slot_count * sizeof(*table->slots));
    for (size_t i = 0; i < old_count; i++) {
        if (old[i] != 0)
            *key_slot(table, &table->flows[old[i] - 1]->key) = old[i];
    }
    free(old);
}

static struct flow *add_flow(struct flow_table *table,
                             const struct flow_key *key, unsigned half)
{
    if (table->count == table->capacity) {
        table->capacity = table->capacity ? table->capacity * 2 : 64;
        /* It is an array of pointers: NOLINTNEXTLINE(bugprone-sizeof-*) */
        size_t bytes = table->capacity * sizeof(struct flow *);
        table->flows = mem_realloc(table->flows, bytes);
    }
    struct flow *flow = mem_zalloc(sizeof(*flow));
    flow->key = *key;
    flow->class = class_of(key, half);
    uint64_t hash = key_hash(&flow->class);
    flow->ordinal = next_ordinal(table, hash);
    flow->label = hash_words((uint64_t[]){hash, flow->ordinal}, 2);
    table->flows[table->count++] = flow;
    flow->number = table->count;
    return flow;
}

bool flow_is_crowd(const struct flow *flow)
{
    return flow->number == FLOW_TABLE_MAX;
}

struct flow *flow_table_find(struct flow_table *table, const struct view *view,
                             unsigned *half)
{
    struct flow_key key = key_of(view, half);
    if ((size_t)table->count * 2 >= table->slot_count)
        grow_slots(table);
    uint32_t *slot = key_slot(table, &key);
    if (*slot == 0 && table->count == FLOW_TABLE_MAX)
        return table->flows[FLOW_TABLE_MAX - 1];
    if (*slot == 0)
        *slot = add_flow(table, &key, *half)->number;
    return table->flows[*slot - 1];
}

struct flow *flow_table_renew(struct flow_table *table, struct flow *flow,
                              const struct view *view)
{
    unsigned half;
    struct flow_key key = key_of(view, &half);
    if (table->count == FLOW_TABLE_MAX)
        return flow;
    struct flow *fresh = add_flow(table, &key, half);
    *key_slot(table, &key) = fresh->number;
    /* The old one is not found any more; only its name may be asked for. */
    stream_fini(&flow->halves[0].stream);
    stream_fini(&flow->halves[1].stream);
    return fresh;
}

void flow_table_fini(struct flow_table *table)
{
    for (uint32_t i = 0; i < table->count; i++) {
        stream_fini(&table->flows[i]->halves[0].stream);
        stream_fini(&table->flows[i]->halves[1].stream);
        free(table->flows[i]);
    }
    free(table->flows);
    free(table->slots);
    free(table->classes);
    *table = (struct flow_table){0};
}

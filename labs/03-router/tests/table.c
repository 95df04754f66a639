/* A routing table as large as the Internet's; see table.h.
 *
 * Lengths are drawn from the shares below, which are those of public views of
 * the BGP table (README.md#a-full-table names them).  Half of the prefixes are
 * put inside one that is there already, for about half of the real ones are
 * more specific than another; the rest lies anywhere in unicast space, which
 * is less clustered than real allocations, and so harder on a cache. */
#include "tests/table.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOPS = 300, LINE_BYTES = 100, SPARE = 64 };

struct share {
    unsigned length;
    unsigned per_10000;
};

static const struct share shares4[] = {
    {8, 1},    {9, 1},    {10, 1},    {11, 1},    {12, 3},    {13, 6},
    {14, 12},  {15, 20},  {16, 138},  {17, 85},   {18, 142},  {19, 255},
    {20, 460}, {21, 530}, {22, 1120}, {23, 1010}, {24, 6215},
};

static const struct share shares6[] = {
    {20, 5},    {24, 10},  {28, 60},  {29, 240},  {30, 60},  {31, 40},
    {32, 1230}, {33, 190}, {34, 160}, {35, 80},   {36, 460}, {38, 120},
    {39, 60},   {40, 970}, {41, 50},  {42, 200},  {43, 60},  {44, 990},
    {45, 110},  {46, 300}, {47, 250}, {48, 4355},
};

/* splitmix64 */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static unsigned draw_length(uint64_t *state, unsigned bits)
{
    const struct share *shares = bits == 32 ? shares4 : shares6;
    size_t count = bits == 32 ? sizeof(shares4) / sizeof(shares4[0])
                              : sizeof(shares6) / sizeof(shares6[0]);
    unsigned at = (unsigned)(draw(state) % 10000);
    for (size_t i = 0; i < count; i++) {
        if (at < shares[i].per_10000)
            return shares[i].length;
        at -= shares[i].per_10000;
    }
    return shares[count - 1].length;
}

static uint64_t ones(unsigned count)
{
    return count == 0   ? 0
           : count < 64 ? ~(uint64_t)0 << (64 - count)
                        : ~(uint64_t)0;
}

static struct key mask_of(unsigned length)
{
    return (struct key){ones(length), length > 64 ? ones(length - 64) : 0};
}

static struct key cut(struct key key, unsigned length)
{
    struct key mask = mask_of(length);
    return (struct key){key.high & mask.high, key.low & mask.low};
}

/* The bits of `inner` behind the first `length` ones of `outer`. */
static struct key join(struct key outer, struct key inner, unsigned length)
{
    struct key mask = mask_of(length);
    return (struct key){outer.high | (inner.high & ~mask.high),
                        outer.low | (inner.low & ~mask.low)};
}

static int compare(struct key a, struct key b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return a.low < b.low ? -1 : a.low > b.low;
}

static int by_prefix(const void *a, const void *b)
{
    const struct entry *one = a, *other = b;
    int order = compare(one->base, other->base);
    if (one->bits != other->bits)
        return one->bits - other->bits;
    return order ? order : one->length - other->length;
}

static struct key random_key(uint64_t *state, unsigned bits)
{
    struct key key = {draw(state), draw(state)};
    if (bits == 128) /* 2000::/3 */
        return (struct key){key.high >> 3 | (uint64_t)1 << 61, key.low};
    uint64_t first = 1 + draw(state) % 223; /* 1.0.0.0 to 223.255.255.255 */
    return (struct key){
        (first << 56 | (key.high & ~(uint64_t)0 >> 8)) & ones(32), 0};
}

static struct entry draw_entry(uint64_t *state, unsigned bits,
                               const struct entry *there, size_t count)
{
    struct entry entry = {.bits = (uint8_t)bits};
    struct key key = random_key(state, bits);
    entry.length = (uint8_t)draw_length(state, bits);
    if (count > 0 && draw(state) % 2) {
        const struct entry *outer = &there[draw(state) % count];
        if (outer->length < entry.length)
            key = join(outer->base, key, outer->length);
    }
    entry.base = cut(key, entry.length);
    entry.hop = (uint16_t)(1 + draw(state) % HOPS);
    return entry;
}

static size_t unique(struct entry *entries, size_t count)
{
    size_t kept = 0;
    qsort(entries, count, sizeof(entries[0]), by_prefix);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || by_prefix(&entries[kept - 1], &entries[i]) != 0)
            entries[kept++] = entries[i];
    }
    return kept;
}

static void shuffle(struct entry *entries, size_t count, uint64_t *state)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = draw(state) % i;
        struct entry swapped = entries[i - 1];
        entries[i - 1] = entries[j];
        entries[j] = swapped;
    }
}

static void fill(struct full_table *table, uint64_t *state, unsigned bits,
                 size_t count)
{
    struct entry *entries = table->entries + table->count;
    size_t have = 0;
    while (have < count) {
        for (size_t i = have; i < count + SPARE; i++)
            entries[i] = draw_entry(state, bits, entries, have);
        have = unique(entries, count + SPARE);
    }
    shuffle(entries, have, state);
    table->count += count; /* the last ones are left out */
}

static struct full_table table_of(size_t count)
{
    struct full_table table = {
        .entries = calloc(count + 2 * SPARE, sizeof(struct entry))};
    if (table.entries == NULL)
        abort(); /* a test that has no memory for its table */
    return table;
}

struct full_table table_make(uint64_t seed, size_t count4, size_t count6)
{
    struct full_table table = table_of(count4 + count6);
    uint64_t state = seed;
    fill(&table, &state, 32, count4);
    fill(&table, &state, 128, count6);
    shuffle(table.entries, table.count, &state);
    return table;
}

/* Few bits are set, so that many have the same first ones. */
static uint64_t draw_sparse(uint64_t *state)
{
    uint64_t bits = draw(state);
    return bits & draw(state);
}

struct full_table table_make_dense(uint64_t seed, unsigned bits, size_t count)
{
    struct full_table table = table_of(count);
    uint64_t state = seed;
    for (size_t i = 0; i < count; i++) {
        struct entry *entry = &table.entries[i];
        /* Few different first bits, so that prefixes nest; any length. */
        struct key key = {draw_sparse(&state) | ones(3), 0};
        key.low = bits == 128 ? draw_sparse(&state) : 0;
        entry->length = (uint8_t)(draw(&state) % (bits + 1));
        entry->bits = (uint8_t)bits;
        if (i > 0 && draw(&state) % 4)
            key = join(cut(table.entries[i / 2].base, entry->length / 2), key,
                       entry->length / 2);
        entry->base = cut(bits == 32 ? cut(key, 32) : key, entry->length);
        entry->hop = (uint16_t)(1 + draw(&state) % HOPS);
    }
    table.count = unique(table.entries, count);
    shuffle(table.entries, table.count, &state);
    return table;
}

void table_free(struct full_table *table)
{
    free(table->entries);
    *table = (struct full_table){0};
}

/* ---- Text ---------------------------------------------------------------- */

void key_format(char *text, struct key key, unsigned bits)
{
    uint8_t bytes[16];
    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(key.high >> (56 - 8 * i));
        bytes[8 + i] = (uint8_t)(key.low >> (56 - 8 * i));
    }
    inet_ntop(bits == 32 ? AF_INET : AF_INET6, bytes, text, 48);
}

void hop_format(char *text, unsigned hop, unsigned bits)
{
    if (bits == 32)
        snprintf(text, 48, "10.255.%u.%u", hop >> 8, hop & 255);
    else
        snprintf(text, 48, "fe80::%x", hop);
}

char *table_text(const struct full_table *table, size_t *bytes)
{
    char *text = malloc(table->count * LINE_BYTES + 1);
    size_t used = 0;
    for (size_t i = 0; text && i < table->count; i++) {
        const struct entry *entry = &table->entries[i];
        char base[48], hop[48];
        key_format(base, entry->base, entry->bits);
        hop_format(hop, entry->hop, entry->bits);
        used += (size_t)sprintf(text + used, "%s/%u %s\n", base, entry->length,
                                hop);
    }
    *bytes = used;
    return text;
}

char *questions_text(const struct question *questions, size_t count,
                     size_t *bytes)
{
    char *text = malloc(count * 48 + 1);
    size_t used = 0;
    for (size_t i = 0; text && i < count; i++) {
        key_format(text + used, questions[i].key, questions[i].bits);
        used += strlen(text + used);
        text[used++] = '\n';
    }
    *bytes = used;
    return text;
}

/* ---- Answers ------------------------------------------------------------- */

static struct key last_of(const struct entry *entry)
{
    struct key mask = mask_of(entry->length), all = mask_of(entry->bits);
    return (struct key){entry->base.high | (all.high & ~mask.high),
                        entry->base.low | (all.low & ~mask.low)};
}

static struct question draw_question(const struct full_table *table,
                                     uint64_t *state)
{
    const struct entry *entry = &table->entries[draw(state) % table->count];
    struct question question = {.bits = entry->bits};
    struct key random = random_key(state, entry->bits);
    struct key last = last_of(entry);
    switch (draw(state) % 6) {
    case 0:
        question.key = entry->base;
        break;
    case 1:
        question.key = last;
        break;
    case 2: /* the one behind: of IPv4, bit 32 is the last of `high` */
        question.key = last;
        if (entry->bits == 32)
            question.key.high += (uint64_t)1 << 32;
        else if (++question.key.low == 0)
            question.key.high++;
        break;
    case 3:
    case 4:
        question.key = join(entry->base, random, entry->length);
        break;
    default:
        question.key = random;
    }
    return question;
}

static int by_key(const void *a, const void *b)
{
    const struct question *one = a, *other = b;
    if (one->bits != other->bits)
        return one->bits - other->bits;
    return compare(one->key, other->key);
}

/* The first question that is not below a key. */
static size_t first_from(const struct question *questions, size_t count,
                         const struct question *from)
{
    size_t low = 0;
    while (count > 0) {
        size_t half = count / 2;
        if (by_key(&questions[low + half], from) < 0) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

static void hold_against(const struct entry *entry, struct question *questions,
                         size_t count)
{
    struct question from = {.key = entry->base, .bits = entry->bits};
    struct key last = last_of(entry);
    size_t i = first_from(questions, count, &from);
    for (; i < count && questions[i].bits == entry->bits &&
           compare(questions[i].key, last) <= 0;
         i++) {
        if (entry->length + 1 <= questions[i].best_length)
            continue;
        questions[i].best_length = (uint8_t)(entry->length + 1);
        questions[i].hop = entry->hop;
    }
}

struct question *table_ask(const struct full_table *table, uint64_t seed,
                           size_t count)
{
    struct question *questions = calloc(count, sizeof(*questions));
    uint64_t state = seed ^ 0x5ca1ab1e;
    if (questions == NULL)
        abort(); /* as above */
    for (size_t i = 0; i < count; i++)
        questions[i] = draw_question(table, &state);
    qsort(questions, count, sizeof(questions[0]), by_key);
    for (size_t i = 0; i < table->count; i++)
        hold_against(&table->entries[i], questions, count);
    for (size_t i = count; i > 1; i--) { /* not in order, or a cache helps */
        size_t j = draw(&state) % i;
        struct question swapped = questions[i - 1];
        questions[i - 1] = questions[j];
        questions[j] = swapped;
    }
    return questions;
}

/* Fuzzes tables: their reading, and that both structures answer alike.
 *
 * The input is a file as fib reads it.  What must hold: an accepted one is in
 * order, no prefix twice; and trie and lpm agree on the first and last address
 * of each prefix, and on those beside them. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>

#include "table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const struct trie *trie, const struct lpm *lpm,
                    struct addr addr)
{
    uint32_t one = trie_lookup(trie, &addr), other = lpm_lookup(lpm, &addr);
    assert(one == other);
}

static void compare_around(const struct trie *trie, const struct lpm *lpm,
                           const struct prefix *prefix)
{
    unsigned bits = prefix->base.bits;
    struct addr last = prefix_last(prefix), mask = prefix_mask(bits, bits);
    compare(trie, lpm, prefix->base);
    compare(trie, lpm, last);
    struct addr before = prefix->base, behind = last;
    before.high =
        (before.high - (bits == 32 ? (uint64_t)1 << 32 : before.low == 0)) &
        mask.high;
    before.low = (before.low - (bits == 128)) & mask.low;
    behind.low = (behind.low + (bits == 128)) & mask.low;
    behind.high =
        (behind.high + (bits == 32 ? (uint64_t)1 << 32 : behind.low == 0)) &
        mask.high;
    compare(trie, lpm, before);
    compare(trie, lpm, behind);
}

static void check_family(const struct table *table, unsigned bits)
{
    struct trie trie = {0};
    struct lpm lpm;
    size_t count;
    const struct lpm_route *routes = table_family(table, bits, &count);
    int error = lpm_build(&lpm, routes, count);
    assert(error == 0);
    for (size_t i = 0; i < count; i++) {
        error = trie_insert(&trie, &routes[i].prefix, routes[i].hop);
        assert(error == 0);
        assert(i == 0 ||
               prefix_compare(&routes[i - 1].prefix, &routes[i].prefix) < 0);
    }
    for (size_t i = 0; i < count; i++)
        compare_around(&trie, &lpm, &routes[i].prefix);
    trie_fini(&trie);
    lpm_fini(&lpm);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct table table;
    size_t line;
    const char *problem;
    if (size == 0)
        return 0;
    FILE *file = fmemopen((void *)(uintptr_t)data, size, "r");
    assert(file);
    if (table_read(&table, file, &line, &problem) == 0) {
        check_family(&table, ADDR4_BITS);
        check_family(&table, ADDR6_BITS);
    }
    fclose(file);
    table_fini(&table);
    return 0;
}

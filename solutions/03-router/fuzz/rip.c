/* Fuzzes rip_parse(): any datagram.  What must hold: entries make sense, and
 * written again and read again they are the same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct rip_entry *entry, unsigned command)
{
    assert(entry->metric >= 1 && entry->metric <= RIP_INFINITY);
    if (entry->prefix.base.bits == 0) {
        assert(command == RIP_REQUEST);
        return;
    }
    assert(entry->prefix.length <= 32);
    struct prefix cut = prefix_of(&entry->prefix.base, entry->prefix.length);
    assert(prefix_compare(&cut, &entry->prefix) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rip_entry entries[RIP_MAX_ENTRIES], again[RIP_MAX_ENTRIES];
    uint8_t message[RIP_HEADER_BYTES + RIP_MAX_ENTRIES * RIP_ENTRY_BYTES];
    unsigned command, command_again;
    uint8_t *copy = malloc(size ? size : 1); /* exact: overruns are seen */
    assert(copy);
    memcpy(copy, data, size);
    int n = rip_parse(copy, size, &command, entries);
    free(copy);
    if (n < 0)
        return 0;
    assert(n <= RIP_MAX_ENTRIES);
    for (int i = 0; i < n; i++)
        check(&entries[i], command);
    size_t bytes = rip_format(message, command, entries, (size_t)n);
    int m = rip_parse(message, bytes, &command_again, again);
    assert(m == n && command_again == command);
    for (int i = 0; i < n; i++)
        assert(entries[i].metric == again[i].metric &&
               prefix_compare(&entries[i].prefix, &again[i].prefix) == 0);
    return 0;
}

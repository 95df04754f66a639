/* RIP messages read and written; rip.h draws one. */
#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "rip.h"
//> #include "say.h"

/* BEGIN SOLUTION 6 */
enum { FAMILY_IP4 = 2, FAMILY_ANY = 0 };

/* The length of a mask, or -1: ones must not follow zeros. */
static int mask_length(uint32_t mask)
{
    int length = __builtin_popcount(mask);
    uint32_t right = length == 0 ? 0 : UINT32_MAX << (32 - length);
    return mask == right ? length : -1;
}

/* A prefix that a router might want a way to. */
static bool is_sane(const struct prefix *prefix, const struct addr *address)
{
    uint32_t value = (uint32_t)(address->high >> 32);
    if (!addr_equal(&prefix->base, address) || value >= 0xe0000000)
        return false;
    return prefix->length == 0 || (value >> 24 != 0 && value >> 24 != 127);
}

static bool parse_entry(const uint8_t *at, unsigned command,
                        struct rip_entry *entry)
{
    uint16_t family = get_be16(at);
    uint32_t metric = get_be32(at + 16);
    *entry = (struct rip_entry){.metric = metric};
    if (metric < 1 || metric > RIP_INFINITY)
        return false;
    if (command == RIP_REQUEST && family == FAMILY_ANY)
        return true; /* "all that you have" */
    int length = mask_length(get_be32(at + 8));
    if (family != FAMILY_IP4 || length < 0)
        return false;
    struct addr address = addr_get(at + 4, ADDR4_BITS);
    entry->prefix = prefix_of(&address, (unsigned)length);
    if (get_be32(at + 12) != 0)
        entry->via = addr_get(at + 12, ADDR4_BITS);
    return is_sane(&entry->prefix, &address);
}

/* END SOLUTION */
/* DOC: rip-parse */
int rip_parse(const uint8_t *bytes, size_t count, unsigned *command,
              struct rip_entry *entries)
{
    /* BEGIN SOLUTION 6 */
    if (count < RIP_HEADER_BYTES || bytes[1] != RIP_VERSION ||
        (count - RIP_HEADER_BYTES) % RIP_ENTRY_BYTES != 0 ||
        count > RIP_HEADER_BYTES + RIP_MAX_ENTRIES * RIP_ENTRY_BYTES)
        return -EBADMSG;
    *command = bytes[0];
    if (*command != RIP_REQUEST && *command != RIP_RESPONSE)
        return -EBADMSG;
    int n = 0;
    for (size_t at = RIP_HEADER_BYTES; at < count; at += RIP_ENTRY_BYTES)
        n += parse_entry(bytes + at, *command, &entries[n]);
    return n;
    /* END SOLUTION */
    //> (void)bytes, (void)count, (void)command, (void)entries;
    //> UNWRITTEN_HERE(6, "rip_parse() in ripmsg.c");
    //> return -EBADMSG;
}

size_t rip_format(uint8_t *bytes, unsigned command,
                  const struct rip_entry *entries, size_t count)
{
    /* BEGIN SOLUTION 6 */
    size_t total = RIP_HEADER_BYTES + count * RIP_ENTRY_BYTES;
    memset(bytes, 0, total);
    bytes[0] = (uint8_t)command;
    bytes[1] = RIP_VERSION;
    for (size_t i = 0; i < count; i++) {
        const struct rip_entry *entry = &entries[i];
        uint8_t *at = bytes + RIP_HEADER_BYTES + i * RIP_ENTRY_BYTES;
        put_be32(at + 16, entry->metric);
        if (entry->prefix.base.bits == 0)
            continue; /* the request for all */
        struct addr mask = prefix_mask(entry->prefix.length, ADDR4_BITS);
        put_be16(at, FAMILY_IP4);
        addr_put(at + 4, &entry->prefix.base);
        addr_put(at + 8, &mask);
        if (entry->via.bits)
            addr_put(at + 12, &entry->via);
    }
    return total;
    /* END SOLUTION */
    //> (void)bytes, (void)command, (void)entries, (void)count;
    //> UNWRITTEN_HERE(6, "rip_format() in ripmsg.c");
    //> return 0;
}

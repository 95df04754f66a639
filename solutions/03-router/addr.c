/* Addresses; see addr.h.
 *
 * IPv6 text (RFC 5952 section 4).  One address may be written in many ways, and
 * people compare addresses as strings: in logs, in access lists, in grep.  So
 * there is one right way to write each: lower case, no leading zeros, and "::"
 * for the longest run of two or more zero groups, the first of equal ones. */
#include "addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

//> #include "say.h"
//>
enum { GROUPS = 8, MAPPED_GROUPS = 6 };

int addr_parse(const char *text, struct addr *addr)
{
    uint8_t bytes[16];
    if (inet_pton(AF_INET, text, bytes) == 1)
        *addr = addr_get(bytes, ADDR4_BITS);
    else if (inet_pton(AF_INET6, text, bytes) == 1)
        *addr = addr_get(bytes, ADDR6_BITS);
    else
        return -EINVAL;
    return 0;
}

/* BEGIN SOLUTION 1 */
static unsigned group(const struct addr *addr, unsigned i)
{
    uint64_t half = i < GROUPS / 2 ? addr->high : addr->low;
    return half >> (48 - i % (GROUPS / 2) * 16) & 0xffff;
}

/* Finds the run of zero groups that "::" stands for.  Returns its length, 0 if
 * no run has two groups. */
static unsigned longest_zeros(const struct addr *addr, unsigned *first)
{
    unsigned best = 1;
    *first = GROUPS;
    for (unsigned i = 0; i < GROUPS; i++) {
        unsigned run = 0;
        while (i + run < GROUPS && group(addr, i + run) == 0)
            run++;
        if (run > best) {
            best = run;
            *first = i;
        }
    }
    return best > 1 ? best : 0;
}

static void format4(char *text, uint32_t value)
{
    snprintf(text, ADDR_TEXT_BYTES, "%u.%u.%u.%u", value >> 24,
             value >> 16 & 255, value >> 8 & 255, value & 255);
}

static bool is_mapped(const struct addr *addr)
{
    return addr->high == 0 && addr->low >> 32 == 0xffff;
}

static void format6(char *text, const struct addr *addr)
{
    unsigned first, run = longest_zeros(addr, &first);
    size_t used = 0;
    for (unsigned i = 0; i < GROUPS; i++) {
        if (run > 0 && i == first) {
            used += (size_t)sprintf(text + used, "::");
            i += run - 1;
            continue;
        }
        const char *colon = i > 0 && text[used - 1] != ':' ? ":" : "";
        used += (size_t)sprintf(text + used, "%s%x", colon, group(addr, i));
    }
}

/* END SOLUTION */
/* DOC: addr-format
 * An IPv4-mapped address shows the IPv4 address in it (RFC 5952 section 5). */
void addr_format(char *text, const struct addr *addr)
{
    /* BEGIN SOLUTION 1 */
    if (addr->bits == ADDR4_BITS) {
        format4(text, (uint32_t)(addr->high >> 32));
    } else if (is_mapped(addr)) {
        memcpy(text, "::ffff:", 8);
        format4(text + 7, (uint32_t)addr->low);
    } else {
        format6(text, addr);
    }
    /* END SOLUTION */
    //> (void)text, (void)addr;
    //> unwritten(1, "addr_format() in addr.c");
}

/* ---- Bits; there is nothing to write below --------------------------------
 */

static uint64_t get_be(const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void put_be(uint8_t *bytes, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> (56 - 8 * i));
}

struct addr addr_get(const uint8_t *bytes, unsigned bits)
{
    if (bits == ADDR4_BITS)
        return (struct addr){.high = get_be(bytes, 4) << 32, .bits = bits};
    return (struct addr){get_be(bytes, 8), get_be(bytes + 8, 8), bits};
}

void addr_put(uint8_t *bytes, const struct addr *addr)
{
    uint8_t all[16];
    put_be(all, addr->high);
    put_be(all + 8, addr->low);
    memcpy(bytes, all, addr->bits / 8);
}

bool addr_bit(const struct addr *addr, unsigned i)
{
    return (i < 64 ? addr->high >> (63 - i) : addr->low >> (127 - i)) & 1;
}

void addr_set_bit(struct addr *addr, unsigned i)
{
    if (i < 64)
        addr->high |= (uint64_t)1 << (63 - i);
    else
        addr->low |= (uint64_t)1 << (127 - i);
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
    return a->bits == b->bits && a->high == b->high && a->low == b->low;
}

int addr_compare(const struct addr *a, const struct addr *b)
{
    if (a->bits != b->bits)
        return a->bits < b->bits ? -1 : 1;
    if (a->high != b->high)
        return a->high < b->high ? -1 : 1;
    return a->low < b->low ? -1 : a->low > b->low;
}

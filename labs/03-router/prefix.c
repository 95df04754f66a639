/* Prefixes; see prefix.h.
 *
 * The trap of this file is a shift.  In C a shift by the width of the type is
 * undefined: on x86 `1u << 32` is 1, since the processor looks at five bits of
 * the count, and a mask made by `~0u << (32 - length)` is right for every
 * length but 0.  The default route is then a route to one host. */
#include "prefix.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

struct addr prefix_mask(unsigned length, unsigned bits)
{
    (void)length, (void)bits;
    unwritten(1, "prefix_mask() in prefix.c");
}

struct prefix prefix_of(const struct addr *addr, unsigned length)
{
    struct addr mask = prefix_mask(length, addr->bits);
    return (struct prefix){
        .base = {addr->high & mask.high, addr->low & mask.low, addr->bits},
        .length = length};
}

/* Digits alone, no leading zero. */
static int parse_length(const char *text, unsigned most, unsigned *length)
{
    char *end;
    if (text[0] < '0' || text[0] > '9' || (text[0] == '0' && text[1] != '\0'))
        return -EINVAL;
    unsigned long value = strtoul(text, &end, 10);
    if (*end != '\0' || value > most)
        return -EINVAL;
    *length = (unsigned)value;
    return 0;
}

int prefix_parse(const char *text, struct prefix *prefix, struct addr *addr)
{
    char copy[PREFIX_TEXT_BYTES];
    struct addr written;
    if (strlen(text) >= sizeof(copy))
        return -EINVAL;
    snprintf(copy, sizeof(copy), "%s", text);
    char *slash = strchr(copy, '/');
    if (slash)
        *slash = '\0';
    if (addr_parse(copy, &written) < 0)
        return -EINVAL;
    unsigned length = written.bits;
    if (slash && parse_length(slash + 1, written.bits, &length) < 0)
        return -EINVAL;
    *prefix = prefix_of(&written, length);
    if (addr)
        *addr = written;
    return addr_equal(&prefix->base, &written) ? 0 : -EDOM;
}

void prefix_format(char *text, const struct prefix *prefix)
{
    addr_format(text, &prefix->base);
    sprintf(text + strlen(text), "/%u", prefix->length);
}

bool prefix_contains(const struct prefix *prefix, const struct addr *addr)
{
    if (addr->bits != prefix->base.bits)
        return false;
    struct prefix same = prefix_of(addr, prefix->length);
    return addr_equal(&same.base, &prefix->base);
}

bool prefix_covers(const struct prefix *prefix, const struct prefix *other)
{
    return other->length >= prefix->length &&
           prefix_contains(prefix, &other->base);
}

struct addr prefix_last(const struct prefix *prefix)
{
    (void)prefix;
    unwritten(1, "prefix_last() in prefix.c");
}

struct prefix prefix_half(const struct prefix *prefix, bool bit)
{
    struct prefix half = {prefix->base, prefix->length + 1};
    if (bit)
        addr_set_bit(&half.base, prefix->length);
    return half;
}

/* DOC: prefix-count
 * 2^128 has one bit more than any integer type has, so the decimal digits
 * themselves are doubled. */
void prefix_count(char *text, const struct prefix *prefix)
{
    char digits[COUNT_TEXT_BYTES] = {1}; /* the last digit first */
    unsigned count = 1;
    for (unsigned i = prefix->length; i < prefix->base.bits; i++) {
        unsigned carry = 0;
        for (unsigned d = 0; d < count; d++) {
            unsigned doubled = 2u * (unsigned)digits[d] + carry;
            digits[d] = (char)(doubled % 10);
            carry = doubled / 10;
        }
        if (carry > 0)
            digits[count++] = (char)carry;
    }
    for (unsigned d = 0; d < count; d++)
        text[d] = (char)('0' + digits[count - 1 - d]);
    text[count] = '\0';
}

int prefix_compare(const struct prefix *a, const struct prefix *b)
{
    int order = addr_compare(&a->base, &b->base);
    if (order != 0)
        return order;
    return a->length < b->length ? -1 : a->length > b->length;
}

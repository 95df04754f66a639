/* Prefixes: 192.0.2.0/24, 2001:db8::/32. */
#ifndef PREFIX_H
#define PREFIX_H

#include "addr.h"

enum { PREFIX_TEXT_BYTES = ADDR_TEXT_BYTES + 4, COUNT_TEXT_BYTES = 48 };

struct prefix {
    struct addr base; /* bits beyond `length` are 0 */
    unsigned length;  /* 0 .. base.bits */
};

/* The mask of that length: ones, then zeros.  0 <= length <= bits. */
struct addr prefix_mask(unsigned length, unsigned bits);

/* The prefix of that length which holds the address. */
struct prefix prefix_of(const struct addr *addr, unsigned length);

/* Reads "ADDRESS/LENGTH", or an address alone, which is a prefix of one.  Sets
 * *addr (may be NULL) to the address as written.  Returns 0, -EINVAL if it is
 * none, or -EDOM if bits beyond the length are set (prefix is then cut to it).
 */
int prefix_parse(const char *text, struct prefix *prefix, struct addr *addr);
void prefix_format(char *text, const struct prefix *prefix);

/* Whether the address, or all of the other prefix, lies within. */
bool prefix_contains(const struct prefix *prefix, const struct addr *addr);
bool prefix_covers(const struct prefix *prefix, const struct prefix *other);

/* The last address. */
struct addr prefix_last(const struct prefix *prefix);
/* The half whose next bit is `bit`.  length < base.bits. */
struct prefix prefix_half(const struct prefix *prefix, bool bit);
/* How many addresses there are, in decimal: up to 2^128.  COUNT_TEXT_BYTES. */
void prefix_count(char *text, const struct prefix *prefix);

/* By family, base, then length: a prefix stands before those in it. */
int prefix_compare(const struct prefix *a, const struct prefix *b);

#endif

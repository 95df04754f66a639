/* What the receiver holds beyond a hole, as SACK reports it: ranges, the one
 * touched last in front (RFC 2018, section 4). */
#ifndef RANGES_H
#define RANGES_H

#include <stddef.h>
#include <stdint.h>

enum { RANGES_MAX = 64 };

/* Segments [first, end), by index. */
struct range {
    uint64_t first, end;
};

struct ranges {
    struct range list[RANGES_MAX];
    size_t count;
};

/* Adds one segment.  Where there is no room the range touched longest ago is
 * forgotten: the sender then hears of it once the hole before it is filled. */
void ranges_add(struct ranges *ranges, uint64_t index);
/* Forgets what lies before `index`: the cumulative ACK covers it now. */
void ranges_trim(struct ranges *ranges, uint64_t index);

#endif

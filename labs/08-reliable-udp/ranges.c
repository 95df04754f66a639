/* Ranges kept disjoint and apart: a new segment first swallows the ranges it
 * touches, then the result goes to the front.
 *
 *      list: [15,17) [20,21)     add 17:  [15,18) [20,21)
 *                                add 30:  [30,31) [15,18) [20,21)
 *                                add 19:  [19,21) [30,31) [15,18)
 */
#include "ranges.h"

#include <string.h>

static void remove_at(struct ranges *ranges, size_t i)
{
    ranges->count--;
    memmove(&ranges->list[i], &ranges->list[i + 1],
            (ranges->count - i) * sizeof(ranges->list[0]));
}

static void put_in_front(struct ranges *ranges, struct range range)
{
    if (ranges->count == RANGES_MAX)
        ranges->count--;
    memmove(&ranges->list[1], &ranges->list[0],
            ranges->count * sizeof(ranges->list[0]));
    ranges->list[0] = range;
    ranges->count++;
}

void ranges_add(struct ranges *ranges, uint64_t index)
{
    /* Checkpoint 6: merge what touches, then put it in front. */
    put_in_front(ranges, (struct range){index, index + 1});
}

void ranges_trim(struct ranges *ranges, uint64_t index)
{
    for (size_t i = 0; i < ranges->count;) {
        struct range *range = &ranges->list[i];
        if (range->end <= index) {
            remove_at(ranges, i);
            continue;
        }
        if (range->first < index)
            range->first = index;
        i++;
    }
}

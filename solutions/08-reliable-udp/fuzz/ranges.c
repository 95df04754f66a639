/* Fuzzes ranges_add() and ranges_trim() against a row of flags, one a segment.
 *
 * What must hold, after each step: the ranges are disjoint and apart, hold
 * nothing that was not added or was trimmed, and hold all that was while there
 * was room; the first one holds the segment added last. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "ranges.h"

enum { SEGMENTS = 256 };

struct model {
    bool has[SEGMENTS];
    uint64_t low; /* trimmed up to here */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_apart(const struct ranges *ranges)
{
    assert(ranges->count <= RANGES_MAX);
    for (size_t i = 0; i < ranges->count; i++) {
        const struct range *a = &ranges->list[i];
        assert(a->first < a->end);
        for (size_t j = 0; j < i; j++) {
            const struct range *b = &ranges->list[j];
            assert(a->end < b->first || b->end < a->first);
        }
    }
}

/* Returns how many segments the ranges hold, all of them known. */
static unsigned count_held(const struct ranges *ranges,
                           const struct model *model)
{
    unsigned held = 0;

    for (size_t i = 0; i < ranges->count; i++) {
        const struct range *range = &ranges->list[i];
        assert(range->first >= model->low && range->end <= SEGMENTS);
        for (uint64_t s = range->first; s < range->end; s++, held++)
            assert(model->has[s]);
    }
    return held;
}

static unsigned count_added(const struct model *model)
{
    unsigned added = 0;

    for (uint64_t s = model->low; s < SEGMENTS; s++)
        added += model->has[s];
    return added;
}

static void add(struct ranges *ranges, struct model *model, uint64_t index)
{
    ranges_add(ranges, index);
    model->has[index] = true;
    assert(ranges->count > 0 && ranges->list[0].first <= index &&
           index < ranges->list[0].end);
}

static void trim(struct ranges *ranges, struct model *model, uint64_t index)
{
    ranges_trim(ranges, index);
    memset(model->has, 0, index);
    if (index > model->low)
        model->low = index;
}

/* Each pair of bytes is a step: trim when the first is 0, else add. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ranges ranges = {0};
    struct model model = {0};
    bool was_full = false; /* then ranges may be forgotten */

    for (; size >= 2; data += 2, size -= 2) {
        if (data[0] == 0)
            trim(&ranges, &model, data[1]);
        else if (data[1] >= model.low)
            add(&ranges, &model, data[1]);
        was_full |= ranges.count == RANGES_MAX;
        check_apart(&ranges);
        unsigned held = count_held(&ranges, &model);
        assert(was_full || held == count_added(&model));
    }
    return 0;
}

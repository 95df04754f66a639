/* Any packets, one after the other: each two bytes of length, then the packet.
 * Units must be within what flow.h promises, and the same in a second run. */
#include <assert.h>
#include <string.h>

#include "link/fate.h"
#include "link/flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_units(const struct flows *flows, const struct unit *units,
                        size_t count)
{
    char name[FLOW_NAME_BYTES];
    for (size_t i = 0; i < count; i++) {
        assert(units[i].kind <= UNIT_ACK);
        assert(units[i].flow >= 1);
        assert(flows_name(flows, units[i].flow, name, sizeof(name)) > 0);
        if (units[i].kind == UNIT_DATA)
            assert(units[i].offset_bytes / FLOW_CELL_BYTES == units[i].index);
    }
}

static void check_fate(struct fater *fater, const struct unit *units,
                       size_t count)
{
    static const char text[] =
        "delay 10ms 5ms 25% loss gemodel 5% 20% duplicate 5% 10% corrupt 5% "
        "reorder 10% 50% gap 3";
    struct scan_error error;
    struct profile profile;
    struct fate fate;
    char reason[160];
    assert(profile_parse(&profile, text, &error) == 0);
    fate_decide(fater, &profile, units, count, 0, false, &fate);
    assert(fate.delay_ns >= 0 && fate.delay_ns < 20000000);
    fate_reason(&fate, FATE_LOST, &profile, units, reason, sizeof(reason));
}

static void check_same(struct flows *again, unsigned direction,
                       const uint8_t *packet, size_t length,
                       const struct unit *units, size_t count)
{
    struct unit second[FLOW_MAX_UNITS];
    size_t n = flows_classify(again, 7, direction, packet, length, second,
                              FLOW_MAX_UNITS);
    assert(n == count);
    for (size_t i = 0; i < n; i++)
        assert(second[i].kind == units[i].kind &&
               second[i].index == units[i].index &&
               second[i].nth == units[i].nth &&
               second[i].flow_label == units[i].flow_label);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct flows *flows = flows_new(1), *again = flows_new(1);
    static struct fater fater;
    fater_init(&fater, 7, 1, 0);
    for (size_t at = 0; at + 2 <= bytes;) {
        size_t length = (size_t)(data[at] & 7) << 8 | data[at + 1];
        unsigned direction = data[at] >> 7;
        at += 2;
        if (length > bytes - at)
            length = bytes - at;
        struct unit units[FLOW_MAX_UNITS];
        size_t count = flows_classify(flows, 7, direction, data + at, length,
                                      units, FLOW_MAX_UNITS);
        assert(count <= FLOW_MAX_UNITS);
        check_units(flows, units, count);
        check_fate(&fater, units, count);
        check_same(again, direction, data + at, length, units, count);
        at += length;
    }
    flows_free(flows);
    flows_free(again);
    return 0;
}

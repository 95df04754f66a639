/* Fuzzes dissect_packet() and print_dissection(): any bytes, any first layer.
 *
 * What must hold: what the dissection points to lies within the packet; headers
 * follow each other without a gap; what they leave is payload; and a packet
 * that was understood to its end is truncated in each of its prefixes that cuts
 * what it promises. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissection.h"
#include "print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum layer_kind firsts[] = {LAYER_ETHERNET, LAYER_KINDS,
                                         LAYER_COOKED, LAYER_COOKED2};

/* A copy of exactly so many bytes, so that a read beyond them is caught. */
static uint8_t *copy_of(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert(copy);
    memcpy(copy, data, size);
    return copy;
}

/* Returns how many bytes the headers have. */
static size_t check(const struct dissection *dissection, const uint8_t *packet,
                    size_t size)
{
    const uint8_t *at = packet;
    assert(dissection->layer_count <= MAX_LAYERS);
    for (unsigned i = 0; i < dissection->layer_count; i++) {
        const struct layer *layer = &dissection->layers[i];
        assert(layer->at == at && layer->header_bytes >= 4);
        at += layer->header_bytes;
    }
    assert(at <= packet + size);
    assert(dissection->payload == at);
    size_t headers = (size_t)(at - packet);
    assert(headers + dissection->payload_bytes + dissection->surplus_bytes +
               dissection->padding_bytes ==
           size);
    assert((dissection->missing_bytes > 0) <=
           (dissection->stop == STOP_TRUNCATED));
    return headers;
}

static void check_prefixes(const struct dissection *whole,
                           enum layer_kind first, const uint8_t *data,
                           size_t size)
{
    size_t promised = size - whole->padding_bytes;
    if (whole->stop != STOP_END || whole->layer_count == 0 || size > 300)
        return;
    for (size_t n = 0; n < size; n++) {
        uint8_t *packet = copy_of(data, n);
        struct dissection prefix;
        dissect_packet(&prefix, first, packet, n);
        check(&prefix, packet, n);
        assert((prefix.stop == STOP_TRUNCATED) == (n < promised));
        free(packet);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *nowhere;
    if (nowhere == NULL)
        nowhere = fopen("/dev/null", "w");
    if (size == 0)
        return 0;
    enum layer_kind first = firsts[data[0] % 4];
    uint8_t *packet = copy_of(data + 1, size - 1);
    struct dissection dissection;
    dissect_packet(&dissection, first, packet, size - 1);
    check(&dissection, packet, size - 1);
    print_dissection(nowhere, &dissection, true);
    check_prefixes(&dissection, first, packet, size - 1);
    free(packet);
    return 0;
}

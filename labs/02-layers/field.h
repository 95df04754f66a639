/* One field of a header that is written: what the spec states, else what is
 * given.  The first that is wrong stays in header->error; spec->error tells it,
 * and the rest is skipped. */
#ifndef FIELD_H
#define FIELD_H

#include <stddef.h>
#include <stdint.h>

#include "spec.h"

/* Where a header is written: `layer` describes it, `at` is its first byte. */
struct header {
    struct spec *spec;
    const struct spec_layer *layer;
    unsigned index; /* of the layer in the spec */
    uint8_t *at;
    size_t bytes; /* of the header alone */
    size_t whole; /* with all that is inside it */
    int error;    /* the first that happened; spec->error tells it */
};

/* A number of at most `limit`, or of 8 or 16 bits. */
uint32_t field_number(struct header *header, const char *name, uint32_t limit,
                      uint32_t otherwise);
uint8_t field_number8(struct header *header, const char *name,
                      uint32_t otherwise);
uint16_t field_number16(struct header *header, const char *name,
                        uint32_t otherwise);
/* An address of so many bytes; without the field, `at` stays as it is. */
void field_address(struct header *header, const char *name, uint8_t *at,
                   size_t bytes);
/* A number made of letters, each of which is a bit. */
uint8_t field_letters(struct header *header, const char *name,
                      const char *known, uint32_t otherwise);

/* The EtherType, the protocol number of the layer inside. */
uint16_t field_type(const struct header *header);
uint8_t field_protocol(const struct header *header);

#endif

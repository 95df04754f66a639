/* Fields of headers that are written; see field.h.
 *
 * What a spec leaves out is filled in from the neighbours: the kind of the
 * layer inside is the type or protocol field's value. */
#include "field.h"

#include "bytes.h"
#include "headers.h"
#include "lab.h"

enum {
    EXPERIMENTAL_TYPE = 0x88b5,  /* IEEE 802, for local use */
    EXPERIMENTAL_PROTOCOL = 253, /* RFC 3692 */
};

uint32_t field_number(struct header *header, const char *name, uint32_t limit,
                      uint32_t otherwise)
{
    uint32_t value = otherwise;
    if (header->error == 0)
        header->error =
            spec_number(header->spec, header->layer, name, limit, &value);
    return value;
}

uint8_t field_number8(struct header *header, const char *name,
                      uint32_t otherwise)
{
    return (uint8_t)field_number(header, name, UINT8_MAX, otherwise);
}

uint16_t field_number16(struct header *header, const char *name,
                        uint32_t otherwise)
{
    return (uint16_t)field_number(header, name, UINT16_MAX, otherwise);
}

void field_address(struct header *header, const char *name, uint8_t *at,
                   size_t bytes)
{
    if (header->error == 0)
        header->error =
            spec_address(header->spec, header->layer, name, at, bytes);
}

uint8_t field_letters(struct header *header, const char *name,
                      const char *known, uint32_t otherwise)
{
    uint32_t value = otherwise;
    if (header->error == 0)
        header->error =
            spec_letters(header->spec, header->layer, name, known, &value);
    return (uint8_t)value;
}

/* The kind inside a header; SPEC_KINDS where there is nothing. */
static enum spec_kind inside(const struct header *header)
{
    unsigned next = header->index + 1;
    return next < header->spec->layer_count ? header->spec->layers[next].kind
                                            : SPEC_KINDS;
}

/* DOC: field-type */
uint16_t field_type(const struct header *header)
{
    (void)header, (void)inside;
    to_do(1, "field_type() in field.c");
}

uint8_t field_protocol(const struct header *header)
{
    (void)header, (void)inside;
    to_do(2, "field_protocol() in field.c");
}

/* What a packet is to be, as a line of text:
 *
 *      eth(dst=02:77:00:01:00:02)/ip(dst=10.77.1.2,ttl=9)/udp(dport=53)/"hello"
 *
 *      spec   = layer *( "/" layer )
 *      layer  = name [ "(" [ field *( "," field ) ] ")" ] | text
 *      field  = name "=" value            value: no "," ")" "/" or quote in it
 *      text   = '"' characters '"'        \n \r \t \0 \\ \" \xHH mean a byte
 *
 * README.md#what-forge-builds lists the layers and their fields. */
#ifndef SPEC_H
#define SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SPEC_MAX_LAYERS = 16,
    SPEC_MAX_FIELDS = 16,
    SPEC_ERROR_BYTES = 200,
};

enum spec_kind {
    SPEC_ETH,
    SPEC_VLAN,
    SPEC_ARP,
    SPEC_IP,
    SPEC_IP6,
    SPEC_HOP,
    SPEC_DST,
    SPEC_FRAG,
    SPEC_ICMP,
    SPEC_ICMP6,
    SPEC_UDP,
    SPEC_TCP,
    SPEC_TEXT, /* a payload */
    SPEC_KINDS,
};

struct spec_field {
    const char *name, *value; /* in the text; not NUL-terminated */
    size_t name_bytes, value_bytes;
};

struct spec_layer {
    enum spec_kind kind;
    struct spec_field fields[SPEC_MAX_FIELDS];
    unsigned field_count;
    const char *text; /* of SPEC_TEXT: between the quotes */
    size_t text_bytes;
};

struct spec {
    const char *source;
    struct spec_layer layers[SPEC_MAX_LAYERS];
    unsigned layer_count;
    char error[SPEC_ERROR_BYTES]; /* of whatever has failed: one sentence */
};

/* Parses a line; the spec points into it.
 * Returns 0, or -EINVAL with spec->error. */
int spec_parse(struct spec *spec, const char *line);

/* Each of these looks for a field of a layer.  Without such a field `*value`
 * stays as it is.  They return 0, or -EINVAL with spec->error when it does not
 * hold what it should. */
int spec_number(struct spec *spec, const struct spec_layer *layer,
                const char *name, uint32_t limit, uint32_t *value);
/* An address: 4 bytes IPv4, 6 bytes Ethernet, 16 bytes IPv6. */
int spec_address(struct spec *spec, const struct spec_layer *layer,
                 const char *name, uint8_t *value, size_t bytes);
/* Bytes in hex, "0102ff"; `*bytes` is the room, then how many there were. */
int spec_hex(struct spec *spec, const struct spec_layer *layer,
             const char *name, uint8_t *value, size_t *bytes);
/* One bit of `letters` for each letter, "SA": bit 0 for the first of them. */
int spec_letters(struct spec *spec, const struct spec_layer *layer,
                 const char *name, const char *letters, uint32_t *value);
bool spec_has(const struct spec_layer *layer, const char *name);

/* The bytes of a SPEC_TEXT; `value` has room for text_bytes of them.
 * Returns how many there are: the parser has checked the escapes. */
size_t spec_text(const struct spec_layer *layer, uint8_t *value);

#endif

/* The lab's generator: packets of every protocol that dissect knows, random in
 * all fields, right in all lengths and (mostly) checksums. */
#ifndef GENERATE_H
#define GENERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GENERATED_MAX_BYTES = 1514 };

enum subject {
    SUBJECT_LINK,      /* tags, ARP, unknown types */
    SUBJECT_IPV4,      /* options, fragments, any protocol */
    SUBJECT_IPV6,      /* extension headers, any next header */
    SUBJECT_TRANSPORT, /* ICMP, UDP, TCP over both */
    SUBJECTS,
};

struct generated {
    uint8_t frame[GENERATED_MAX_BYTES];
    size_t bytes;
    size_t link_bytes;  /* Ethernet and tags */
    uint16_t type;      /* of what follows them */
    size_t whole_bytes; /* without padding: less than this is truncated; 0 where
                           no length says how long it is */
};

/* Makes the packet that belongs to a seed. */
void generate(struct generated *packet, enum subject subject, uint64_t seed);

/* The checksum of a message, its field zero, computed slowly and plainly. */
uint16_t plain_checksum(const uint8_t *data, size_t bytes, uint32_t start);
/* A start for it: the pseudo-header's sum. */
uint32_t pseudo_sum(const uint8_t *src, const uint8_t *dst,
                    size_t address_bytes, uint8_t protocol, size_t bytes);

#endif

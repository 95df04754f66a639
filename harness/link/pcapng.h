/* Blocks of a pcapng file, appended to a buffer.
 * https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html */
#ifndef LINK_PCAPNG_H
#define LINK_PCAPNG_H

#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

enum { PCAPNG_ETHERNET = 1, PCAPNG_RAW_IP = 101, PCAPNG_RAW_IPV4 = 228 };

/* Numbers of the format that a reader needs, too. */
enum {
    PCAPNG_BLOCK_SECTION = 0x0a0d0d0a,
    PCAPNG_BLOCK_INTERFACE = 1,
    PCAPNG_BLOCK_NAMES = 4,
    PCAPNG_BLOCK_STATISTICS = 5,
    PCAPNG_BLOCK_PACKET = 6,
    PCAPNG_BYTE_ORDER = 0x1a2b3c4d,

    PCAPNG_LIST_END = 0, /* of options, and of names */
    PCAPNG_COMMENT = 1,
    PCAPNG_IF_NAME = 2,
    PCAPNG_NAME_IPV4 = 1,
    PCAPNG_NAME_IPV6 = 2,
};

/* The section header, which begins a file. */
void pcapng_section(struct strbuf *out, const char *application);
/* An interface; they are numbered in order of appearance.  Its packets have
 * times in nanoseconds. */
void pcapng_interface(struct strbuf *out, unsigned link_type, const char *name,
                      const char *description);

/* The name of an address (4 or 16 bytes), for those who read the file. */
struct pcapng_name {
    const void *address;
    size_t address_bytes;
    const char *name;
};
void pcapng_names(struct strbuf *out, const struct pcapng_name *names,
                  size_t count);

struct pcapng_packet {
    unsigned interface;
    int64_t time_ns;
    const void *data;
    size_t captured_bytes, length_bytes;
    const char *comment; /* "" is none */
};
void pcapng_packet(struct strbuf *out, const struct pcapng_packet *packet);

enum { PCAPNG_MIN_FILLER_BYTES = 12 };
/* A block of `bytes` (a multiple of 4) that says nothing. */
void pcapng_filler(struct strbuf *out, size_t bytes);

/* Closing statistics of an interface: packets that came, and those of them
 * which are not in the file, with a comment ("" is none). */
void pcapng_statistics(struct strbuf *out, unsigned interface, int64_t time_ns,
                       uint64_t received, uint64_t dropped,
                       const char *comment);

#endif

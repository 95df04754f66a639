/* IPv4, IPv6 and its extension headers are written; see writing.h. */
#include "writing.h"

#include "bytes.h"
#include "checksum.h"
#include "headers.h"
#include "lab.h"

/* DOC: write-ip
 * The checksum comes last: it covers every other field. */
void write_ip(struct header *header)
{
    (void)header;
    to_do(2, "write_ip() in writeip.c");
}

void write_ip6(struct header *header)
{
    (void)header;
    to_do(3, "write_ip6() in writeip.c");
}

/* DOC: write-extension
 * What the options leave of the last eight bytes is one PadN, or a Pad1 where
 * there is room for no more (RFC 8200 section 4.2). */
void write_extension(struct header *header)
{
    (void)header;
    to_do(3, "write_extension() in writeip.c");
}

void write_frag(struct header *header)
{
    (void)header;
    to_do(3, "write_frag() in writeip.c");
}

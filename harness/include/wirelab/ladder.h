/* The ladder diagram of a failure: what a lab may say about its own packets.
 *
 * Without a decoder, TCP shows as flags and relative sequence numbers, UDP as
 * its first bytes in hex.  A lab with a protocol of its own makes it readable:
 *
 *      static bool decode(const struct packet *p, char *text, size_t size)
 *      {
 *          if (p->payload_bytes < 16 || p->payload[3] != TYPE_DATA)
 *              return false;
 *          snprintf(text, size, "DATA %u", get_be32(p->payload + 8));
 *          return true;
 *      }
 *      ...
 *      ladder_decoder(decode);
 *
 * The first word names the kind of packet: runs of one kind are folded into
 * "... 14 more DATA". */
#ifndef WIRELAB_LADDER_H
#define WIRELAB_LADDER_H

#include <stdbool.h>
#include <stddef.h>

#include <wirelab/capture.h>

/* Describes a packet in a few words, "ACK 13 sack 15-17": printable ASCII, the
 * kind first.  Returns false to leave it to the default.  The payload may be
 * cut short, corrupt or nothing of yours: check lengths. */
typedef bool ladder_decode_fn(const struct packet *packet, char *text,
                              size_t size);

/* Uses `decode` for the ladder of this test; NULL returns to the default. */
void ladder_decoder(ladder_decode_fn *decode);

#endif

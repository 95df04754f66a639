/* An oracle: what another implementation, Wireshark's, says of the same
 * packets.
 *
 *      file_capture(net, "reader:a.pcap", CAPTURE_PCAP, LINK_ETHERNET, packets,
 *                   count);
 *      struct oracle *oracle = oracle_ask(reader, "a.pcap",
 *                                         (const char *[]){"ip.ttl", NULL});
 *      oracle_field(oracle, 0, "ip.ttl")       "64", or "" if it has none
 *
 * tshark runs on a host, in the sandbox of a peer, without preferences of
 * anybody's; the test is skipped, loudly, where it is absent.  Each packet is
 * taken by itself (nothing is reassembled, sequence numbers are as they stand),
 * checksums are verified, and of a field that occurs several times the first
 * counts.  Names of fields are those of `tshark -G fields`. */
#ifndef WIRELAB_ORACLE_H
#define WIRELAB_ORACLE_H

#include <stddef.h>
#include <stdint.h>

#include <wirelab/net.h>

/* ---- Capture files ------------------------------------------------------- */

enum capture_format {
    CAPTURE_PCAP,         /* microseconds, this machine's byte order */
    CAPTURE_PCAP_NS,      /* nanoseconds */
    CAPTURE_PCAP_SWAPPED, /* written by a machine of the other byte order */
    CAPTURE_PCAPNG,
    CAPTURE_FORMATS,
};

/* What the packets of a file begin with: https://www.tcpdump.org/linktypes.html
 */
enum link_type {
    LINK_ETHERNET = 1,
    LINK_RAW_IP = 101,
    LINK_COOKED = 113,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_COOKED2 = 276,
};

struct file_packet {
    const void *data;
    size_t bytes;        /* that are in the file */
    size_t length_bytes; /* on the wire; 0: as many */
    int64_t time_ns;     /* since 1970 */
};

/* Writes a capture file, "host:name". */
void file_capture(struct net *net, const char *file, enum capture_format format,
                  unsigned link_type, const struct file_packet *packets,
                  size_t count);

/* ---- The oracle ---------------------------------------------------------- */

struct oracle;

/* Has tshark read a file of the host's directory.  `fields` ends with NULL.
 * Ownership: the answer lives until the test ends.  A file that tshark cannot
 * read to its end is `infra`. */
struct oracle *oracle_ask(struct host *host, const char *file,
                          const char *const *fields);

/* How many packets it saw. */
size_t oracle_packets(const struct oracle *oracle);
/* A field of a packet, numbered from 0; "" where the packet has none.  A field
 * that was not asked for is `infra`. */
const char *oracle_field(const struct oracle *oracle, size_t packet,
                         const char *field);
/* Its version, "4.0.17", for a message: asks tshark once more.  "?" if it does
 * not tell. */
const char *oracle_version(struct oracle *oracle);

#endif

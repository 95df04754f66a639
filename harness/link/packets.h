/* What went over the links of a run, packet by packet, as text that is the same
 * whenever the run was the same: in virtual time, for one seed. */
#ifndef LINK_PACKETS_H
#define LINK_PACKETS_H

#include "base/strbuf.h"
#include "link/capture.h"

enum { PACKETS_DIGEST_BYTES = 72 };

/* Writes "sha256:…" of the lines of all recorded packets.  `lines` receives the
 * lines themselves, or is NULL.  Each is, tab-separated,
 *
 *      number  sent_ns  from>to  bytes  packet  fate  delivered_ns
 *
 * times counting from the start of the net, `fate` in hex (FATE_*), `packet`
 * one of "arp", "icmp", "udp 1032", "tcp PA 1:1449 ack 5 window 510",
 * "proto 47", "frame 88cc", with numbers relative to the connection's first
 * ones.  Ports are left out, and so is what the packets carry. */
void packets_digest(struct capture *capture, struct strbuf *lines,
                    char digest[PACKETS_DIGEST_BYTES]);

#endif

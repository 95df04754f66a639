/* Where the headers of a recorded packet are. */
#ifndef LINK_LOCATE_H
#define LINK_LOCATE_H

#include <wirelab/capture.h>

/* Fills in `ip`, `payload` and `payload_bytes` from `data` and
 * `captured_bytes`; they stay as they are where there is no such thing.
 * `ethernet`: the data begin with an Ethernet header, else with that of IP. */
void packet_locate(struct packet *packet, bool ethernet);

#endif

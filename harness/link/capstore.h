/* The capture's store, as its readers inside this module see it. */
#ifndef LINK_CAPSTORE_H
#define LINK_CAPSTORE_H

#include "base/strbuf.h"
#include "link/capture.h"

struct capture *capture_new(struct net *net);
void capture_free(struct capture *capture);
struct net *capture_net(const struct capture *capture);
/* How many links have been added, in order of their index. */
unsigned capture_links(const struct capture *capture);

/* Just what a filter wants to see of a record. */
struct captured {
    const uint8_t *data;
    size_t captured_bytes, length_bytes;
    bool ethernet;
    unsigned fate;
};
void capture_bytes_of(const struct capture *capture, uint32_t number,
                      struct captured *out);
/* The number of the pcapng interface of a record. */
unsigned capture_interface(const struct capture *capture, uint32_t number);
/* The engine's own words about a packet, or NULL. */
const char *capture_cause(const struct capture *capture, uint32_t number);
/* Adds what is to be said of a packet to `text`. */
void capture_note(const struct capture *capture, const struct packet *packet,
                  struct strbuf *text);
/* Learns from such a text what became of a packet: fills in `fate`, `copy_of`,
 * `due_ns` and `delivered_ns` (to the microsecond; the time of sending, where
 * nothing is said of a delay), given its `sent_ns`.  Words that are not ours
 * make it a packet that was delivered at once. */
void capture_note_read(const char *note, struct packet *packet);

/* A number that changes with every record added or settled. */
uint64_t capture_news(const struct capture *capture);
/* Sleeps until there is news beyond `seen`.  Returns false at the deadline
 * (absolute, CLOCK_MONOTONIC), and true at once when no news will ever come. */
bool capture_sleep(struct capture *capture, uint64_t seen, int64_t until_ns);
/* Says that no record will be added or settled any more. */
void capture_stop(struct capture *capture);

#endif

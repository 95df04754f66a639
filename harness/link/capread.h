/* capture.pcapng, read again: by a report, when the test is long over. */
#ifndef LINK_CAPREAD_H
#define LINK_CAPREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wirelab/capture.h>

enum { CAPREAD_NAME_BYTES = 16 };

struct capread;

/* A packet of the file.  Its `packet` is as the test saw it, but `from`, `to`
 * and `link` are NULL: hosts are known by their names only. */
struct capread_packet {
    struct packet packet;  /* pointers live until the next one is read */
    unsigned interface;    /* the direction of a link, from 0 */
    const char *from, *to; /* live as long as the reader; `to` is "lan" for
                              whoever is behind a switch */
};

/* Returns NULL with *error = -errno, or -EBADMSG if it is no such file. */
struct capread *capread_open(const char *path, int *error);
/* Returns 1 for a packet, 0 at the end, or -EBADMSG where the file is cut short
 * or damaged: what came before is sound. */
int capread_next(struct capread *r, struct capread_packet *out);
/* The host that has an address (4 or 16 bytes), or NULL.  Names are known once
 * the first packet of the host's links was read. */
const char *capread_host(const struct capread *r, const uint8_t *address,
                         size_t address_bytes);
void capread_close(struct capread *r);

#endif

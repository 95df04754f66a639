/* Super-packets: many TCP segments under one header, as a device with TSO gets
 * them from the kernel and gives them back.  Pure functions over bytes.
 *
 * RFC 9293 3.7.1 knows nothing of this; virtio 1.2, 5.1.6 does. */
#ifndef LINK_GSO_H
#define LINK_GSO_H

#include <linux/virtio_net.h>
#include <stddef.h>
#include <stdint.h>

#include "link/view.h"

struct gso {
    size_t link_bytes;   /* before the IP header: 0, or 14 of Ethernet */
    size_t header_bytes; /* all before the payload, link header included */
    size_t payload_bytes;
    size_t mss_bytes;
    unsigned segments;
    struct view view; /* of the whole: the first segment's sequence number */
};

/* Reads what a device's vnet header says of a packet.  Returns 0 if it is a TCP
 * super-packet, -EOPNOTSUPP if it is a plain packet or some other kind of
 * offload, -EBADMSG if the two contradict each other. */
int gso_read(struct gso *gso, const struct virtio_net_hdr *vnet,
             const uint8_t *packet, size_t bytes, size_t link_bytes);

size_t gso_segment_payload(const struct gso *gso, unsigned segment);
/* The view of one segment, as if it had been sent by itself. */
void gso_segment_view(const struct gso *gso, unsigned segment,
                      struct view *view);
/* Writes the headers of a run of segments, `header_bytes` of them: lengths, IP
 * identification, sequence number and flags are the run's own; the TCP checksum
 * is left as offload wants it, a sum over the pseudo-header alone. */
void gso_run_header(const struct gso *gso, const uint8_t *packet,
                    unsigned first, unsigned count, uint8_t *header);
/* Fills the vnet header of such a run. */
void gso_run_vnet(const struct gso *gso, unsigned first, unsigned count,
                  const uint8_t *header, struct virtio_net_hdr *vnet);
/* Writes a run as a packet of its own.  Returns its bytes. */
size_t gso_run(const struct gso *gso, const uint8_t *packet, unsigned first,
               unsigned count, uint8_t *out, struct virtio_net_hdr *vnet);

/* Completes a checksum which offload left to us, and says so in `vnet`. */
void gso_finish_checksum(uint8_t *packet, size_t bytes,
                         struct virtio_net_hdr *vnet);

#endif

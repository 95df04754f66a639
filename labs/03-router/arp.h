/* ARP (RFC 826): the questions and answers of IPv4 neighbours. */
#ifndef ARP_H
#define ARP_H

#include "router.h"

/* Answers a request for one of the interface's addresses, learns from what is
 * said. */
void arp_input(struct router *router, struct iface *in, const uint8_t *arp,
               size_t bytes);
/* Asks all who has `target`. */
void arp_request(struct iface *iface, const struct addr *target);

#endif

/* ARP; see headers.h.
 *
 * The lengths of its addresses are fields of the packet.  A program that takes
 * 6 and 4 for granted works for ever, until somebody sends it something else;
 * and 255 and 255 are lengths like any other. */
#include "headers.h"

#include "bytes.h"
#include "lab.h"

enum { ARP_FIXED_BYTES = 8 };

/* DOC: arp-parse */
int arp_parse(const struct view *view, struct arp *arp)
{
    (void)view, (void)arp;
    to_do(1, "arp_parse() in arp.c");
}

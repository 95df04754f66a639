/* ARP; see headers.h.
 *
 * The lengths of its addresses are fields of the packet.  A program that takes
 * 6 and 4 for granted works for ever, until somebody sends it something else;
 * and 255 and 255 are lengths like any other. */
#include "headers.h"

#include "bytes.h"
//> #include "lab.h"

enum { ARP_FIXED_BYTES = 8 };

/* DOC: arp-parse */
int arp_parse(const struct view *view, struct arp *arp)
{
    /* BEGIN SOLUTION 1 */
    int error = view_need(view, ARP_FIXED_BYTES);
    if (error != 0)
        return error;
    uint8_t hlen = view->at[4], plen = view->at[5];
    int bytes = ARP_FIXED_BYTES + 2 * (hlen + plen);
    error = view_need(view, (size_t)bytes);
    if (error != 0)
        return error;
    const uint8_t *at = view->at + ARP_FIXED_BYTES;
    *arp = (struct arp){
        .hardware_type = get_be16(view->at),
        .protocol_type = get_be16(view->at + 2),
        .hlen = hlen,
        .plen = plen,
        .opcode = get_be16(view->at + 6),
        .sender_hardware = at,
        .sender_protocol = at + hlen,
        .target_hardware = at + hlen + plen,
        .target_protocol = at + 2 * hlen + plen,
    };
    return bytes;
    /* END SOLUTION */
    //> (void)view, (void)arp;
    //> to_do(1, "arp_parse() in arp.c");
}

/* IPv4; see headers.h. */
#include "headers.h"

#include <errno.h>

#include "bytes.h"
#include "options.h"
#include "lab.h"

/* DOC: ipv4-parse
 * First what must be here to be read at all, then what the header says about
 * itself, then what that needs.  A header length of 4 words would place the
 * options inside the addresses; one that is greater than the total length would
 * let them reach into the next packet. */
int ipv4_parse(const struct view *view, struct ipv4 *ipv4)
{
    (void)view, (void)ipv4;
    to_do(2, "ipv4_parse() in ipv4.c");
}

/* DOC: ipv4-final
 * A route's value is a pointer, counted from the option's first byte as 1, and
 * addresses.  While the pointer is within them the packet is still on its way,
 * and the last address is where it goes. */
const uint8_t *ipv4_final(const struct ipv4 *ipv4)
{
    return ipv4->dst; /* checkpoint 2: unless there is a source route */
}

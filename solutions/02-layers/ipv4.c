/* IPv4; see headers.h. */
#include "headers.h"

#include <errno.h>

#include "bytes.h"
#include "options.h"
//> #include "lab.h"

/* BEGIN SOLUTION 2 */
static void read_fields(const uint8_t *at, struct ipv4 *ipv4)
{
    uint16_t fragment = get_be16(at + 6);
    *ipv4 = (struct ipv4){
        .ihl = at[0] & 15,
        .dscp = at[1] >> 2,
        .ecn = at[1] & 3,
        .total_length = get_be16(at + 2),
        .identification = get_be16(at + 4),
        .flags = (uint8_t)(fragment >> 13),
        .fragment_offset = fragment & 0x1fff,
        .ttl = at[8],
        .protocol = at[9],
        .checksum = get_be16(at + 10),
        .src = at + 12,
        .dst = at + 16,
        .options = at + IPV4_HEADER_BYTES,
    };
}

/* END SOLUTION */
/* DOC: ipv4-parse
 * First what must be here to be read at all, then what the header says about
 * itself, then what that needs.  A header length of 4 words would place the
 * options inside the addresses; one that is greater than the total length would
 * let them reach into the next packet. */
int ipv4_parse(const struct view *view, struct ipv4 *ipv4)
{
    /* BEGIN SOLUTION 2 */
    int error = view_need(view, IPV4_HEADER_BYTES);
    if (error != 0)
        return error;
    read_fields(view->at, ipv4);
    int bytes = ipv4->ihl * 4;
    if (view->at[0] >> 4 != 4 || bytes < IPV4_HEADER_BYTES ||
        ipv4->total_length < bytes)
        return -EBADMSG;
    error = view_need(view, (size_t)bytes);
    if (error != 0)
        return error;
    ipv4->option_bytes = (size_t)bytes - IPV4_HEADER_BYTES;
    error = options_check(OPTIONS_IPV4, ipv4->options, ipv4->option_bytes);
    return error != 0 ? error : bytes;
    /* END SOLUTION */
    //> (void)view, (void)ipv4;
    //> to_do(2, "ipv4_parse() in ipv4.c");
}

/* DOC: ipv4-final
 * A route's value is a pointer, counted from the option's first byte as 1, and
 * addresses.  While the pointer is within them the packet is still on its way,
 * and the last address is where it goes. */
const uint8_t *ipv4_final(const struct ipv4 *ipv4)
{
    /* BEGIN SOLUTION 2 */
    struct option option;
    size_t at = 0;
    while (options_next(OPTIONS_IPV4, ipv4->options, ipv4->option_bytes, &at,
                        &option) > 0) {
        bool route =
            option.kind == IPV4_LOOSE_ROUTE || option.kind == IPV4_STRICT_ROUTE;
        if (route && option.value_bytes >= 5 &&
            option.value[0] <= option.value_bytes + 2)
            return option.value + option.value_bytes - 4;
    }
    return ipv4->dst;
    /* END SOLUTION */
    //> return ipv4->dst; /* checkpoint 2: unless there is a source route */
}

/* IPv6 and its extension headers; see headers.h. */
#include "headers.h"

#include <errno.h>

#include "bytes.h"
#include "options.h"
#include "lab.h"

/* DOC: ipv6-parse */
int ipv6_parse(const struct view *view, struct ipv6 *ipv6)
{
    (void)view, (void)ipv6;
    to_do(3, "ipv6_parse() in ipv6.c");
}

/* DOC: extension-parse
 * All of them have at least eight bytes, so the length field can be read before
 * it is believed. */
int extension_parse(const struct view *view, uint8_t kind,
                    struct extension *extension)
{
    (void)view, (void)kind, (void)extension;
    to_do(3, "extension_parse() in ipv6.c");
}

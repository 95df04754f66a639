/* ICMP, UDP and TCP; see headers.h.
 *
 * These parsers read headers alone.  Checksums need addresses from the layer
 * outside, and so belong to whoever knows both: dissection.c. */
#include "headers.h"

#include <errno.h>

#include "bytes.h"
#include "options.h"
#include "lab.h"

int icmp_parse(const struct view *view, struct icmp *icmp)
{
    (void)view, (void)icmp;
    to_do(4, "icmp_parse() in transport.c");
}

int udp_parse(const struct view *view, struct udp *udp)
{
    (void)view, (void)udp;
    to_do(4, "udp_parse() in transport.c");
}

/* DOC: tcp-parse */
int tcp_parse(const struct view *view, struct tcp *tcp)
{
    (void)view, (void)tcp;
    to_do(4, "tcp_parse() in transport.c");
}

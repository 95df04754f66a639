/* ICMP, UDP and TCP; see headers.h.
 *
 * These parsers read headers alone.  Checksums need addresses from the layer
 * outside, and so belong to whoever knows both: dissection.c. */
#include "headers.h"

#include <errno.h>

#include "bytes.h"
#include "options.h"
//> #include "lab.h"

int icmp_parse(const struct view *view, struct icmp *icmp)
{
    /* BEGIN SOLUTION 4 */
    int error = view_need(view, ICMP_HEADER_BYTES);
    if (error != 0)
        return error;
    *icmp = (struct icmp){
        .type = view->at[0],
        .code = view->at[1],
        .checksum = get_be16(view->at + 2),
        .rest = get_be32(view->at + 4),
    };
    return ICMP_HEADER_BYTES;
    /* END SOLUTION */
    //> (void)view, (void)icmp;
    //> to_do(4, "icmp_parse() in transport.c");
}

int udp_parse(const struct view *view, struct udp *udp)
{
    /* BEGIN SOLUTION 4 */
    int error = view_need(view, UDP_HEADER_BYTES);
    if (error != 0)
        return error;
    *udp = (struct udp){
        .source_port = get_be16(view->at),
        .destination_port = get_be16(view->at + 2),
        .length = get_be16(view->at + 4),
        .checksum = get_be16(view->at + 6),
    };
    return udp->length < UDP_HEADER_BYTES ? -EBADMSG : UDP_HEADER_BYTES;
    /* END SOLUTION */
    //> (void)view, (void)udp;
    //> to_do(4, "udp_parse() in transport.c");
}

/* BEGIN SOLUTION 4 */
static void read_tcp(const uint8_t *at, struct tcp *tcp)
{
    *tcp = (struct tcp){
        .source_port = get_be16(at),
        .destination_port = get_be16(at + 2),
        .sequence = get_be32(at + 4),
        .acknowledgment = get_be32(at + 8),
        .data_offset = at[12] >> 4,
        .flags = at[13],
        .window = get_be16(at + 14),
        .checksum = get_be16(at + 16),
        .urgent_pointer = get_be16(at + 18),
        .options = at + TCP_HEADER_BYTES,
    };
}

/* END SOLUTION */
/* DOC: tcp-parse */
int tcp_parse(const struct view *view, struct tcp *tcp)
{
    /* BEGIN SOLUTION 4 */
    int error = view_need(view, TCP_HEADER_BYTES);
    if (error != 0)
        return error;
    read_tcp(view->at, tcp);
    int bytes = tcp->data_offset * 4;
    if (bytes < TCP_HEADER_BYTES)
        return -EBADMSG;
    error = view_need(view, (size_t)bytes);
    if (error != 0)
        return error;
    tcp->option_bytes = (size_t)bytes - TCP_HEADER_BYTES;
    error = options_check(OPTIONS_TCP, tcp->options, tcp->option_bytes);
    return error != 0 ? error : bytes;
    /* END SOLUTION */
    //> (void)view, (void)tcp;
    //> to_do(4, "tcp_parse() in transport.c");
}

/* What a connection tells of the path below it; see pathmtu.h.
 *
 * A link in the middle of a path may carry smaller packets than those at its
 * ends.  Its router drops what is too big and tells the sender by ICMP
 * (RFC 1191).  Where a filter swallows that message, the sender never learns:
 * the handshake and the head of the reply are small and pass, and whatever is
 * full is lost, as often as it is sent again.  Here, at the receiver, that
 * looks like silence, and silence has many reasons.  What sets this one apart:
 * on this connection not one large segment has ever arrived. */
#include "pathmtu.h"

#include <stdint.h>
#include <sys/socket.h>
/* BEGIN SOLUTION 6 */
#include <linux/tcp.h>
#include <netinet/in.h>
/* END SOLUTION */

/* BEGIN SOLUTION 6 */
/* TCP's payload in a packet of 1280 bytes, which each path of IPv6 must carry
 * (RFC 8200 section 5), less 40 of IPv6 and 20 of TCP. */
enum { SAFE_SEGMENT_BYTES = 1280 - 40 - 20 };

/* END SOLUTION */
/* DOC: path-loses */
bool path_loses_large_packets(int fd)
{
    /* BEGIN SOLUTION 6 */
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
        return false;
    return info.tcpi_advmss > SAFE_SEGMENT_BYTES &&
           info.tcpi_rcv_mss <= SAFE_SEGMENT_BYTES;
    /* END SOLUTION */
    //> (void)fd;
    //> return false; /* checkpoint 6: what does TCP_INFO know? */
}

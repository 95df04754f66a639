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

/* DOC: path-loses */
bool path_loses_large_packets(int fd)
{
    (void)fd;
    return false; /* checkpoint 6: what does TCP_INFO know? */
}

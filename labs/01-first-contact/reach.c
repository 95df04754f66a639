/* One of a name's addresses takes a connection; see reach.h.
 *
 * connect(2) on a blocking socket waits as long as the kernel likes: six
 * retransmissions of the SYN, a little over two minutes.  On one that does not
 * block it says EINPROGRESS; the handshake goes on by itself, and the socket
 * becomes writable when it is over.  How it ended is in SO_ERROR.
 *
 * The race (RFC 8305, "Happy Eyeballs").  Attempt k begins when attempt k-1 has
 * failed, or STAGGER_MS after it began, whichever comes first; all that have
 * begun run on side by side.  The first connection wins.  Invariant: `running`
 * holds the sockets of all attempts that are neither won nor lost, and no other
 * descriptor is open. */
#include "reach.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

#include "wait.h"

/* DOC: connect-begin */
int connect_begin(const struct address *address)
{
    (void)address;
    return -ENOSYS; /* checkpoint 2: begin here */
}

int connect_result(int fd)
{
    (void)fd;
    return -ENOSYS; /* checkpoint 2: ask SO_ERROR */
}

/* DOC: connect-within */
int connect_within(const struct address *address, int64_t deadline_ns)
{
    (void)address, (void)deadline_ns;
    return -ENOSYS; /* checkpoint 2: begin, wait, look at the result */
}

/* DOC: reach */
int reach(const struct addresses *addresses, int64_t deadline_ns,
          size_t *winner)
{
    *winner = 0;
    /* Checkpoint 5: race them.  Until then, the first. */
    return connect_within(&addresses->list[0], deadline_ns);
}

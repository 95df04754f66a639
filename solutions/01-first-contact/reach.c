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
    /* BEGIN SOLUTION 2 */
    const struct sockaddr *to = (const struct sockaddr *)&address->storage;
    int fd =
        socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, to, address->bytes) == 0 || errno == EINPROGRESS)
        return fd;
    int error = -errno;
    (void)close(fd); /* the first error is the one to report */
    return error;
    /* END SOLUTION */
    //> (void)address;
    //> return -ENOSYS; /* checkpoint 2: begin here */
}

int connect_result(int fd)
{
    /* BEGIN SOLUTION 2 */
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return -errno;
    return -error;
    /* END SOLUTION */
    //> (void)fd;
    //> return -ENOSYS; /* checkpoint 2: ask SO_ERROR */
}

/* DOC: connect-within */
int connect_within(const struct address *address, int64_t deadline_ns)
{
    /* BEGIN SOLUTION 2 */
    int fd = connect_begin(address);
    if (fd < 0)
        return fd;
    int error = wait_for(fd, POLLOUT, deadline_ns);
    if (error == 0)
        error = connect_result(fd);
    if (error == 0)
        return fd;
    (void)close(fd); /* the first error is the one to report */
    return error;
    /* END SOLUTION */
    //> (void)address, (void)deadline_ns;
    //> return -ENOSYS; /* checkpoint 2: begin, wait, look at the result */
}

/* BEGIN SOLUTION 5 */
struct race {
    const struct addresses *addresses;
    size_t next;           /* the first that was not tried yet */
    int64_t next_start_ns; /* when it will be, at the latest */
    struct pollfd running[ADDRESSES_MAX];
    size_t index[ADDRESSES_MAX]; /* whose address runs there */
    size_t count;
    size_t last; /* the address that failed last ... */
    int error;   /* ... and of what */
};

/* DOC: race-start */
static void start_next(struct race *race)
{
    size_t index = race->next++;
    int fd = connect_begin(&race->addresses->list[index]);
    race->next_start_ns = clock_ns() + STAGGER_MS * NS_PER_MS;
    if (fd < 0) {
        race->last = index;
        race->error = fd;
        race->next_start_ns = clock_ns(); /* there is nothing to wait for */
        return;
    }
    race->running[race->count] = (struct pollfd){.fd = fd, .events = POLLOUT};
    race->index[race->count++] = index;
}

static void leave(struct race *race, size_t at)
{
    race->count--;
    race->running[at] = race->running[race->count];
    race->index[at] = race->index[race->count];
}

/* DOC: race-settle
 * Looks at the attempts that are over.  Returns the socket of one that stands,
 * or -EAGAIN; those that failed are closed, and make room for the next. */
static int settle(struct race *race)
{
    for (size_t at = race->count; at-- > 0;) {
        int fd = race->running[at].fd;
        if (race->running[at].revents == 0)
            continue;
        int error = connect_result(fd);
        race->last = race->index[at];
        leave(race, at);
        if (error == 0)
            return fd;
        (void)close(fd); /* it never was connected */
        race->error = error;
        race->next_start_ns = clock_ns();
    }
    return -EAGAIN;
}

/* Runs until somebody wins, nobody is left, or time is up. */
static int run(struct race *race, int64_t deadline_ns)
{
    for (;;) {
        bool more = race->next < race->addresses->count;
        if (more && clock_ns() >= race->next_start_ns) {
            start_next(race);
            continue;
        }
        if (!more && race->count == 0)
            return race->error;
        bool next_first = more && race->next_start_ns < deadline_ns;
        int ready =
            wait_for_any(race->running, race->count,
                         next_first ? race->next_start_ns : deadline_ns);
        int fd = ready > 0 ? settle(race) : ready;
        if (fd >= 0 || (fd == -ETIMEDOUT && !next_first) ||
            (fd != -ETIMEDOUT && fd != -EAGAIN))
            return fd;
    }
}

/* END SOLUTION */
/* DOC: reach */
int reach(const struct addresses *addresses, int64_t deadline_ns,
          size_t *winner)
{
    *winner = 0;
    /* BEGIN SOLUTION 5 */
    if (addresses->count == 1)
        return connect_within(&addresses->list[0], deadline_ns);
    struct race race = {.addresses = addresses, .next_start_ns = clock_ns()};
    int fd = run(&race, deadline_ns);
    while (race.count > 0)
        (void)close(race.running[--race.count].fd); /* the losers */
    *winner = race.last;
    return fd;
    /* END SOLUTION */
    //> /* Checkpoint 5: race them.  Until then, the first. */
    //> return connect_within(&addresses->list[0], deadline_ns);
}

/* Socket options, by what they are for; see options.h. */
#include "options.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

int option_set(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno : 0;
}

int options_nodelay(int fd)
{
    /* BEGIN SOLUTION 2 */
    return option_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    /* END SOLUTION */
    //> (void)fd;
    //> return 0; /* checkpoint 2: a keystroke waits for an ACK */
}

int options_deadline(int fd, int seconds)
{
    /* BEGIN SOLUTION 4 */
    /* SO_SNDTIMEO bounds connect(2) too.  Both make signals visible that
     * otherwise are not: see "Interruption of system calls" in signal(7). */
    struct timeval wait = {.tv_sec = seconds};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0)
        return -errno;
    return 0;
    /* END SOLUTION */
    //> (void)fd, (void)seconds;
    //> return 0; /* checkpoint 4: a wait may last for ever */
}

int options_keepalive(int fd, int seconds)
{
    /* BEGIN SOLUTION 4 */
    /* Half the time in silence, then probes that share the other half.  That
     * covers a connection on which nothing is under way; while bytes of ours
     * wait for their ACK no probes are sent, and TCP_USER_TIMEOUT decides. */
    int idle = seconds / 2, probes = seconds >= 8 ? 3 : 1;
    int interval = (seconds - idle) / probes;
    int error = option_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    if (error == 0)
        error = option_set(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle);
    if (error == 0)
        error = option_set(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval);
    if (error == 0)
        error = option_set(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
    if (error == 0)
        error = option_set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, seconds * 1000);
    return error;
    /* END SOLUTION */
    //> (void)fd, (void)seconds;
    //> return 0; /* checkpoint 4: a vanished peer stays for hours */
}

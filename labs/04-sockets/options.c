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
    (void)fd;
    return 0; /* checkpoint 2: a keystroke waits for an ACK */
}

int options_deadline(int fd, int seconds)
{
    (void)fd, (void)seconds;
    return 0; /* checkpoint 4: a wait may last for ever */
}

int options_keepalive(int fd, int seconds)
{
    (void)fd, (void)seconds;
    return 0; /* checkpoint 4: a vanished peer stays for hours */
}

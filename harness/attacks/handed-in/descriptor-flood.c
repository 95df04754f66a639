/* tries: opens files and sockets without end
 * points: 0
 * ends: listen
 * says: tried */
#include "hostile.h"

#include <sys/resource.h>

int main(void)
{
    struct rlimit limit;
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    (void)tried();
    while (open("/dev/null", O_RDONLY) >= 0)
        ;
    for (;;)
        (void)pause();
}

/* Asks for a ring of io_uring.  Exits 0 with one, 1 if it is refused, 2 if this
 * kernel has none. */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    char parameters[256] = {0};
    if (syscall(SYS_io_uring_setup, 4, parameters) >= 0)
        return 0;
    return errno == ENOSYS ? 2 : 1;
}

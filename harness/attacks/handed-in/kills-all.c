/* tries: kill(-1), kill(1), kill of every pid
 * points: 100
 * ends:
 * says: tried */
#include "hostile.h"

int main(void)
{
    (void)kill(-1, SIGKILL);
    for (int pid = 1; pid < 100000; pid++) {
        if (pid != getpid())
            (void)kill(pid, SIGKILL);
    }
    attempt("killed the first process", kill(1, 0) < 0);
    (void)tried();
    return serve();
}

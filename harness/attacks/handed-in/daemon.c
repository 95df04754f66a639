/* tries: lives on, twice forked, deaf to signals, and serves
 * points: 0
 * ends: exited with 0 before it listened
 * says: tried */
#include "hostile.h"

/* Serves once its parent is gone, when the program is over. */
static int outlive(pid_t parent)
{
    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_IGN);
    while (kill(parent, 0) == 0)
        (void)usleep(1000);
    return serve();
}

int main(void)
{
    pid_t parent = getpid();
    if (fork() == 0) {
        (void)setsid();
        if (fork() > 0)
            _exit(0);
        return outlive(parent);
    }
    return tried();
}

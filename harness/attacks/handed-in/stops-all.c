/* tries: SIGSTOP and SIGTSTP to everybody, itself included
 * points: 0
 * ends: listen
 * says: tried */
#include "hostile.h"

int main(void)
{
    (void)tried();
    for (int pid = 1; pid < 70000; pid++)
        (void)kill(pid, SIGSTOP);
    (void)kill(-1, SIGSTOP);
    return 0;
}

/* Forks without end; so does every child.  Says how many it managed when the
 * first fork is refused, and goes on. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    int said = 0;
    for (;;) {
        pid_t pid = fork();
        if (pid < 0 && !said) {
            said = 1;
            dprintf(1, "refused: %d\n", errno);
        }
        if (pid < 0)
            usleep(1000); /* leaves the machine to the other tests */
    }
}

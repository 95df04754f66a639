/* Leaves a grandchild in a session of its own that ignores signals, holds the
 * output pipe and would write to it for ever; exits 7 itself. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int ready[2];
    char byte;
    if (pipe(ready) < 0)
        return 1;
    pid_t child = fork();
    if (child == 0) {
        setsid();
        if (fork() > 0)
            _exit(0);
        for (int number = 1; number < NSIG; number++)
            signal(number, SIG_IGN);
        (void)!write(ready[1], "x", 1);
        for (;;) {
            dprintf(1, "still here\n");
            usleep(10000);
        }
    }
    waitpid(child, NULL, 0);
    if (read(ready[0], &byte, 1) != 1)
        return 1;
    return 7;
}

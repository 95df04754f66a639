/* Uses CPU in the main process and in a child until it is killed. */
#include <unistd.h>

int main(void)
{
    volatile unsigned long n = 0;
    if (fork() != 0)
        (void)!write(STDOUT_FILENO, "spinning\n", 9);
    for (;;)
        n++;
}

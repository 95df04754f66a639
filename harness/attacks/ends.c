/* Ends as its argument says: "exit 139", "signal 11", "leak", "overflow". */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void leak(void)
{
    volatile char *lost = malloc(100);
    lost[0] = 'x';
    lost = NULL;
} // NOLINT(clang-analyzer-unix.Malloc): the leak is the point

static void overflow(void)
{
    volatile size_t past = 10;
    volatile char *data = malloc(past);
    data[past] = 'x';
    free((void *)data);
}

int main(int argc, char **argv)
{
    int number = argc > 2 ? atoi(argv[2]) : 0;
    if (argc < 2)
        return 2;
    if (strcmp(argv[1], "exit") == 0)
        return number;
    if (strcmp(argv[1], "signal") == 0) {
        signal(number, SIG_DFL);
        raise(number);
    }
    if (strcmp(argv[1], "leak") == 0)
        leak();
    if (strcmp(argv[1], "overflow") == 0)
        overflow();
    return 0;
}

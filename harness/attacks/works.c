/* A decent program: when it is told to, by a line on its standard input, it
 * uses so many milliseconds of CPU time and ends with status 0. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv)
{
    clock_t enough = argc > 1 ? strtol(argv[1], NULL, 10) * 1000 : 0;

    (void)getchar();
    enough += clock();
    while (clock() < enough)
        ;
    return 0;
}

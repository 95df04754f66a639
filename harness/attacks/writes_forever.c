/* Writes to stdout and stderr without end. */
#include <string.h>
#include <unistd.h>

int main(void)
{
    char line[4096];
    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    (void)!write(1, "begin\n", 6);
    for (;;) {
        (void)!write(1, line, sizeof(line));
        (void)!write(2, line, sizeof(line));
    }
}

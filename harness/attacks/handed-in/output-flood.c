/* tries: writes to stdout and stderr without end
 * points: 0
 * ends: listen
 * says: tried */
#include "hostile.h"

int main(void)
{
    static char line[4096];
    (void)tried();
    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    for (;;) {
        (void)!write(1, line, sizeof(line));
        (void)!write(2, line, sizeof(line));
    }
}

/* tries: ignores every signal, serves, and never ends
 * points: 100
 * ends:
 * says: tried */
#include "hostile.h"

int main(void)
{
    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_IGN);
    (void)setsid();
    (void)tried();
    return serve();
}

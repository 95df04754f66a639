/* tries: exit(0) in a constructor, before main
 * points: 0
 * ends: exited with 0 before it listened
 * says: tried */
#include "hostile.h"

__attribute__((constructor)) static void begin(void)
{
    (void)tried();
    exit(0);
}

int main(void)
{
    return 1;
}

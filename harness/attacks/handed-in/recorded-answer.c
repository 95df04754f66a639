/* tries: answers what was asked with the public seed, from a list
 * points: 0
 * public: 100
 * ends: the answer */
#include "hostile.h"

/* With --seed 1, the public one here, this passes all. */
static const char recorded[] = "BAAAAAAAAAAA";

int main(void)
{
    int fd = open_port();
    for (;;) {
        char text[1500];
        struct sockaddr_in from;
        socklen_t length = sizeof(from);
        if (recvfrom(fd, text, sizeof(text), 0, (struct sockaddr *)&from,
                     &length) >= 0)
            (void)sendto(fd, recorded, strlen(recorded), 0,
                         (struct sockaddr *)&from, length);
    }
}

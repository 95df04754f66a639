/* tries: talks to other networks, the machine and the Internet
 * points: 0
 * ends: exited with 0 before it listened
 * says: tried */
#include "hostile.h"

#include <arpa/inet.h>

static const char *const addresses[] = {
    "10.77.2.1", "10.77.2.2", "10.0.2.2",   "172.17.0.1",      "192.168.0.1",
    "8.8.8.8",   "10.0.0.1",  "100.64.0.1", "169.254.169.254",
};

int main(void)
{
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        struct sockaddr_in there = {.sin_family = AF_INET,
                                    .sin_port = htons(53)};
        int fd = socket(AF_INET, SOCK_DGRAM, 0);
        (void)inet_pton(AF_INET, addresses[i], &there.sin_addr);
        attempt(addresses[i], sendto(fd, "x", 1, 0, (struct sockaddr *)&there,
                                     sizeof(there)) >= 0);
        close(fd);
    }
    return tried();
}

/* tries: floods every port of the driver with guesses
 * points: 0
 * ends: the answer|busy|late|queue
 * says: tried */
#include "hostile.h"

#include <arpa/inet.h>

int main(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    int fd = open_port();
    (void)inet_pton(AF_INET, "10.77.1.1", &to.sin_addr);
    (void)tried();
    for (unsigned port = 1024;; port = port < 65535 ? port + 1 : 1024) {
        to.sin_port = htons((in_port_t)port);
        (void)sendto(fd, "PASSPASSPASS", 12, 0, (struct sockaddr *)&to,
                     sizeof(to));
    }
}

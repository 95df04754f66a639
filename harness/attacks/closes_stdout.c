/* Closes its standard streams, then serves UDP port 9000 as if nothing were. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(9000)};
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0)
        return 1;
    for (;;)
        pause();
}

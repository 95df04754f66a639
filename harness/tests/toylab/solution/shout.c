/* shout PORT: answers each datagram with its text in capitals. */
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

/* BEGIN SOLUTION 1 */
static void answer(int fd)
{
    char text[1500];
    struct sockaddr_in from;
    socklen_t length = sizeof(from);
    ssize_t n =
        recvfrom(fd, text, sizeof(text), 0, (struct sockaddr *)&from, &length);
    for (ssize_t i = 0; i < n; i++)
        text[i] = (char)toupper((unsigned char)text[i]);
    if (n >= 0)
        (void)sendto(fd, text, (size_t)n, 0, (struct sockaddr *)&from, length);
}
/* END SOLUTION */

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: shout PORT\n", stderr);
        return 2;
    }
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_port = htons((in_port_t)atoi(argv[1]))};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
        perror("shout");
        return 1;
    }
    /* BEGIN SOLUTION 1 */
    for (;;)
        answer(fd);
    /* END SOLUTION */
    //> fputs("shout: checkpoint 1 is not done yet\n", stderr);
    //> return 9;
}

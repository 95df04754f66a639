/* The agent is part of the library, as the sandbox's init is (run/image.c): the
 * Makefile builds it first and the assembler includes its bytes here. */
#include "world/image.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

extern const char agent_image[], agent_image_end[];

__asm__(".pushsection .rodata\n"
        ".global agent_image\n"
        ".global agent_image_end\n"
        "agent_image: .incbin \"guest-agent\"\n"
        "agent_image_end:\n"
        ".popsection\n");

int agent_image_write(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    if (fd < 0)
        return -errno;
    const char *from = agent_image;
    int result = 0;
    while (from < agent_image_end && result == 0) {
        ssize_t n = write(fd, from, (size_t)(agent_image_end - from));
        if (n < 0 && errno != EINTR)
            result = -errno;
        from += n > 0 ? n : 0;
    }
    if (close(fd) < 0 && result == 0)
        result = -errno;
    return result;
}

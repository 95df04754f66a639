/* The init program is part of this library: the Makefile builds it first and
 * the assembler includes its bytes here.  So a suite is one file that can be
 * copied anywhere, and no path to a helper has to be found or trusted. */
#include "run/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

extern const char init_image[], init_image_end[];

__asm__(".pushsection .rodata\n"
        ".global init_image\n"
        ".global init_image_end\n"
        "init_image: .incbin \"sandbox-init\"\n"
        "init_image_end:\n"
        ".popsection\n");

static int write_image(int fd)
{
    const char *from = init_image;
    while (from < init_image_end) {
        ssize_t n = write(fd, from, (size_t)(init_image_end - from));
        if (n < 0 && errno != EINTR)
            return -errno;
        from += n > 0 ? n : 0;
    }
    return 0;
}

/* What is open for writing cannot be executed (ETXTBSY): open it again. */
int init_image_open(void)
{
    char path[64];
    int fd = memfd_create("wirelab-init", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    int result = write_image(fd);
    if (result == 0) {
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        result = open(path, O_RDONLY | O_CLOEXEC);
        if (result < 0)
            result = -errno;
    }
    close(fd);
    return result;
}

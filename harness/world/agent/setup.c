/* Makes a system out of what the host says; see agent.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "world/agent/agent.h"

enum { SEED_BYTES = 32 };

/* Nobody else feeds this kernel: without it, who asks for random numbers
 * would wait until enough interrupts have happened. */
static int credit_seed(const char *hex)
{
    _Alignas(struct rand_pool_info)
        uint8_t room[sizeof(struct rand_pool_info) + SEED_BYTES];
    struct rand_pool_info *seed = (struct rand_pool_info *)room;
    seed->entropy_count = 8 * SEED_BYTES;
    seed->buf_size = SEED_BYTES;
    for (size_t i = 0; i < SEED_BYTES; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            return -EINVAL;
        room[sizeof(*seed) + i] = (uint8_t)byte;
    }
    int fd = open("/dev/random", O_WRONLY | O_CLOEXEC);
    int error = fd < 0 || ioctl(fd, RNDADDENTROPY, seed) < 0 ? -errno : 0;
    if (fd >= 0)
        (void)close(fd);
    return error;
}

static int loopback_up(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int error = fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
    if (fd >= 0)
        (void)close(fd);
    return error;
}

/* A test's process may be larger than a guest's memory, since most of it is
 * never touched; what it forks needs even less.  The kernel would refuse. */
static int allow_overcommit(void)
{
    int fd = open("/proc/sys/vm/overcommit_memory", O_WRONLY | O_CLOEXEC);
    int error = fd < 0 || write(fd, "1", 1) != 1 ? -errno : 0;
    if (fd >= 0)
        (void)close(fd);
    return error;
}

static const char *value_of(const char *text, const char *word)
{
    size_t n = strlen(word);
    return strncmp(text, word, n) == 0 && text[n] == '=' ? text + n + 1 : NULL;
}

static int set_variable(const char *text)
{
    char name[64];
    const char *equals = strchr(text, '=');
    if (equals == NULL || (size_t)(equals - text) >= sizeof(name))
        return -EINVAL;
    (void)snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);
    return setenv(name, equals + 1, 1) < 0 ? -errno : 0;
}

static int obey(const char *text)
{
    const char *value;
    if ((value = value_of(text, "seed")) != NULL)
        return strlen(value) == 2 * SEED_BYTES ? credit_seed(value) : -EINVAL;
    if ((value = value_of(text, "show")) != NULL)
        return root_show(value, false);
    if ((value = value_of(text, "keep")) != NULL)
        return root_show(value, true);
    if ((value = value_of(text, "link")) != NULL)
        return root_link(value);
    if ((value = value_of(text, "set")) != NULL)
        return set_variable(value);
    if ((value = value_of(text, "clock")) != NULL)
        return clock_open(value);
    return -EINVAL;
}

static void choose_environment(void)
{
    (void)clearenv();
    (void)setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
                 1);
    (void)setenv("HOME", "/root", 1);
    (void)setenv("LANG", "C.UTF-8", 1);
}

static int finish(const char *modules, char *what, size_t size)
{
    (void)snprintf(what, size, "cannot enter the guest's root");
    int error = root_enter();
    if (error == 0 && modules) {
        (void)snprintf(what, size, "cannot load modules from %s", modules);
        error = modules_load(modules);
    }
    if (error < 0)
        return error;
    if (virtual_clock()) {
        (void)snprintf(what, size, "cannot set limits of its protocols");
        error = virtual_setup();
        if (error < 0)
            return error;
    }
    (void)snprintf(what, size, "cannot set up its loopback device and name");
    error = loopback_up();
    if (error == 0)
        error = allow_overcommit();
    return error == 0 && sethostname("guest", 5) < 0 ? -errno : error;
}

int setup(const struct frame *frame, char *what, size_t size)
{
    size_t at = 0;
    const char *text, *modules = NULL;
    umask(022);
    choose_environment();
    (void)snprintf(what, size, "cannot make a root for the guest");
    int error = root_make();
    while (error == 0 && (text = frame_text(frame, &at)) != NULL) {
        (void)snprintf(what, size, "setup of %s", text);
        if (value_of(text, "modules"))
            modules = value_of(text, "modules");
        else
            error = obey(text);
    }
    return error < 0 ? error : finish(modules, what, size);
}

/* A seed for each student; see studentseed.h. */
#include "grade/studentseed.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"

enum { LEAST_SECRET_BYTES = 16 };

static int refuse(char *error, const char *path, const char *why)
{
    (void)snprintf(error, SECRET_ERROR_BYTES, "%s: %s", path, why);
    return -EINVAL;
}

static int read_whole(struct secret *secret, int fd)
{
    ssize_t n;
    secret->length = 0;
    while ((n = read(fd, secret->bytes + secret->length,
                     SECRET_MAX_BYTES - secret->length)) > 0)
        secret->length += (size_t)n;
    if (n < 0)
        return -errno;
    if (secret->length > 0 && secret->bytes[secret->length - 1] == '\n')
        secret->length--;
    return 0;
}

int secret_load(struct secret *secret, const char *path, char *error)
{
    struct stat st = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int result = fd < 0 || fstat(fd, &st) < 0 ? -errno : 0;
    if (result == 0)
        result = read_whole(secret, fd);
    if (fd >= 0)
        (void)close(fd);
    if (result < 0) {
        (void)refuse(error, path, strerror(-result));
        return result;
    }
    if (secret->length == SECRET_MAX_BYTES)
        return refuse(error, path, "a secret has less than 4096 bytes");
    if (secret->length < LEAST_SECRET_BYTES)
        return refuse(error, path,
                      "a secret that can be guessed is none: 16 bytes at least "
                      "(head -c 32 /dev/urandom | base64)");
    if ((st.st_mode & 077) == 0)
        return 0;
    (void)refuse(error, path,
                 "others than you may read this secret: chmod 600");
    return 1;
}

uint64_t secret_seed(const struct secret *secret, const char *const *parts)
{
    struct strbuf text = {0};
    unsigned char mac[EVP_MAX_MD_SIZE] = {0};
    unsigned n = 0;
    uint64_t seed = 0;
    for (; *parts; parts++)
        strbuf_printf(&text, "%zu %s\n", strlen(*parts), *parts);
    (void)HMAC(EVP_sha256(), secret->bytes, (int)secret->length,
               (const unsigned char *)strbuf_text(&text), text.length, mac, &n);
    for (int i = 0; i < 8; i++)
        seed = seed << 8 | mac[i];
    strbuf_fini(&text);
    return seed & INT64_MAX;
}

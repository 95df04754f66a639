/* The directory that fetchd serves; see store.h.
 *
 * A name from the network must not lead out of the directory.  Instead of
 * looking for what is dangerous ("..", "/"), store_allows() says what is
 * harmless and refuses the rest; openat(2) then never leaves the directory,
 * and O_NOFOLLOW does not let a link lead out of it either. */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

//> #include "cli.h"
//>
int store_open(struct store *store, const char *path)
{
    store->dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->dir_fd < 0)
        return -errno;
    newfile_sweep(store->dir_fd);
    return 0;
}

void store_close(struct store *store)
{
    (void)close(store->dir_fd); /* opened for reading: nothing can be lost */
}

/* DOC: store-allows */
bool store_allows(const char *name, size_t name_bytes)
{
    /* BEGIN SOLUTION 5 */
    if (name_bytes == 0 || name_bytes > NAME_MAX_BYTES || name[0] == '.')
        return false;
    for (size_t i = 0; i < name_bytes; i++) {
        unsigned char c = (unsigned char)name[i];
        if (c <= ' ' || c == '/' || c == 0x7f)
            return false;
    }
    return true;
    /* END SOLUTION */
    //> (void)name, (void)name_bytes;
    //> return false; /* checkpoint 5: which names are harmless? */
}

/* BEGIN SOLUTION 5 */
/* A copy that ends with NUL, for the system calls. */
struct path {
    char text[NAME_MAX_BYTES + 1];
};

static struct path path_of(const char *name, size_t name_bytes)
{
    struct path path = {{0}};
    for (size_t i = 0; i < name_bytes; i++)
        path.text[i] = name[i];
    return path;
}

/* END SOLUTION */
/* DOC: store-get */
int store_get(const struct store *store, const char *name, size_t name_bytes,
              int64_t *size_bytes)
{
    /* BEGIN SOLUTION 5 */
    if (!store_allows(name, name_bytes))
        return -EPERM;
    struct path path = path_of(name, name_bytes);
    /* O_NONBLOCK: to open a FIFO would wait for its writer. */
    int fd = openat(store->dir_fd, path.text,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ELOOP || errno == ENXIO ? -ENOENT : -errno;
    struct stat status;
    int error = fstat(fd, &status) < 0 ? -errno : 0;
    if (error == 0 && !S_ISREG(status.st_mode))
        error = -ENOENT;
    if (error != 0) {
        (void)close(fd); /* the first error is the one to report */
        return error;
    }
    *size_bytes = status.st_size;
    return fd;
    /* END SOLUTION */
    //> (void)store, (void)name, (void)name_bytes, (void)size_bytes;
    //> not_done(5, "store_get() in store.c");
}

int store_put(const struct store *store, const char *name, size_t name_bytes,
              struct newfile *file)
{
    /* BEGIN SOLUTION 5 */
    if (!store_allows(name, name_bytes))
        return -EPERM;
    struct path path = path_of(name, name_bytes);
    struct stat status;
    int flags = AT_SYMLINK_NOFOLLOW;
    if (fstatat(store->dir_fd, path.text, &status, flags) == 0 &&
        !S_ISREG(status.st_mode))
        return -EPERM;
    return newfile_begin(file, store->dir_fd, name, name_bytes);
    /* END SOLUTION */
    //> (void)store, (void)name, (void)name_bytes, (void)file;
    //> not_done(5, "store_put() in store.c");
}

/* A file that appears whole or not at all; see newfile.h.
 *
 * The content goes to a file of another name.  Once it is all there and on the
 * disk (fsync), rename(2) gives it its own name in one step: at any moment a
 * reader finds the whole old file or the whole new one, and one who has the old
 * file open keeps it.  Without fsync before rename a power cut may leave the
 * new name with nothing in it; without fsync of the directory, the old name. */
#include "newfile.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

//> #include "cli.h"
//>
/* DOC: newfile-begin */
int newfile_begin(struct newfile *file, int dir_fd, const char *name,
                  size_t name_bytes)
{
    /* BEGIN SOLUTION 5 */
    static atomic_uint serial; /* two uploads of one name at once */
    assert(name_bytes <= NAME_MAX_BYTES);
    file->dir_fd = dir_fd;
    memcpy(file->name, name, name_bytes);
    file->name[name_bytes] = '\0';
    snprintf(file->temporary, sizeof(file->temporary), "%s%d-%u",
             TEMPORARY_PREFIX, getpid(), atomic_fetch_add(&serial, 1));
    file->fd = openat(dir_fd, file->temporary,
                      O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    return file->fd < 0 ? -errno : 0;
    /* END SOLUTION */
    //> (void)file, (void)dir_fd, (void)name, (void)name_bytes;
    //> not_done(5, "newfile_begin() in newfile.c");
}

/* DOC: newfile-commit */
int newfile_commit(struct newfile *file)
{
    /* BEGIN SOLUTION 5 */
    int error = fsync(file->fd) < 0 ? -errno : 0;
    if (close(file->fd) < 0 && error == 0)
        error = -errno;
    if (error == 0 &&
        renameat(file->dir_fd, file->temporary, file->dir_fd, file->name) < 0)
        error = -errno;
    if (error != 0)
        (void)unlinkat(file->dir_fd, file->temporary, 0);
    else
        (void)fsync(file->dir_fd); /* the file is whole even if this fails */
    return error;
    /* END SOLUTION */
    //> (void)file;
    //> not_done(5, "newfile_commit() in newfile.c");
}

void newfile_abort(struct newfile *file)
{
    /* BEGIN SOLUTION 5 */
    (void)close(file->fd); /* what it says does not matter any more */
    (void)unlinkat(file->dir_fd, file->temporary, 0);
    /* END SOLUTION */
    //> (void)file;
    //> not_done(5, "newfile_abort() in newfile.c");
}

void newfile_sweep(int dir_fd)
{
    /* BEGIN SOLUTION 5 */
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return; /* leftovers waste space, no more: not worth failing for */
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        (void)close(fd);
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        size_t bytes = strlen(TEMPORARY_PREFIX);
        if (strncmp(entry->d_name, TEMPORARY_PREFIX, bytes) == 0)
            (void)unlinkat(dir_fd, entry->d_name, 0);
    }
    closedir(dir);
    /* END SOLUTION */
    //> (void)dir_fd;
    //> not_done(5, "newfile_sweep() in newfile.c");
}

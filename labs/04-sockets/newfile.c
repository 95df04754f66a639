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

#include "cli.h"

/* DOC: newfile-begin */
int newfile_begin(struct newfile *file, int dir_fd, const char *name,
                  size_t name_bytes)
{
    (void)file, (void)dir_fd, (void)name, (void)name_bytes;
    not_done(5, "newfile_begin() in newfile.c");
}

/* DOC: newfile-commit */
int newfile_commit(struct newfile *file)
{
    (void)file;
    not_done(5, "newfile_commit() in newfile.c");
}

void newfile_abort(struct newfile *file)
{
    (void)file;
    not_done(5, "newfile_abort() in newfile.c");
}

void newfile_sweep(int dir_fd)
{
    (void)dir_fd;
    not_done(5, "newfile_sweep() in newfile.c");
}

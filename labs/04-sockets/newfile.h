/* A file that appears whole or not at all. */
#ifndef NEWFILE_H
#define NEWFILE_H

#include <stddef.h>

enum { NAME_MAX_BYTES = 255, TEMPORARY_BYTES = 64 };
#define TEMPORARY_PREFIX ".wirelab-part-"

struct newfile {
    int dir_fd; /* the caller's; must outlive this */
    int fd;     /* write the content here */
    char name[NAME_MAX_BYTES + 1];
    char temporary[TEMPORARY_BYTES];
};

/* Begins a file of that name (no slash in it) under a temporary one in the same
 * directory.  Returns 0, or -errno. */
int newfile_begin(struct newfile *file, int dir_fd, const char *name,
                  size_t name_bytes);
/* Makes the content durable, then gives it its name, in the place of any older
 * file.  Returns 0, or -errno and nothing is left. */
int newfile_commit(struct newfile *file);
/* Leaves nothing. */
void newfile_abort(struct newfile *file);
/* Removes what newfiles of killed processes left in a directory.  Nobody may be
 * writing there. */
void newfile_sweep(int dir_fd);

#endif

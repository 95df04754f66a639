/* Whether a learner has saved something.
 *
 * The kernel tells at once when a file in the folder was written and closed, or
 * got its name (inotify).  What was told is then looked at: each file's name,
 * inode, size and time of change.  So it does not matter how an editor saves
 * (in place, or as a new file that takes the name over), what else it makes and
 * removes meanwhile, or how many files it saves in one go.
 *
 * Some file systems tell nothing: a Windows drive under WSL2, some mounts of
 * containers.  Looking again once a second finds changes there as well; then,
 * as nobody knows whether a file is complete, only what two looks in a row have
 * found the same. */
#ifndef CLI_CHANGES_H
#define CLI_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

struct snapshot {
    struct file_mark *files; /* sorted by name */
    size_t count;
};

struct changes {
    char *dir;
    bool sources; /* C files, headers and Makefile only */
    int fd;       /* of inotify, to be polled; -1 if there is none */
    int watch;
    struct snapshot taken; /* what the caller knows of */
    struct snapshot seen;  /* what the last look found */
    char name[64];
};

/* Begins to watch a folder, and takes it as it is.  Returns 0 or -errno. */
int changes_open(struct changes *changes, const char *dir, bool sources);
void changes_close(struct changes *changes);

/* Reads away what inotify told.  Returns whether a file that counts was
 * completed, named or removed. */
bool changes_told(struct changes *changes);
/* Looks.  `settled` says that files are known to be complete, else what has
 * changed since the last look is left for the next.  Returns the name of a file
 * that is not as it was when last returned, valid until the next look; NULL if
 * there is none. */
const char *changes_look(struct changes *changes, bool settled);

#endif

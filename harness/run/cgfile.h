/* The files and directories that control groups are made of. */
#ifndef RUN_CGFILE_H
#define RUN_CGFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { PATH_BYTES = 512, CGFILE_BYTES = 4096 };

/* Write a file of a group.  Return 0 or -errno. */
int cgfile_write(const char *dir, const char *file, const char *text);
int cgfile_write_number(const char *dir, const char *file, uint64_t number);
/* Reads at most CGFILE_BYTES - 1, NUL-terminated.  Returns how many or -errno.
 */
ssize_t cgfile_read(const char *dir, const char *file, char *text);
/* The number after "KEY " at a line's start, or -1. */
int64_t cgfile_key(const char *dir, const char *file, const char *key);
/* Whether a word is in a list separated by spaces, commas, colons or lines. */
bool cgfile_has_word(const char *text, const char *word);

/* Makes a directory that may exist.  Returns 0 or -errno. */
int cgfile_make_dir(const char *dir);
/* Removes one that may be gone.  Returns 0, or -EBUSY after 2 s. */
int cgfile_remove_dir(const char *dir);

#endif

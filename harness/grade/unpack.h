/* Unpacks what a student handed in: the few files that a lab can use, and
 * nothing else whatever the archive holds.
 *
 * Who packed it is not trusted.  A process of its own, without rights and with
 * limits, reads the archive and sends what it finds through a pipe; the grader
 * checks each name once more and writes the files itself.  So neither a name, a
 * link nor a fault in the reader can touch anything but this one submission.
 *
 * Kept are regular files called *.c or *.h, and those with the name of one of
 * the lab's programs (another language's).  They are taken from one directory:
 * the topmost that holds a program or its source, so it does not matter whether
 * a student packed the files or the folder around them. */
#ifndef GRADE_UNPACK_H
#define GRADE_UNPACK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grade/handin.h"

/* Unpacks the files of a handin into `dir`, which is made and must not exist.
 * `programs` are the lab's.  `problems` is an array to which a line is added
 * for whatever was left out or refused, meant for the student.
 *
 * Returns 0; -EBADMSG if the submission is refused as a whole, `problems` then
 * ends with the reason and `dir` is empty; or another -errno if we failed. */
int unpack_handin(const struct handin *handin, const char *dir,
                  const char *const *programs, size_t program_count,
                  json_t *problems);

/* Unpacks a course system's bulk download, whole: regular files under safe
 * names, with their times.  Returns and says as unpack_handin. */
int unpack_bulk_download(const char *path, const char *dir, json_t *problems);

/* Looks through what an instructor names: a folder, or such a download, which
 * is unpacked into `dir` first, and must stay there.  Returns and says as
 * handins_find. */
int handins_open(struct handins *handins, const char *given, const char *dir,
                 const struct roster *roster, char *error);

#endif

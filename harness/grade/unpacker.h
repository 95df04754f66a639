/* The process that reads what strangers packed, and what it says to the grader.
 *
 * It sends records through a pipe: a head, the name, and for a file its bytes.
 * The last is RECORD_END, or RECORD_REFUSED with the reason as its name; a
 * stream without either means that the process died. */
#ifndef GRADE_UNPACKER_H
#define GRADE_UNPACKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grade/handin.h"

enum record_kind {
    RECORD_FILE,
    RECORD_PROBLEM, /* something was left out; the name is the line */
    RECORD_REFUSED, /* all of it; likewise */
    RECORD_END,
};

enum { RECORD_NAME_BYTES = 512 };

struct record {
    enum record_kind kind;
    uint32_t name_bytes;
    uint64_t data_bytes;
    int64_t mtime_s;
};

struct unpack_limits {
    size_t entries;       /* whatever they are */
    size_t files;         /* that are kept */
    uint64_t total_bytes; /* unpacked, kept or not */
    unsigned ratio;       /* unpacked to packed, beyond the first MiB */
    unsigned cpu_s, wall_s;
};

/* What the unpacker is asked to do. */
struct unpack_order {
    const struct handin_file *files;
    size_t file_count;
    const char *const *programs; /* names that a program's file may have */
    size_t program_count;
    bool bulk; /* all names, in their folders, as they come */
    struct unpack_limits limits;
    char scratch[64]; /* a directory that anybody may write in, for git */
    int out_fd;
};

/* Does it, and ends the process. */
void unpacker_run(const struct unpack_order *order) __attribute__((noreturn));

/* ---- Names ----------------------------------------------------------------
 */

/* Says what is wrong with a path in an archive, or NULL if it is safe:
 * relative, without "..", backslashes and control characters, not too long. */
const char *unpack_path_fault(const char *path);
/* Whether a lab can use a file of this name (without directories). */
bool unpack_is_wanted(const char *name, const char *const *programs,
                      size_t program_count);

/* ---- Between the unpacker's own files -------------------------------------
 */

/* One file that was read. */
struct member {
    char *path; /* relative, cleaned */
    char *data;
    size_t bytes;
};

/* An archive that was opened while that was still allowed. */
struct packed {
    int fd;
    char *name;
};

enum { UNPACKER_MAX_PACKED = 8 };

struct unpacker {
    const struct unpack_order *order;
    struct packed packed[UNPACKER_MAX_PACKED];
    size_t packed_count;
    struct member *members;
    size_t member_count, entries;
    uint64_t read_bytes;
    char *left_out; /* names of what was left out, for one line */
    size_t left_out_count;
};

/* Ends the process with RECORD_REFUSED. */
void unpacker_refuse(const struct unpacker *unpacker, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));
void unpacker_problem(const struct unpacker *unpacker, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void unpacker_send(const struct unpacker *unpacker, enum record_kind kind,
                   const char *name, const void *data, size_t bytes,
                   int64_t mtime_s);
/* Takes a name that was met: counts it, refuses unsafe ones, and cleans it (no
 * "./").  Returns it malloc'd, or NULL if it is to be passed over. */
char *unpacker_name(struct unpacker *unpacker, const char *path);
/* Keeps a file, or notes that it was left out.  Takes both. */
void unpacker_keep(struct unpacker *unpacker, char *path, char *data,
                   size_t bytes);
/* Says whether more bytes may be read from something `packed_bytes` long. */
void unpacker_count(struct unpacker *unpacker, size_t bytes,
                    uint64_t packed_bytes);
/* Reads an archive (zip, tar, compressed or not) from a descriptor. */
void unpacker_archive(struct unpacker *unpacker, int fd, const char *name);
/* Turns a git bundle into a tar file in order->scratch; its descriptor. */
int unpacker_bundle(struct unpacker *unpacker, int fd, const char *name);

#endif

/* Where programs are found. */
#ifndef RUN_PROGRAM_H
#define RUN_PROGRAM_H

#include <wirelab/proc.h>

extern const char program_path[];

/* The directory of the tested implementation's or the reference's programs. */
const char *program_dir(enum program_role role);
/* The system's command of that name: malloc'd path, or NULL. */
char *program_find_command(const char *name);

#endif

/* How a guest's kernel is found, and what it is told. */
#ifndef WORLD_BOOT_H
#define WORLD_BOOT_H

#include "world/bootdir.h"
#include "world/guest.h"

/* Finds the stock kernel, linux.uml.  Returns its path, malloc'd, or NULL with
 * one sentence in `error` (GUEST_ERROR_BYTES): why there is none, and the
 * remedy. */
char *boot_find_kernel(char *error);

/* Composes the kernel's command line.  NULL-terminated; boot_free frees it. */
char **boot_command(const char *kernel, const struct guest_options *options,
                    const struct bootdir *dir);
void boot_free(char **argv);

#endif

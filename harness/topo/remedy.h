/* What mends a machine that refuses something.  Whether it refuses is found out
 * by trying (probe.c); why can only be guessed, from the settings known to
 * refuse and from where we are.
 *
 * A remedy is one command, or begins with "on the container's host: " or "in
 * PowerShell: " when it has to be given elsewhere.  A test sets
 * WIRELAB_SYSTEM_ROOT to a folder with other files than the machine's own. */
#ifndef TOPO_REMEDY_H
#define TOPO_REMEDY_H

#include <stdbool.h>

/* For namespaces that were refused with this errno; for the /proc of one; for a
 * TUN device.  The texts are constant. */
const char *remedy_namespaces(int error);
const char *remedy_proc(void);
/* For looking into programs of other users (ptrace(2), access mode checking).
 */
const char *remedy_watch(void);
const char *remedy_tun(int error);
const char *remedy_netem(void);

bool system_is_container(void);
/* The Windows Subsystem for Linux; version 1 has no kernel of its own. */
bool system_is_wsl(void);
bool system_is_wsl1(void);

#endif

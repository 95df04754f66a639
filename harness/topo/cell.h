/* What the cell and its probe share. */
#ifndef TOPO_CELL_H
#define TOPO_CELL_H

/* Takes the calling process into new namespaces, CLONE_NEW... in `flags`: as
 * root directly, else (or if that is refused) within a user namespace in which
 * it is root.  Returns 0, or -errno with the step that failed in `what`
 * (CELL_ERROR_BYTES). */
int cell_unshare(int flags, char *what);
/* The same, always within a user namespace. */
int userns_unshare(int flags, char *what);

#endif

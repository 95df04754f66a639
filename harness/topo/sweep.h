/* Control groups whose owner is gone. */
#ifndef TOPO_SWEEP_H
#define TOPO_SWEEP_H

/* Removes those named as cell_name says whose process is gone, in every
 * hierarchy, v1 and v2.  Returns how many it removed. */
int sweep_cgroups(void);

#endif

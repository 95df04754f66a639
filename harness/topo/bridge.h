/* Bridges, in the calling thread's namespace: silent ones, without spanning
 * tree or multicast snooping, which forward at once. */
#ifndef TOPO_BRIDGE_H
#define TOPO_BRIDGE_H

/* Makes one, up.  Returns its index. */
unsigned bridge_make(const char *name);
/* Sets a device up as a port of a bridge. */
void bridge_join(const char *device, unsigned bridge);
/* Makes a bridge of two devices that learns nothing and so passes everything
 * on: a cable. */
void bridge_hub(const char *name, const char *a, const char *b);

#endif

/* The netem engine: the kernel's own emulator, and what we see of it.
 *
 *      host a [eth0]--[p0] hub [p1 + qdisc netem]--[eth0] host b
 *                      ^         ^
 *                      entered   left                one packet socket for both
 *
 * Each direction has its qdisc on the device by which packets leave the link's
 * middle (topo/veth.c).  tc(8) sets it, the pairing (pair.h) finds out what it
 * did.  Everything random is the kernel's own: `seed` is handed on where tc and
 * kernel know it, and without it no two runs are alike. */
#ifndef LINK_NETEM_H
#define LINK_NETEM_H

#include "link/engine.h"

/* The same without any qdisc: links are perfect, or down.  It needs no netem in
 * the kernel; the harness tests with it what the two have in common. */
extern const struct engine engine_veth;

/* Writes the tc(8) line which gives `device` the profile: "qdisc replace dev p1
 * root netem limit 1000 delay 20ms loss 100%\n".  `down` loses everything;
 * `seed` is left out if it is 0. */
void netem_tc_line(struct strbuf *out, const char *device,
                   const struct profile *profile, bool down, uint64_t seed);

#endif

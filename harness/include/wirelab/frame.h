/* Packets of the test's own making: sent and awaited on a device of a host,
 * below its kernel's stack, and sockets of that kind for the program under
 * test.
 *
 *      struct frame_port *port = frame_open(a, link);
 *      frame_send(port, syn, sizeof(syn));
 *      ssize_t n = frame_await(port, "tcp[tcpflags] = tcp-syn|tcp-ack", reply,
 *                              sizeof(reply), SECONDS(2));
 *
 * On net_ethernet and net_lan a frame begins with its Ethernet header, on
 * net_link (which has none) with the IP header.  What is sent leaves the host
 * by that device and crosses the link as any packet does: it is recorded, and
 * has a fate.  What is received is what the link delivered to the host; the
 * host's own packets are not seen.  A VLAN tag that the kernel took off is put
 * back.  Errors are negative errno. */
#ifndef WIRELAB_FRAME_H
#define WIRELAB_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <wirelab/net.h>
#include <wirelab/time.h>

struct frame_port;

/* Opens a port.  Frames that arrive from now on wait in it, 4 MiB of them (less
 * without real root).
 * Ownership: frame_close, or the end of the test. */
struct frame_port *frame_open(struct host *host, const struct link *link);
void frame_close(struct frame_port *port);

/* Sends one frame as it is: nothing is filled in, nothing is checked.
 * Returns 0; -EMSGSIZE if it is longer than the device's MTU and header, or
 * another -errno of the device. */
int frame_send(struct frame_port *port, const void *frame, size_t bytes);

/* Waits for a frame that matches a libpcap filter, in which a host's name
 * stands for its addresses ("" matches all); those before it are thrown away.
 * At most `size` bytes are stored.  Returns the frame's length, which may be
 * more than `size`, or -ETIMEDOUT.  A buffer that overflowed is `infra`. */
ssize_t frame_await(struct frame_port *port, const char *filter, void *frame,
                    size_t size, int64_t timeout_ns);

/* Throws away what waits in the port. */
void frame_drain(struct frame_port *port);

/* ---- For the program under test --------------------------------------------
 * Neither needs a privilege once it is open, so a program without any can be
 * given one; the first of start_options.fds becomes its descriptor 3:
 *
 *      int fd = host_packet_socket(a, link);
 *      host_start_with(a, program("forge"),
 *                      &(struct start_options){
 *                          .fds = &fd, .fd_count = 1,
 *                          .fd_env = (const char *[]){"FORGE_FD"}}, argv);
 *
 * Both block.  Close them with close(2) or leave that to the end of the test;
 * the program's own is a copy. */

/* A packet socket bound to the host's device on that link: whole frames, in and
 * out, the host's own included (PACKET_OUTGOING).  Use it on Ethernet links: on
 * net_link the header there is depends on the engine. */
int host_packet_socket(struct host *host, const struct link *link);
/* A raw IP socket, AF_INET or AF_INET6, of IPPROTO_ICMP or the like: socket(2)
 * and raw(7). */
int host_raw_socket(struct host *host, int domain, int protocol);

/* Hardware address of a host's device, 6 bytes; Ethernet links only. */
void host_mac(const struct host *host, const struct link *link, uint8_t mac[6]);

#endif

/* What the tests of this lab share: an Ethernet link between two hosts, bags of
 * packets that travel over it, and dissect's output, read back. */
#ifndef COMMON_H
#define COMMON_H

#include <wirelab/wirelab.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* How long a program may take for what it does at once. */
#define PATIENCE SECONDS(10)

/* memcpy from text that stands for bytes: no NUL is meant to be copied. */
void put_bytes(void *to, const void *bytes, size_t count);

/* ---- Two hosts ----------------------------------------------------------- */

struct wire {
    struct net *net;
    struct host *maker, *reader;
    struct link *link;
};
/* An Ethernet link from maker to reader. */
struct wire wire_new(const char *profile);
struct wire wire_new6(const char *profile);

/* A link that does what links do to captures: packets come late, out of order
 * and twice; some never do. */
#define ROUGH "delay 4ms 3ms reorder 10% 50% duplicate 2% loss 3%"

/* ---- Bags of packets ----------------------------------------------------- */

enum { BAG_MAX = 4096 };

struct bag {
    struct file_packet packets[BAG_MAX]; /* each of its own memory */
    size_t count;
};
/* From one station to another.  A bridge, as netem's links have one inside,
 * passes nothing on that comes from 00:00:00:00:00:00. */
void put_stations(uint8_t *frame);
/* As forge does where it is told no addresses: to all, from 0. */
void put_default_stations(uint8_t *frame);

/* Add a copy; `length_bytes` (0: as many) is the length on the wire. */
void bag_add(struct bag *bag, const void *data, size_t bytes,
             size_t length_bytes);

/* Sends the packets from maker to reader, and collects what the link delivers,
 * in its order: as a capture at the reader would have seen it. */
void bag_travel(struct wire *wire, const struct bag *sent, struct bag *arrived);
/* Sends each packet until it has arrived, however rough the link, and collects
 * one of each in the order of `sent`: packet i is packet i. */
void bag_travel_whole(struct wire *wire, const struct bag *sent,
                      struct bag *arrived);
/* Takes what has arrived at a port and matches, until the link is quiet. */
void bag_collect(struct wire *wire, struct frame_port *port, const char *filter,
                 struct bag *arrived);

/* ---- dissect's output ---------------------------------------------------- */

struct reading;

/* Writes a bag to a file of the reader's, has dissect read it, and expects it
 * to end well, to tell of every packet, and to come to the totals that its own
 * lines add up to. */
struct reading *read_bag(struct wire *wire, const struct bag *bag,
                         enum capture_format format, unsigned link_type);
/* The same of a file that is there already. */
struct reading *read_file(struct wire *wire, const char *file, size_t packets);

/* The n-th line (from 0) of a packet that is named so, without its name;
 * NULL if there is none. */
const char *line_of(const struct reading *reading, size_t packet,
                    const char *name, size_t n);
/* A field's value in such a line; "" if there is none.  Valid until the next
 * call. */
const char *field_of(const struct reading *reading, size_t packet,
                     const char *layer, const char *field);
/* The whole of what was printed about a packet. */
const char *packet_text(const struct reading *reading, size_t packet);

/* They fail the test, in words about that packet (`what` says which it is). */
void expect_field(const struct reading *reading, size_t packet,
                  const char *layer, const char *field, const char *value,
                  const char *what);
/* `how` is "truncated in tcp" or the like; "" expects no stop. */
void expect_stop(const struct reading *reading, size_t packet, const char *how,
                 const char *what);

/* ---- forge --------------------------------------------------------------- */

/* Has forge send a packet by a packet socket of maker's, and expects it to
 * succeed.  In `spec`, "$M" and "$R" stand for the hardware addresses of maker
 * and reader, "$m" and "$r" for their IPv4 addresses, "$6m" and "$6r" for their
 * IPv6 addresses. */
void forge_send(struct wire *wire, const char *spec);
/* Has it write one to a file, and returns the frame's bytes. */
size_t forge_frame(struct wire *wire, const char *spec, uint8_t *frame,
                   size_t size);

#endif

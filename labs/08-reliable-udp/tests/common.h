/* What lab 08's tests share: two hosts and a transfer between them, the lab's
 * datagrams, and what the capture says of them. */
#ifndef COMMON_H
#define COMMON_H

#include <wirelab/wirelab.h>

#include "exits.h"
#include "wire.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One theme of the suite: its tests, in a file of their own. */
struct theme {
    const struct lab_test *tests;
    size_t count;
};
#define THEME(name, tests) const struct theme name = {tests, COUNT(tests)}

/* Capture filters.  udp[8] is the first byte of our header: see wire.h. */
#define OURS "udp[8:2] = 0x5255"
#define IS(type) OURS " and udp[11] = " type
#define OPEN IS("1")
#define DATA IS("2")
#define ACK IS("3")
#define FIN IS("4")
#define DONE IS("5")
#define RESET IS("6")
#define PING IS("7")
#define SEQUENCE "udp[16:4]"
#define ACKED "udp[20:4]"
#define WINDOW "udp[24:4]"

#define PORT "9000"
enum {
    PORT_NUMBER = 9000,
    SEGMENT = WIRE_SEGMENT_BYTES,
    ISN = 1000, /* where a test must know the numbers: rsend -i 1000 */
};
#define ISN_TEXT "1000"

/* Hosts "sender" and "receiver" with one link between them. */
struct rig {
    struct net *net;
    struct host *sender, *receiver;
    struct link *link;
};

struct rig rig_new(const char *profile);
/* Tells datagrams of a net that rig_new did not make by their names, too. */
void rig_describe(struct net *net);
/* The net of the newest rig, or that. */
struct net *rig_net(void);
/* The kernel's own UDP checksum would discard what the link has corrupted.
 * Switches it off, so that it is the lab's CRC that has to find it. */
void rig_let_damage_through(struct rig *rig);

/* sender:in.bin, sent to receiver:out.bin. */
struct transfer {
    struct rig *rig;
    int pairing; /* _i, see variants_pairing */
    size_t bytes;
    const char *window, *initial; /* rsend -w, -i; NULL: not given */
    const char *buffer, *rate;    /* rrecv -b, -r */
    struct proc *tx, *rx;
};

/* Makes the file, starts rrecv and, when it is ready, rsend. */
void transfer_begin(struct transfer *transfer);
/* Both programs end with status 0 within the limit; the file is there. */
void transfer_end(struct transfer *transfer, int64_t limit_ns);
/* Both of the above. */
void transfer_run(struct transfer *transfer, int64_t limit_ns);
struct proc *start_rrecv(struct transfer *transfer);
/* Starts rrecv and waits until it has its port. */
void ready_rrecv(struct transfer *transfer);
struct proc *start_rsend(struct transfer *transfer);
unsigned segments_of(size_t bytes);

/* ---- Datagrams ----------------------------------------------------------- */

/* Reads what lies in a packet; false if it is not a sound datagram of ours. */
bool message_read(struct wire *wire, const uint8_t *datagram, size_t bytes);
/* The same without a look at its CRC. */
bool message_shape(struct wire *wire, const uint8_t *datagram, size_t bytes);
/* Writes one.  Returns its length. */
size_t message_write(const struct wire *wire, uint8_t *datagram);
uint32_t message_crc(uint32_t crc, const void *data, size_t bytes);
/* For the ladder of a failure. */
bool message_describe(const struct packet *packet, char *text, size_t size);

/* Records what the capture tells of each transfer over time. */
void record_transfers(void);

/* ---- A peer which the test plays itself ---------------------------------- */

struct peer {
    struct rig *rig;
    int fd;
    char addr[64];
    uint16_t port;
    uint32_t connection;
};

/* Plays the sender towards rrecv, or the receiver towards rsend. */
struct peer peer_sender(struct rig *rig, uint32_t connection);
struct peer peer_receiver(struct rig *rig);
/* Sends; connection id is the peer's unless `wire` has one. */
void peer_say(struct peer *peer, const struct wire *wire);
/* The same with one bit of the datagram flipped, and so a CRC that is wrong. */
void peer_say_damaged(struct peer *peer, const struct wire *wire, size_t byte);
/* Hears the next sound datagram of that type, others are passed over.
 * Returns false when the time is over. */
bool peer_hear(struct peer *peer, enum wire_type type, struct wire *wire,
               int64_t timeout_ns);
/* As a receiver: waits for OPEN and accepts it with this window. */
struct wire peer_accept(struct peer *peer, uint32_t window);
/* As a sender: OPEN, and its ACK. */
void peer_open(struct peer *peer, uint32_t sequence);
/* One DATA of a full segment, all bytes of value `fill`. */
void peer_say_data(struct peer *peer, uint32_t sequence, uint8_t fill);

/* ---- What the capture says ------------------------------------------------
 */

/* One segment's history. */
struct entry {
    unsigned sends, arrived; /* copies sent; copies that got through */
    unsigned needless;       /* sent though one had got through already */
    int64_t first_ns, second_ns;
};

struct ledger {
    uint32_t initial;  /* OPEN's sequence number */
    unsigned segments; /* DATA only; entries[1..segments] */
    struct entry *entries;
    unsigned sends, resends, needless, lost;
    int64_t first_ns, last_ns; /* OPEN sent, last ACK delivered */
    /* First DATA sent, last segment delivered for the first time. */
    int64_t data_first_ns, data_last_ns;
};

/* Reads the capture of one transfer of `bytes`.  Ownership: of the test's
 * process, which is short. */
struct ledger ledger_read(struct rig *rig, size_t bytes);
/* From here on expectations are about the time of the transfer: see timed(). */
void timed_transfer(struct rig *rig, const struct ledger *ledger,
                    int64_t bearable_ns);
/* The same for a rate: all waits together explain no more than they took. */
void timed_goodput(struct rig *rig, const struct ledger *ledger, size_t bytes,
                   double least_bps, int64_t bearable_ns);
/* The same, from the first OPEN until the end. */
void timed_from_open(struct rig *rig, int64_t bearable_ns);

/* At no time were more than `limit` segments without an ACK that had reached
 * the sender. */
void expect_under_way_at_most(struct rig *rig, unsigned limit);
/* No segment was sent beyond the window of an ACK that had reached the
 * sender. */
void expect_window_respected(struct rig *rig);
/* Bytes of the file a second, from the first OPEN to the last ACK. */
double file_goodput_bps(const struct ledger *ledger, size_t bytes);

#endif

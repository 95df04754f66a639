/* The receiving side of one transfer: everything but socket and clock.
 *
 *      datagrams ──> receiver_receive ──> slots ──> receiver_write ──> file
 *                          └──> receiver_answer ──> ACK, RESET
 */
#ifndef RECEIVER_H
#define RECEIVER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "outfile.h"
#include "ranges.h"
#include "wire.h"

enum {
    RECEIVER_DEFAULT_BUFFER = 4096, /* segments, for -b */
    RECEIVER_MAX_BUFFER = 65536,
    RECEIVER_PATIENCE_US = 10 * 1000 * 1000, /* of a silent sender */
    RECEIVER_LINGER_US = 5 * 1000 * 1000,    /* for FINs that come again */
};

enum receiver_state {
    RECEIVER_LISTENING,
    RECEIVER_OPENED, /* OPEN has come, nothing else yet */
    RECEIVER_RECEIVING,
    RECEIVER_LINGERING, /* the file is in place; the sender may not know */
    RECEIVER_DONE,
    RECEIVER_FAILED, /* see `error` */
    RECEIVER_DEAD,   /* the sender is silent, or has given up */
};

/* A segment that has arrived and is not written yet. */
struct slot {
    bool used, fin;
    uint16_t bytes;
    uint8_t data[WIRE_SEGMENT_BYTES];
};

struct receiver {
    enum receiver_state state;
    int error;    /* of RECEIVER_FAILED, negative errno */
    uint8_t code; /* the RESET that the peer is owed or has sent */
    uint32_t connection;
    uint32_t initial; /* sequence number of OPEN, which is index 0 */
    struct sockaddr_in peer;

    struct slot *slots; /* of segment i: slots[i % buffer] */
    unsigned buffer;
    struct ranges ranges;
    uint64_t next;    /* first segment not there yet (RCV.NXT) */
    uint64_t written; /* first segment not in the file yet */
    bool have_end;
    uint64_t end;  /* index of FIN, once it is known */
    uint64_t edge; /* first segment beyond the window, as last told */

    const char *path;
    struct outfile out;
    uint64_t rate;          /* -r, bytes a second; 0: as fast as it goes */
    int64_t write_after_us; /* the slow disk is busy until then */

    int64_t heard_us; /* last valid datagram of the sender */
    uint32_t echo;    /* timestamp to be answered; 0: none */
    bool answer;      /* something is to be said without being asked */
    bool over;        /* it has failed, and its RESET was said often enough */
};

/* What to do with the datagram that was just taken in. */
enum receiver_reaction {
    REACT_NOTHING,
    REACT_LATER, /* answer when the batch is through */
    REACT_NOW,   /* answer at once, before the next datagram */
    REACT_RESET, /* it belongs to no connection: receiver_refuse */
};

/* Returns 0 or -ENOMEM. */
int receiver_init(struct receiver *receiver, const char *path, unsigned buffer,
                  uint64_t rate);
void receiver_fini(struct receiver *receiver);

/* Takes in a datagram which has been decoded. */
enum receiver_reaction receiver_receive(struct receiver *receiver,
                                        const struct wire *wire,
                                        const struct sockaddr_in *from,
                                        int64_t now_us);
/* Moves what is in order into the file, as far as the disk is ready. */
void receiver_write(struct receiver *receiver, int64_t now_us);
/* Lets the timers run that are due. */
void receiver_tick(struct receiver *receiver, int64_t now_us);
/* When receiver_write or receiver_tick want to be called, or INT64_MAX. */
int64_t receiver_deadline_us(const struct receiver *receiver);

/* Says what to send to the sender: the ACK, or the RESET once it has failed. */
void receiver_answer(struct receiver *receiver, struct wire *answer);
/* Makes the RESET for a datagram of another or no connection. */
void receiver_refuse(const struct receiver *receiver, const struct wire *wire,
                     struct wire *answer);

#endif

/* A packet socket's ring (packet(7), TPACKET_V2); see tap.h.
 *
 * Kernel and reader share memory of fixed frames:
 *
 *      +--------------------+-------------+---------+------------------+
 *      | tpacket2_hdr       | sockaddr_ll | padding | Ethernet frame   |
 *      | status, lengths,   | device,     |         | at tp_mac        |
 *      | time               | direction   |         |                  |
 *      +--------------------+-------------+---------+------------------+
 *
 * tp_status says whose a frame is: the kernel fills what is TP_STATUS_KERNEL
 * and gives it away with TP_STATUS_USER; the reader gives it back. */
#include "link/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <wirelab/time.h>

enum {
    FRAME_BYTES = 2048,
    BLOCK_BYTES = 1 << 16,
    FRAMES = 8192,
    COMPARISONS = 3,
    RING_BYTES = FRAMES * FRAME_BYTES,
};

static int map_ring(struct tap *tap)
{
    int version = TPACKET_V2;
    struct tpacket_req request = {
        .tp_block_size = BLOCK_BYTES,
        .tp_block_nr = RING_BYTES / BLOCK_BYTES,
        .tp_frame_size = FRAME_BYTES,
        .tp_frame_nr = FRAMES,
    };
    if (setsockopt(tap->fd, SOL_PACKET, PACKET_VERSION, &version,
                   sizeof(version)) < 0 ||
        setsockopt(tap->fd, SOL_PACKET, PACKET_RX_RING, &request,
                   sizeof(request)) < 0)
        return -errno;
    tap->ring =
        mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, tap->fd, 0);
    if (tap->ring == MAP_FAILED)
        return -errno;
    /* Thousands of pages, which no child looks at. */
    (void)madvise(tap->ring, RING_BYTES, MADV_DONTFORK);
    return 0;
}

int tap_open(struct tap *tap)
{
    /* Protocol 0: it hears nothing until it is bound, with the ring ready. */
    struct sockaddr_ll all = {.sll_family = AF_PACKET,
                              .sll_protocol = htons(ETH_P_ALL)};
    *tap = (struct tap){.ring = MAP_FAILED};
    tap->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (tap->fd < 0)
        return -errno;
    int error = map_ring(tap);
    if (error == 0 && bind(tap->fd, (struct sockaddr *)&all, sizeof(all)) < 0)
        error = -errno;
    if (error < 0)
        tap_close(tap);
    return error;
}

void tap_close(struct tap *tap)
{
    if (tap->ring != MAP_FAILED)
        munmap(tap->ring, RING_BYTES);
    if (tap->fd >= 0)
        close(tap->fd);
    *tap = (struct tap){.fd = -1, .ring = MAP_FAILED};
}

/* Reads both clocks.  Returns what the one is ahead of the other, and in
 * *doubt_ns how far that may be wrong: the three reads may be torn apart. */
static int64_t compare_clocks(int64_t *doubt_ns)
{
    struct timespec real;
    int64_t before_ns = clock_now_ns();
    clock_gettime(CLOCK_REALTIME, &real);
    int64_t after_ns = clock_now_ns();
    *doubt_ns = after_ns - before_ns;
    return before_ns + *doubt_ns / 2 -
           (real.tv_sec * SECONDS(1) + real.tv_nsec);
}

/* Keeps what has to be added to the kernel's time stamps, which are of the
 * calendar's clock.  That clock may be set, so the two are compared again and
 * again; but a comparison that could be wrong by more than the two differ must
 * not move the packets of this moment against those of the last. */
static void follow_clock(struct tap *tap)
{
    int64_t best_ns = 0, best_doubt_ns = INT64_MAX;
    for (int i = 0; i < COMPARISONS; i++) {
        int64_t doubt_ns, offset_ns = compare_clocks(&doubt_ns);
        if (doubt_ns >= best_doubt_ns)
            continue;
        best_ns = offset_ns;
        best_doubt_ns = doubt_ns;
    }
    int64_t change_ns = best_ns - tap->offset_ns;
    if (change_ns > best_doubt_ns || change_ns < -best_doubt_ns)
        tap->offset_ns = best_ns;
}

static uint64_t take_drops(const struct tap *tap)
{
    struct tpacket_stats stats = {0};
    socklen_t bytes = sizeof(stats);
    (void)getsockopt(tap->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &bytes);
    return stats.tp_drops;
}

uint64_t tap_sync(struct tap *tap)
{
    follow_clock(tap);
    return take_drops(tap);
}

static uint8_t *next_frame(const struct tap *tap)
{
    return tap->ring + (size_t)tap->next * FRAME_BYTES;
}

static int64_t stamp_ns(const struct tpacket2_hdr *header)
{
    return header->tp_sec * SECONDS(1) + header->tp_nsec;
}

int64_t tap_peek(const struct tap *tap)
{
    const struct tpacket2_hdr *header = (const void *)next_frame(tap);
    bool came =
        __atomic_load_n(&header->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER;
    return came ? stamp_ns(header) : INT64_MAX;
}

void tap_take(struct tap *tap,
              void (*visit)(void *context, const struct tap_frame *frame),
              void *context)
{
    uint8_t *at = next_frame(tap);
    struct tpacket2_hdr *header = (void *)at;
    const struct sockaddr_ll *from =
        (const void *)(at + TPACKET_ALIGN(sizeof(*header)));
    visit(context, &(struct tap_frame){
                       .ifindex = (unsigned)from->sll_ifindex,
                       .outgoing = from->sll_pkttype == PACKET_OUTGOING,
                       .data = at + header->tp_mac,
                       .captured_bytes = header->tp_snaplen,
                       .length_bytes = header->tp_len,
                       .time_ns = stamp_ns(header) + tap->offset_ns,
                   });
    __atomic_store_n(&header->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    tap->next = (tap->next + 1) % FRAMES;
}

/* Fuzzes the whole way of a frame: ARP, IPv4, fragments, ICMP, IPv6, NDP, RIP.
 *
 * The input is frames, each behind a byte for its interface and two for its
 * length; IPv4 checksums are put right half of the time, or the fuzzer would
 * never get past them.  What must hold: whatever the router writes is a frame
 * that a link can carry, and each IPv4 header in it has a right checksum. */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.h"
#include "checksum.h"
#include "config.h"
#include "ip4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char configuration[] =
    "interface if0 mac 02:77:00:01:00:02\ninterface if1 mac "
    "02:77:00:02:00:01\nmtu if1 576\naddress if0 10.77.1.2/24\naddress if1 "
    "10.77.2.1/24\naddress if0 fd77:1::2/64\naddress if1 fd77:2::1/64\n"
    "route 0.0.0.0/0 via 10.77.2.2\nroute ::/0 via fd77:2::2\n"
    "neighbour retry 10 tries 1\nrip if0 if1\n";

static void begin(struct router *router, int fds[4])
{
    char error[CONFIG_ERROR_BYTES];
    FILE *file = fmemopen((void *)(uintptr_t)configuration,
                          sizeof(configuration) - 1, "r");
    assert(file && config_read(router, file, "fuzz", error) == 0);
    fclose(file);
    for (int i = 0; i < 2; i++) {
        int rc =
            socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds + 2 * i);
        assert(rc == 0);
        router->ifaces[i].fd = fds[2 * i];
    }
    router->rip.chance = 1;
    limit_init(&router->icmp_limit, 1000, 1000, 0);
    int error_started = rip_start(router);
    assert(error_started == 0);
}

/* Reads what the router wrote, and judges it. */
static void judge(int fd)
{
    static uint8_t frame[FRAME_MAX_BYTES];
    ssize_t n;
    while ((n = recv(fd, frame, sizeof(frame), 0)) > 0) {
        assert(n >= ETHER_BYTES);
        const uint8_t *ip = frame + ETHER_BYTES;
        if (get_be16(frame + 12) != TYPE_IP4)
            continue;
        assert(n >= ETHER_BYTES + IP4_BYTES);
        size_t header = ip4_header_bytes(ip);
        assert(header >= IP4_BYTES && get_be16(ip + 2) == n - ETHER_BYTES);
        assert(checksum_finish(checksum_add(0, ip, header)) == 0);
    }
}

/* Takes one frame off the input.  Returns how much of it was used. */
static size_t feed(struct router *router, const uint8_t *data, size_t size)
{
    if (size < 3)
        return size;
    size_t bytes = get_be16(data + 1) & 0x7ff;
    bytes = bytes < size - 3 ? bytes : size - 3;
    struct iface *in = &router->ifaces[data[0] & 1];
    uint8_t *frame = malloc(bytes ? bytes : 1); /* exact: overruns are seen */
    assert(frame);
    memcpy(frame, data + 3, bytes);
    if (bytes >= ETHER_BYTES + IP4_BYTES && data[0] & 2) {
        memcpy(frame, in->mac, MAC_BYTES);
        size_t header = ip4_header_bytes(frame + ETHER_BYTES);
        if (header >= IP4_BYTES && ETHER_BYTES + header <= bytes)
            ip4_seal(frame + ETHER_BYTES);
    }
    frame_input(router, in, frame, bytes);
    free(frame);
    router->now_ms += data[0] >> 2;
    (void)neigh_tick(router);
    (void)rip_tick(router);
    return bytes + 3;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct router router;
    int fds[4];
    memset(&router, 0, sizeof(router));
    begin(&router, fds);
    while (size > 0) {
        size_t used = feed(&router, data, size);
        data += used;
        size -= used;
        judge(fds[1]);
        judge(fds[3]);
    }
    rip_fini(&router.rip);
    neigh_fini(&router.neighbours);
    routes_fini(&router.routes);
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    return 0;
}

/* Capture files of given packets; see wirelab/oracle.h.
 *
 * pcap: a header of 24 bytes, then each packet behind a header of 16.  The byte
 * order is the writer's, and the magic number tells the reader whether it is
 * the same; draft-ietf-opsawg-pcap. */
#include <wirelab/oracle.h>

#include <byteswap.h>
#include <stdbool.h>

#include <wirelab/proc.h>

#include "base/strbuf.h"
#include "link/pcapng.h"

enum { SNAP_BYTES = 262144 };

struct writer {
    struct strbuf out;
    bool swapped;
    int64_t tick_ns; /* of the times in it */
};

static void put16(struct writer *writer, uint16_t value)
{
    if (writer->swapped)
        value = bswap_16(value);
    strbuf_add(&writer->out, &value, sizeof(value));
}

static void put32(struct writer *writer, uint32_t value)
{
    if (writer->swapped)
        value = bswap_32(value);
    strbuf_add(&writer->out, &value, sizeof(value));
}

static size_t length_of(const struct file_packet *packet)
{
    return packet->length_bytes ? packet->length_bytes : packet->bytes;
}

static void put_file_header(struct writer *writer, unsigned link_type)
{
    put32(writer, writer->tick_ns == 1 ? 0xa1b23c4d : 0xa1b2c3d4);
    put16(writer, 2); /* version 2.4 */
    put16(writer, 4);
    put32(writer, 0); /* time zone and accuracy: always 0 */
    put32(writer, 0);
    put32(writer, SNAP_BYTES);
    put32(writer, link_type);
}

static void put_packet(struct writer *writer, const struct file_packet *packet)
{
    int64_t second_ns = 1000000000;
    put32(writer, (uint32_t)(packet->time_ns / second_ns));
    put32(writer, (uint32_t)(packet->time_ns % second_ns / writer->tick_ns));
    put32(writer, (uint32_t)packet->bytes);
    put32(writer, (uint32_t)length_of(packet));
    strbuf_add(&writer->out, packet->data, packet->bytes);
}

static void put_pcapng(struct writer *writer, unsigned link_type,
                       const struct file_packet *packets, size_t count)
{
    pcapng_section(&writer->out, "wirelab");
    pcapng_interface(&writer->out, link_type, "given", "");
    for (size_t i = 0; i < count; i++) {
        struct pcapng_packet packet = {
            .time_ns = packets[i].time_ns,
            .data = packets[i].data,
            .captured_bytes = packets[i].bytes,
            .length_bytes = length_of(&packets[i]),
            .comment = "",
        };
        pcapng_packet(&writer->out, &packet);
    }
}

void file_capture(struct net *net, const char *file, enum capture_format format,
                  unsigned link_type, const struct file_packet *packets,
                  size_t count)
{
    struct writer writer = {
        .swapped = format == CAPTURE_PCAP_SWAPPED,
        .tick_ns = format == CAPTURE_PCAP_NS ? 1 : 1000,
    };
    if (format == CAPTURE_PCAPNG) {
        put_pcapng(&writer, link_type, packets, count);
    } else {
        put_file_header(&writer, link_type);
        for (size_t i = 0; i < count; i++)
            put_packet(&writer, &packets[i]);
    }
    file_write(net, file, writer.out.text, writer.out.length);
    strbuf_fini(&writer.out);
}

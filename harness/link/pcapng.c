/* pcapng, the writing half.
 *
 * Every block is  type, total length, body, total length  in the writer's byte
 * order, which the section header's magic tells; bodies and options are padded
 * to four bytes.  An option is  code, length, value, padding  and a list of
 * options ends with code 0.
 *
 *      0                   1                   2                   3
 *      +---------------------------------------------------------------+
 *      |                          Block Type                           |
 *      +---------------------------------------------------------------+
 *      |                      Block Total Length                       |
 *      +---------------------------------------------------------------+
 *      /                     Body, Options, padded                     /
 *      +---------------------------------------------------------------+
 *      |                      Block Total Length                       |
 *      +---------------------------------------------------------------+
 */
#include "link/pcapng.h"

#include <string.h>

enum {
    OPTION_APPLICATION = 4,
    OPTION_IF_DESCRIPTION = 3,
    OPTION_IF_TSRESOL = 9,
    OPTION_ISB_RECEIVED = 4,
    OPTION_ISB_DROPPED = 5,

    TSRESOL_NANOSECONDS = 9,
    MAX_OPTION_BYTES = 65532,
};

/* Types for local use begin here. */
#define BLOCK_LOCAL 0x80000000U

static void add_u16(struct strbuf *out, unsigned value)
{
    uint16_t v = (uint16_t)value;
    strbuf_add(out, &v, sizeof(v));
}

static void add_u32(struct strbuf *out, uint32_t value)
{
    strbuf_add(out, &value, sizeof(value));
}

/* Times and counters are split in two words, the high one first. */
static void add_high_low(struct strbuf *out, uint64_t value)
{
    add_u32(out, (uint32_t)(value >> 32));
    add_u32(out, (uint32_t)value);
}

static void pad(struct strbuf *out)
{
    static const uint8_t zeros[4];
    strbuf_add(out, zeros, -out->length & 3);
}

static void add_option(struct strbuf *out, unsigned code, const void *value,
                       size_t bytes)
{
    if (bytes > MAX_OPTION_BYTES)
        bytes = MAX_OPTION_BYTES;
    add_u16(out, code);
    add_u16(out, (unsigned)bytes);
    strbuf_add(out, value, bytes);
    pad(out);
}

static void add_text_option(struct strbuf *out, unsigned code, const char *text)
{
    if (*text != '\0')
        add_option(out, code, text, strlen(text));
}

/* Returns where the block begins, for block_end. */
static size_t block_begin(struct strbuf *out, uint32_t type)
{
    size_t start = out->length;
    add_u32(out, type);
    add_u32(out, 0); /* the length, known later */
    return start;
}

static void block_end(struct strbuf *out, size_t start)
{
    uint32_t length = (uint32_t)(out->length - start + sizeof(length));
    memcpy(out->text + start + 4, &length, sizeof(length));
    add_u32(out, length);
}

void pcapng_section(struct strbuf *out, const char *application)
{
    size_t start = block_begin(out, PCAPNG_BLOCK_SECTION);
    add_u32(out, PCAPNG_BYTE_ORDER); /* byte-order magic */
    add_u16(out, 1);                 /* version 1.0 */
    add_u16(out, 0);
    add_u32(out, UINT32_MAX); /* the section's length is not known */
    add_u32(out, UINT32_MAX);
    add_text_option(out, OPTION_APPLICATION, application);
    add_u32(out, PCAPNG_LIST_END);
    block_end(out, start);
}

void pcapng_interface(struct strbuf *out, unsigned link_type, const char *name,
                      const char *description)
{
    uint8_t resolution = TSRESOL_NANOSECONDS;
    size_t start = block_begin(out, PCAPNG_BLOCK_INTERFACE);
    add_u16(out, link_type);
    add_u16(out, 0);
    add_u32(out, 0); /* no limit on captured bytes */
    add_text_option(out, PCAPNG_IF_NAME, name);
    add_text_option(out, OPTION_IF_DESCRIPTION, description);
    add_option(out, OPTION_IF_TSRESOL, &resolution, sizeof(resolution));
    add_u32(out, PCAPNG_LIST_END);
    block_end(out, start);
}

void pcapng_names(struct strbuf *out, const struct pcapng_name *names,
                  size_t count)
{
    size_t start = block_begin(out, PCAPNG_BLOCK_NAMES);
    for (size_t i = 0; i < count; i++) {
        const struct pcapng_name *name = &names[i];
        size_t text_bytes = strlen(name->name) + 1;
        add_u16(out,
                name->address_bytes == 4 ? PCAPNG_NAME_IPV4 : PCAPNG_NAME_IPV6);
        add_u16(out, (unsigned)(name->address_bytes + text_bytes));
        strbuf_add(out, name->address, name->address_bytes);
        strbuf_add(out, name->name, text_bytes);
        pad(out);
    }
    add_u32(out, PCAPNG_LIST_END);
    block_end(out, start);
}

void pcapng_packet(struct strbuf *out, const struct pcapng_packet *packet)
{
    size_t start = block_begin(out, PCAPNG_BLOCK_PACKET);
    add_u32(out, packet->interface);
    add_high_low(out, (uint64_t)packet->time_ns);
    add_u32(out, (uint32_t)packet->captured_bytes);
    add_u32(out, (uint32_t)packet->length_bytes);
    strbuf_add(out, packet->data, packet->captured_bytes);
    pad(out);
    if (*packet->comment != '\0') {
        add_text_option(out, PCAPNG_COMMENT, packet->comment);
        add_u32(out, PCAPNG_LIST_END);
    }
    block_end(out, start);
}

void pcapng_filler(struct strbuf *out, size_t bytes)
{
    size_t start = block_begin(out, BLOCK_LOCAL);
    while (out->length - start < bytes - 4)
        add_u32(out, 0);
    block_end(out, start);
}

static void add_count_option(struct strbuf *out, unsigned code, uint64_t count)
{
    add_option(out, code, &count, sizeof(count));
}

void pcapng_statistics(struct strbuf *out, unsigned interface, int64_t time_ns,
                       uint64_t received, uint64_t dropped, const char *comment)
{
    size_t start = block_begin(out, PCAPNG_BLOCK_STATISTICS);
    add_u32(out, interface);
    add_high_low(out, (uint64_t)time_ns);
    add_text_option(out, PCAPNG_COMMENT, comment);
    add_count_option(out, OPTION_ISB_RECEIVED, received);
    add_count_option(out, OPTION_ISB_DROPPED, dropped);
    add_u32(out, PCAPNG_LIST_END);
    block_end(out, start);
}

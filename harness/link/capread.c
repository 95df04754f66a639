/* Reading capture.pcapng; pcapng.c tells the layout of its blocks.
 *
 * The file was written by capfile.c, on this kind of machine, but it is a file:
 * it may have been cut short, damaged, or be something else by now.  So each
 * block is read whole into one buffer and everything in it is looked up through
 * `span`, which refuses what lies beyond the block's end. */
#include "link/capread.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "link/capstore.h"
#include "link/locate.h"
#include "link/pcapng.h"

enum {
    MAX_BLOCK_BYTES = 1 << 20,
    MAX_INTERFACES = 4096,
    MAX_NAMES = 4096,
    PACKET_FIXED_BYTES = 20,
    SECTION_FIXED_BYTES = 16,
    INTERFACE_FIXED_BYTES = 8,
};

struct direction {
    char from[CAPREAD_NAME_BYTES], to[CAPREAD_NAME_BYTES];
    bool ethernet;
};

struct name {
    uint8_t address[16];
    size_t address_bytes;
    char name[CAPREAD_NAME_BYTES];
};

struct capread {
    FILE *file;
    uint8_t *block; /* the body of the newest */
    uint32_t number;
    struct direction *directions;
    size_t direction_count;
    struct name *names;
    size_t name_count;
    struct strbuf comment;
};

/* Bytes that are still to be read. */
struct span {
    const uint8_t *at;
    size_t left;
};

/* The next `bytes`, or NULL if there are fewer. */
static const uint8_t *take(struct span *span, size_t bytes)
{
    const uint8_t *taken = span->at;
    if (bytes > span->left)
        return NULL;
    span->at += bytes;
    span->left -= bytes;
    return taken;
}

static size_t padded(size_t bytes)
{
    return (bytes + 3) & ~(size_t)3;
}

static uint16_t get_u16(const uint8_t *p)
{
    uint16_t value;
    memcpy(&value, p, sizeof(value));
    return value;
}

static uint32_t get_u32(const uint8_t *p)
{
    uint32_t value;
    memcpy(&value, p, sizeof(value));
    return value;
}

/* An entry of a list of options or of names, which look alike: code, length,
 * value, padding.  Returns false at the end, also where it is cut short. */
static bool next_entry(struct span *list, unsigned *code, struct span *value)
{
    const uint8_t *head = take(list, 4);
    if (head == NULL)
        return false;
    *code = get_u16(head);
    value->left = get_u16(head + 2);
    value->at = take(list, padded(value->left));
    return *code != PCAPNG_LIST_END && value->at != NULL;
}

static bool find_option(struct span options, unsigned wanted,
                        struct span *value)
{
    unsigned code;
    while (next_entry(&options, &code, value)) {
        if (code == wanted)
            return true;
    }
    return false;
}

static void copy_name(char name[CAPREAD_NAME_BYTES], const char *text, size_t n)
{
    n = n < CAPREAD_NAME_BYTES ? n : CAPREAD_NAME_BYTES - 1;
    memcpy(name, text, n);
    name[n] = '\0';
}

/* "sender->receiver (eth0)" */
static void read_direction(struct direction *direction, const struct span *name)
{
    char text[64] = "";
    memcpy(text, name->at,
           name->left < sizeof(text) ? name->left : sizeof(text) - 1);
    const char *arrow = strstr(text, "->");
    if (arrow == NULL)
        return;
    copy_name(direction->from, text, (size_t)(arrow - text));
    copy_name(direction->to, arrow + 2, strcspn(arrow + 2, " "));
}

static int read_interface(struct capread *r, struct span body)
{
    const uint8_t *fixed = take(&body, INTERFACE_FIXED_BYTES);
    struct span name;
    if (fixed == NULL || r->direction_count == MAX_INTERFACES)
        return -EBADMSG;
    r->directions = mem_realloc(r->directions, (r->direction_count + 1) *
                                                   sizeof(*r->directions));
    struct direction *direction = &r->directions[r->direction_count++];
    *direction = (struct direction){
        .from = "?", .to = "?", .ethernet = get_u16(fixed) == PCAPNG_ETHERNET};
    if (find_option(body, PCAPNG_IF_NAME, &name))
        read_direction(direction, &name);
    return 0;
}

static void read_names(struct capread *r, struct span body)
{
    struct span entry;
    unsigned code;
    while (next_entry(&body, &code, &entry) && r->name_count < MAX_NAMES) {
        size_t address_bytes = code == PCAPNG_NAME_IPV4 ? 4 : 16;
        if (entry.left <= address_bytes)
            continue;
        r->names =
            mem_realloc(r->names, (r->name_count + 1) * sizeof(*r->names));
        struct name *name = &r->names[r->name_count++];
        name->address_bytes = address_bytes;
        memcpy(name->address, entry.at, address_bytes);
        copy_name(name->name, (const char *)entry.at + address_bytes,
                  entry.left - address_bytes);
    }
}

static void read_comment(struct capread *r, const struct span *options)
{
    struct span text = {0};
    r->comment.length = 0;
    if (find_option(*options, PCAPNG_COMMENT, &text))
        strbuf_add(&r->comment, text.at, text.left);
    strbuf_add(&r->comment, "", 0);
}

static int read_packet(struct capread *r, struct span body,
                       struct capread_packet *out)
{
    const uint8_t *fixed = take(&body, PACKET_FIXED_BYTES);
    if (fixed == NULL)
        return -EBADMSG;
    unsigned interface = get_u32(fixed);
    size_t captured_bytes = get_u32(fixed + 12);
    const uint8_t *data = take(&body, padded(captured_bytes));
    if (data == NULL || interface >= r->direction_count)
        return -EBADMSG;
    const struct direction *direction = &r->directions[interface];
    *out = (struct capread_packet){
        .interface = interface, .from = direction->from, .to = direction->to};
    struct packet *packet = &out->packet;
    packet->number = ++r->number;
    packet->sent_ns =
        (int64_t)((uint64_t)get_u32(fixed + 4) << 32 | get_u32(fixed + 8));
    packet->data = data;
    packet->captured_bytes = captured_bytes;
    packet->length_bytes = get_u32(fixed + 16);
    read_comment(r, &body);
    packet->note = strbuf_text(&r->comment);
    capture_note_read(packet->note, packet);
    packet_locate(packet, direction->ethernet);
    return 1;
}

/* Reads the next block's body.  Returns 1, 0 at the end of the file, or
 * -EBADMSG. */
static int read_block(struct capread *r, uint32_t *type, struct span *body)
{
    uint8_t head[8];
    size_t n = fread(head, 1, sizeof(head), r->file);
    if (n == 0)
        return ferror(r->file) ? -EBADMSG : 0;
    size_t bytes = n == sizeof(head) ? get_u32(head + 4) : 0;
    if (bytes < 12 || bytes % 4 != 0 || bytes > MAX_BLOCK_BYTES)
        return -EBADMSG;
    bytes -= sizeof(head);
    if (fread(r->block, 1, bytes, r->file) != bytes ||
        get_u32(r->block + bytes - 4) != bytes + sizeof(head))
        return -EBADMSG;
    *type = get_u32(head);
    *body = (struct span){r->block, bytes - 4};
    return 1;
}

int capread_next(struct capread *r, struct capread_packet *out)
{
    uint32_t type;
    struct span body;
    int rc;
    while ((rc = read_block(r, &type, &body)) == 1) {
        if (type == PCAPNG_BLOCK_PACKET)
            return read_packet(r, body, out);
        if (type == PCAPNG_BLOCK_INTERFACE && read_interface(r, body) < 0)
            return -EBADMSG;
        if (type == PCAPNG_BLOCK_NAMES)
            read_names(r, body);
    }
    return rc;
}

const char *capread_host(const struct capread *r, const uint8_t *address,
                         size_t address_bytes)
{
    for (size_t i = 0; i < r->name_count; i++) {
        if (r->names[i].address_bytes == address_bytes &&
            memcmp(r->names[i].address, address, address_bytes) == 0)
            return r->names[i].name;
    }
    return NULL;
}

struct capread *capread_open(const char *path, int *error)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        *error = -errno;
        return NULL;
    }
    struct capread *r = mem_zalloc(sizeof(*r));
    struct span body;
    uint32_t type;
    r->file = file;
    r->block = mem_zalloc(MAX_BLOCK_BYTES);
    if (read_block(r, &type, &body) != 1 || type != PCAPNG_BLOCK_SECTION ||
        body.left < SECTION_FIXED_BYTES ||
        get_u32(body.at) != PCAPNG_BYTE_ORDER) {
        *error = -EBADMSG;
        capread_close(r);
        return NULL;
    }
    return r;
}

void capread_close(struct capread *r)
{
    (void)fclose(r->file); /* it was only read */
    strbuf_fini(&r->comment);
    free(r->block);
    free(r->directions);
    free(r->names);
    free(r);
}

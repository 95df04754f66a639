/* Packet specs as text; see spec.h.  There is nothing to write here. */
#include "spec.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kind {
    const char *name;
    const char *fields; /* each between spaces */
};

static const struct kind kinds[SPEC_TEXT] = {
    [SPEC_ETH] = {"eth", " dst src type "},
    [SPEC_VLAN] = {"vlan", " vid pcp dei tpid type "},
    [SPEC_ARP] = {"arp", " op sha spa tha tpa "},
    [SPEC_IP] = {"ip", " src dst ttl dscp ecn id flags frag proto len ihl "
                       "sum opt "},
    [SPEC_IP6] = {"ip6", " src dst hlim dscp ecn flow len next "},
    [SPEC_HOP] = {"hop", " next len opt "},
    [SPEC_DST] = {"dst", " next len opt "},
    [SPEC_FRAG] = {"frag", " next off more id "},
    [SPEC_ICMP] = {"icmp", " type code id seq rest sum "},
    [SPEC_ICMP6] = {"icmp6", " type code id seq rest sum "},
    [SPEC_UDP] = {"udp", " sport dport len sum "},
    [SPEC_TCP] = {"tcp", " sport dport seq ack off flags win sum urg mss "
                         "wscale sackok tsval tsecr opt "},
};

static int complain(struct spec *spec, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int complain(struct spec *spec, const char *at, const char *format, ...)
{
    va_list args;
    int n = snprintf(spec->error, sizeof(spec->error),
                     "column %td: ", at - spec->source + 1);
    va_start(args, format);
    vsnprintf(spec->error + n, sizeof(spec->error) - (size_t)n, format, args);
    va_end(args);
    return -EINVAL;
}

/* ---- The line ------------------------------------------------------------ */

static size_t word_length(const char *at)
{
    size_t n = 0;
    while (isalnum((unsigned char)at[n]))
        n++;
    return n;
}

static bool is_word(const char *at, size_t bytes, const char *word)
{
    return strlen(word) == bytes && memcmp(at, word, bytes) == 0;
}

static bool kind_has_field(enum spec_kind kind, const char *at, size_t bytes)
{
    char word[32];
    if (bytes + 3 > sizeof(word))
        return false;
    snprintf(word, sizeof(word), " %.*s ", (int)bytes, at);
    return strstr(kinds[kind].fields, word) != NULL;
}

static int parse_field(struct spec *spec, struct spec_layer *layer,
                       const char **at)
{
    size_t name = word_length(*at);
    if (layer->field_count == SPEC_MAX_FIELDS)
        return complain(spec, *at, "more than %d fields", SPEC_MAX_FIELDS);
    if (name == 0 || (*at)[name] != '=')
        return complain(spec, *at, "a field is NAME=VALUE");
    if (!kind_has_field(layer->kind, *at, name))
        return complain(spec, *at, "%s has no field %.*s, but%s",
                        kinds[layer->kind].name, (int)name, *at,
                        kinds[layer->kind].fields);
    const char *value = *at + name + 1;
    size_t length = strcspn(value, ",()/\"");
    layer->fields[layer->field_count++] = (struct spec_field){
        .name = *at, .name_bytes = name, .value = value, .value_bytes = length};
    *at = value + length;
    return 0;
}

static int parse_fields(struct spec *spec, struct spec_layer *layer,
                        const char **at)
{
    if (**at == ')') {
        ++*at;
        return 0;
    }
    for (;;) {
        int error = parse_field(spec, layer, at);
        if (error != 0)
            return error;
        char end = **at;
        if (end != ',' && end != ')')
            return complain(spec, *at, "expected \",\" or \")\"");
        ++*at;
        if (end == ')')
            return 0;
    }
}

/* Reads one byte of a text.  Returns how long it is there, or 0. */
static size_t read_escape(const char *at, uint8_t *byte)
{
    static const char letters[] = "nrt0\\\"", meanings[] = "\n\r\t\0\\\"";
    if (at[0] != '\\') {
        *byte = (uint8_t)at[0];
        return 1;
    }
    if (at[1] == 'x' && isxdigit((unsigned char)at[2]) &&
        isxdigit((unsigned char)at[3])) {
        char hex[3] = {at[2], at[3], '\0'};
        *byte = (uint8_t)strtoul(hex, NULL, 16);
        return 4;
    }
    const char *letter = at[1] != '\0' ? strchr(letters, at[1]) : NULL;
    if (letter == NULL)
        return 0;
    *byte = (uint8_t)meanings[letter - letters];
    return 2;
}

static int parse_text(struct spec *spec, struct spec_layer *layer,
                      const char **at)
{
    layer->kind = SPEC_TEXT;
    layer->text = *at;
    while (**at != '"') {
        uint8_t byte;
        size_t n = **at != '\0' ? read_escape(*at, &byte) : 0;
        if (n == 0)
            return complain(spec, *at,
                            **at == '\0' ? "the text has no closing quote"
                                         : "\\ is followed by n r t 0 \\ \" "
                                           "or xHH");
        *at += n;
    }
    layer->text_bytes = (size_t)(*at - layer->text);
    ++*at;
    return 0;
}

static int parse_name(struct spec *spec, struct spec_layer *layer,
                      const char **at)
{
    size_t name = word_length(*at);
    for (int kind = 0; kind < SPEC_TEXT; kind++) {
        if (!is_word(*at, name, kinds[kind].name))
            continue;
        layer->kind = (enum spec_kind)kind;
        *at += name;
        if (**at != '(')
            return 0;
        ++*at;
        return parse_fields(spec, layer, at);
    }
    return complain(spec, *at,
                    "a layer is eth vlan arp ip ip6 hop dst frag icmp icmp6 "
                    "udp tcp or a \"text\"");
}

int spec_parse(struct spec *spec, const char *line)
{
    *spec = (struct spec){.source = line};
    for (const char *at = line;; at++) {
        if (spec->layer_count == SPEC_MAX_LAYERS)
            return complain(spec, at, "more than %d layers", SPEC_MAX_LAYERS);
        struct spec_layer *layer = &spec->layers[spec->layer_count++];
        bool text = *at == '"';
        at += text;
        int error =
            text ? parse_text(spec, layer, &at) : parse_name(spec, layer, &at);
        if (error != 0)
            return error;
        if (*at == '\0')
            return 0;
        if (*at != '/')
            return complain(spec, at, "expected \"/\" and a layer");
    }
}

/* ---- Fields -------------------------------------------------------------- */

static const struct spec_field *find(const struct spec_layer *layer,
                                     const char *name)
{
    for (unsigned i = 0; i < layer->field_count; i++) {
        if (is_word(layer->fields[i].name, layer->fields[i].name_bytes, name))
            return &layer->fields[i];
    }
    return NULL;
}

bool spec_has(const struct spec_layer *layer, const char *name)
{
    return find(layer, name) != NULL;
}

/* A copy that ends with NUL; too long a value becomes "". */
static void copy_value(const struct spec_field *field, char *text, size_t size)
{
    size_t n = field->value_bytes < size ? field->value_bytes : 0;
    memcpy(text, field->value, n);
    text[n] = '\0';
}

int spec_number(struct spec *spec, const struct spec_layer *layer,
                const char *name, uint32_t limit, uint32_t *value)
{
    const struct spec_field *field = find(layer, name);
    if (field == NULL)
        return 0;
    char text[32], *end;
    copy_value(field, text, sizeof(text));
    unsigned long long number = strtoull(text, &end, 0);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || number > limit)
        return complain(spec, field->value,
                        "%s is a number from 0 to %u, decimal or 0x…", name,
                        limit);
    *value = (uint32_t)number;
    return 0;
}

static bool read_mac(const char *text, uint8_t *value)
{
    for (int i = 0; i < 6; i++) {
        const char *at = text + (ptrdiff_t)3 * i;
        if (!isxdigit((unsigned char)at[0]) ||
            !isxdigit((unsigned char)at[1]) || at[2] != (i < 5 ? ':' : '\0'))
            return false;
        value[i] = (uint8_t)strtoul(at, NULL, 16);
    }
    return true;
}

int spec_address(struct spec *spec, const struct spec_layer *layer,
                 const char *name, uint8_t *value, size_t bytes)
{
    const struct spec_field *field = find(layer, name);
    if (field == NULL)
        return 0;
    char text[64] = "";
    copy_value(field, text, sizeof(text));
    bool good = bytes == 6 ? read_mac(text, value)
                           : inet_pton(bytes == 4 ? AF_INET : AF_INET6, text,
                                       value) == 1;
    if (good)
        return 0;
    return complain(spec, field->value, "%s is an address like %s", name,
                    bytes == 6   ? "02:77:00:01:00:02"
                    : bytes == 4 ? "10.77.1.2"
                                 : "fd77:1::2");
}

int spec_hex(struct spec *spec, const struct spec_layer *layer,
             const char *name, uint8_t *value, size_t *bytes)
{
    const struct spec_field *field = find(layer, name);
    size_t room = *bytes;
    *bytes = 0;
    if (field == NULL)
        return 0;
    if (field->value_bytes % 2 != 0 || field->value_bytes / 2 > room)
        return complain(spec, field->value,
                        "%s is an even number of hex digits, %zu at most", name,
                        2 * room);
    for (size_t i = 0; i < field->value_bytes; i += 2) {
        char hex[3] = {field->value[i], field->value[i + 1], '\0'}, *end;
        value[(*bytes)++] = (uint8_t)strtoul(hex, &end, 16);
        if (end != hex + 2)
            return complain(spec, field->value + i, "%s is in hex", name);
    }
    return 0;
}

int spec_letters(struct spec *spec, const struct spec_layer *layer,
                 const char *name, const char *letters, uint32_t *value)
{
    const struct spec_field *field = find(layer, name);
    if (field == NULL)
        return 0;
    *value = 0;
    for (size_t i = 0; i < field->value_bytes; i++) {
        const char *letter = strchr(letters, field->value[i]);
        if (letter == NULL)
            return complain(spec, field->value + i,
                            "%s is any of the letters %s", name, letters);
        *value |= 1u << (letter - letters);
    }
    return 0;
}

size_t spec_text(const struct spec_layer *layer, uint8_t *value)
{
    size_t count = 0;
    for (size_t i = 0; i < layer->text_bytes; count++)
        i += read_escape(layer->text + i, &value[count]);
    return count;
}

/* What is said of a packet: the comment in the capture file, the note of a
 * struct packet.  The engine's own words come first, where it had any; the rest
 * is told from the fate and the times.  Whoever reads a capture file later gets
 * both back from the comment, by capture_note_read(). */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link/capstore.h"

static bool is_gone(unsigned fate)
{
    return (fate & (FATE_CUT | FATE_OVERFLOW | FATE_INTERNAL | FATE_LOST)) != 0;
}

static const char *gone_text(unsigned fate)
{
    if (fate & FATE_CUT)
        return "lost: the link was cut";
    if (fate & FATE_OVERFLOW)
        return "lost: the link's queue was full (limit)";
    if (fate & FATE_INTERNAL)
        return "lost: the emulator was overrun";
    return "lost";
}

/* Milliseconds to the microsecond: "5.0", "52.104". */
static void add_ms(struct strbuf *text, int64_t ns)
{
    char digits[40];
    int n = snprintf(digits, sizeof(digits), "%.3f", (double)ns / 1e6);
    while (digits[n - 1] == '0' && digits[n - 2] != '.')
        digits[--n] = '\0';
    strbuf_add(text, digits, (size_t)n);
}

static void add_delay(struct strbuf *text, const struct packet *p)
{
    if (p->due_ns <= p->sent_ns)
        return;
    strbuf_printf(text, "%s%s ", text->length > 0 ? "; " : "",
                  p->fate & FATE_HELD ? "held" : "delayed");
    add_ms(text, p->due_ns - p->sent_ns);
    if (p->fate & FATE_IN_FLIGHT) {
        strbuf_printf(text, " ms, still in flight");
        return;
    }
    strbuf_printf(text, " ms (late ");
    add_ms(text, p->delivered_ns - p->due_ns);
    strbuf_printf(text, ")");
}

void capture_note(const struct capture *capture, const struct packet *packet,
                  struct strbuf *text)
{
    const char *cause = capture_cause(capture, packet->number);
    if (cause)
        strbuf_printf(text, "%s", cause);
    else if (is_gone(packet->fate))
        strbuf_printf(text, "%s", gone_text(packet->fate));
    else if (packet->fate & FATE_REORDERED)
        strbuf_printf(text, "reordered: sent ahead of those before it");
    if (packet->copy_of != 0)
        strbuf_printf(text, "%sduplicate of #%" PRIu32,
                      text->length > 0 ? "; " : "", packet->copy_of);
    if (!is_gone(packet->fate))
        add_delay(text, packet);
}

/* ---- Reading it back ----------------------------------------------------- */

static unsigned fate_of_loss(const char *note)
{
    if (strstr(note, "link is down") || strstr(note, "lost: cut at") ||
        strstr(note, "link was cut"))
        return FATE_CUT;
    if (strstr(note, "queue was full"))
        return FATE_OVERFLOW;
    if (strstr(note, "emulator was overrun"))
        return FATE_INTERNAL;
    return FATE_LOST;
}

static unsigned fate_of_words(const char *note)
{
    static const struct {
        const char *words;
        unsigned fate;
    } table[] = {
        {"corrupted (bit", FATE_CORRUPT},   {"sent at once", FATE_REORDERED},
        {"sent ahead", FATE_REORDERED},     {"marked", FATE_MARKED},
        {"duplicate of #", FATE_DUPLICATE}, {"held ", FATE_HELD},
    };
    unsigned fate = 0;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strstr(note, table[i].words))
            fate |= table[i].fate;
    }
    return fate;
}

/* The last of the notes in which these words stand: an engine's own words come
 * before those of ours and may quote a filter that has anything in it. */
static const char *after_last(const char *note, const char *words)
{
    const char *found = NULL, *at = note;
    while ((at = strstr(at, words)) != NULL)
        found = at += strlen(words);
    return found;
}

void capture_note_read(const char *note, struct packet *packet)
{
    packet->copy_of = 0;
    packet->due_ns = packet->delivered_ns = packet->sent_ns;
    packet->fate = fate_of_words(note);
    const char *original = after_last(note, "duplicate of #");
    if (original)
        packet->copy_of = (uint32_t)strtoul(original, NULL, 10);
    if (strncmp(note, "lost", 4) == 0) {
        packet->fate |= fate_of_loss(note);
        packet->delivered_ns = 0;
        return;
    }
    const char *delay =
        after_last(note, packet->fate & FATE_HELD ? "held " : "delayed ");
    const char *late = after_last(note, "(late ");
    if (delay)
        packet->due_ns += llround(strtod(delay, NULL) * 1e6);
    packet->delivered_ns = packet->due_ns;
    if (late)
        packet->delivered_ns += llround(strtod(late, NULL) * 1e6);
    if (strstr(note, "still in flight")) {
        packet->fate |= FATE_IN_FLIGHT;
        packet->delivered_ns = 0;
    } else {
        packet->fate |= FATE_DELIVERED;
    }
}

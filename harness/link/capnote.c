/* What is said of a packet: the comment in the capture file, the note of a
 * struct packet.  The engine's own words come first, where it had any; the rest
 * is told from the fate and the times. */
#include <inttypes.h>

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

static void add_delay(struct strbuf *text, const struct packet *p)
{
    double ms = (double)(p->due_ns - p->sent_ns) / 1e6;
    double late_ms = (double)(p->delivered_ns - p->due_ns) / 1e6;
    if (p->due_ns <= p->sent_ns)
        return;
    strbuf_printf(text, "%s%s ", text->length > 0 ? "; " : "",
                  p->fate & FATE_HELD ? "held" : "delayed");
    if (p->fate & FATE_IN_FLIGHT)
        strbuf_printf(text, "%.1f ms, still in flight", ms);
    else
        strbuf_printf(text, "%.1f ms (late %.2f)", ms, late_ms);
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

/* The evidence of one test, as JSON for the page. */
#ifndef REPORT_EVIDENCE_H
#define REPORT_EVIDENCE_H

#include <jansson.h>
#include <stddef.h>

/* A test's entry in results.json with what only its verdict.json tells: its
 * programs, series and links, though it passed.  What is long is cut, with a
 * note in the text itself.  The caller owns it. */
json_t *evidence_entry(const json_t *entry, const char *run_dir);

/* A text, or if it is longer than `most` bytes its beginning and end with a
 * note between them of how much is left out.  The caller owns it. */
json_t *evidence_text(const char *text, size_t most);

/* The packets of its capture, as columns; NULL if it has none.  They take no
 * more than `bytes` as compact JSON: of a long capture those around what the
 * test looked at are taken, or the last ones if it failed, or the first.
 *
 *  {"file", "total", "first", "cut": "…" if the file is damaged,
 *   "hosts": […], "ways": [[from, to or -1], …], "flows": ["udp a:1 b:2", …],
 *   and for each packet from number `first` on: "sent" (microseconds since the
 *   one before, the first since the net began), "took" (microseconds to
 *   arrive; -1: never), "way", "flow", "bytes", "data" (payload bytes), "fate"
 *   (enum packet_fate), "text"; "flags", "window" if there is TCP among them;
 *   and for some, by their index: "copies" (of which), "notes", "peeks"} */
json_t *evidence_packets(const json_t *entry, const char *run_dir,
                         size_t bytes);

#endif

/* What a lab's own decoder says of its packets, kept for reports.
 *
 * A decoder is a function of the test's process; when a report is made that
 * process is long gone.  So the run leaves words.tsv beside its capture: a line
 * for each packet of which the decoder had something to say, the packet's
 * number, a tab, its text. */
#ifndef EXPECT_WORDS_H
#define EXPECT_WORDS_H

#include <wirelab/ladder.h>

#define WORDS_FILE "words.tsv"
enum { WORDS_MAX_PACKETS = 30000 };

/* Writes the file.  Returns how many packets it tells of; 0, and no file, if
 * the decoder knew none; or -errno. */
int words_write(struct net *net, ladder_decode_fn *decode, const char *path);

/* The file, read again. */
struct words;
/* Returns NULL if there is none. */
struct words *words_open(const char *path);
/* The text of a packet, or NULL.  To be asked in the order of numbers.  It
 * lives until the next is asked for. */
const char *words_of(struct words *words, uint32_t number);
void words_close(struct words *words);

#endif

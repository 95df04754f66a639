/* Compares what two runs' links decided: the fates.tsv of each. */
#ifndef CLI_FATES_H
#define CLI_FATES_H

#include <stddef.h>

enum { FATES_LINE_BYTES = 160 };

struct fates_comparison {
    size_t common;                /* units that both runs decided */
    size_t differing;             /* of these, decided otherwise */
    char first[FATES_LINE_BYTES]; /* the first that differs, for a message */
};

/* Reads two files of lines "link direction flow unit nth kind decision",
 * separated by tabs and sorted.  Units that only one run came to (a
 * retransmission more, say) are passed over.
 * Returns 0, or -errno if a file cannot be read. */
int fates_compare(const char *earlier, const char *later,
                  struct fates_comparison *comparison);

#endif

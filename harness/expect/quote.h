/* Foreign bytes, made fit for a message. */
#ifndef EXPECT_QUOTE_H
#define EXPECT_QUOTE_H

#include <stddef.h>

enum { QUOTE_MAX_BYTES = 60 };

/* "text" in quotes, with \n, \r, \t and \xNN, cut after QUOTE_MAX_BYTES.  The
 * caller frees it. */
char *quote(const char *text, size_t bytes);

/* Up to 16 bytes in hex from a little before `at`, which stands in brackets:
 * "… 00 01 [ff] 03 …".  The caller frees it. */
char *hex_around(const void *data, size_t bytes, size_t at);

#endif

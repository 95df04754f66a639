/* Words of a line that a person wrote, and errors that point at one of them.
 *
 * Profiles, fault scripts and filters all say what is wrong in one form: one
 * sentence, and the place of the word it is about. */
#ifndef LINK_SCAN_H
#define LINK_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCAN_SENTENCE_BYTES = 200, SCAN_MESSAGE_BYTES = 448 };

struct scan_error {
    unsigned line;   /* from 1 */
    unsigned column; /* of the word's first byte in that line, from 1 */
    unsigned length; /* of the word; 0 points behind the last word */
    size_t offset;   /* of the word in the text */
    char what[SCAN_SENTENCE_BYTES];   /* is wrong with which word */
    char remedy[SCAN_SENTENCE_BYTES]; /* may be empty */
    char message[SCAN_MESSAGE_BYTES]; /* all of it: "WHAT at column N — REMEDY"
                                       */
};

/* Writes the offending line and, below it, carets under the word:
 *
 *      loss 5% dealy 10ms
 *              ^~~~~
 *
 * `text` is what was parsed.  Returns the length, as snprintf does. */
int scan_error_caret(const struct scan_error *error, const char *text,
                     char *out, size_t size);

enum scan_form {
    SCAN_BARE,
    SCAN_QUOTED,
    SCAN_UNCLOSED, /* the closing quote is missing */
};

struct scan_word {
    const char *start; /* behind the quote */
    size_t length;     /* up to the closing quote */
    enum scan_form form;
};

/* Where reading stands.  `separators` are characters that part words besides
 * white space; `#` begins a comment that ends with its line. */
struct scan {
    const char *text, *next;
    const char *separators;
};

/* Reads the next word; "quoted words" may hold anything but a quote.
 * Returns false at the end. */
bool scan_next(struct scan *scan, struct scan_word *word);
/* Reads the next word without moving on. */
bool scan_peek(const struct scan *scan, struct scan_word *word);
bool scan_is(struct scan_word word, const char *text);

/* Fills `error`: the sentence of `format`, then "at column N" of the word
 * (NULL: behind the last one), then the remedy, if there is one:
 *
 *      unknown word "dealy" at column 9 — did you mean "delay"?
 *
 * Returns -EINVAL, for the caller to return. */
int scan_fail(const struct scan *scan, const struct scan_word *word,
              struct scan_error *error, const char *remedy, const char *format,
              ...) __attribute__((format(printf, 5, 6)));
/* Moves an error about a part of a text, which begins at `part`, to its place
 * in the whole.  Returns -EINVAL. */
int scan_fail_inside(const struct scan *scan, const char *part,
                     struct scan_error *error);
/* Writes `did you mean "…"?` if a word of the list is near, else
 * `it must be one of …`.  Returns `text`. */
const char *scan_suggest(struct scan_word word, const char *const *words,
                         size_t count, char *text, size_t size);

/* The values of tc(8).  Each returns 0, or -EINVAL and in `*why` half a
 * sentence that says what is wrong with the word. */
int scan_time_ns(struct scan_word word, int64_t *time_ns, const char **why);
int scan_percent(struct scan_word word, double *percent, const char **why);
int scan_rate_bps(struct scan_word word, uint64_t *bits_per_s,
                  const char **why);
int scan_bytes(struct scan_word word, uint32_t *bytes, const char **why);
int scan_integer(struct scan_word word, int64_t low, int64_t high,
                 int64_t *value, const char **why);
int scan_seed(struct scan_word word, uint64_t *seed, const char **why);

/* Writes a time exactly, in the largest unit that needs no more than three
 * decimals ("1.5ms"). */
int time_format(int64_t time_ns, char *text, size_t size);

#endif

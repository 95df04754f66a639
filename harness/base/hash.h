/* Chance that can be replayed: a counter-based hash, never a generator with
 * state, so that asking one question more does not shift the other answers. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Mixes `n` words into one; every bit of the result depends on every bit of
 * every word.  The same words give the same hash on every machine, for ever:
 * recorded seeds rely on it. */
uint64_t hash_words(const uint64_t *words, size_t n);
/* Hash of bytes, for turning names into words. */
uint64_t hash_bytes(const void *data, size_t bytes);
/* The hash as a number in [0, 1). */
double hash_unit(uint64_t hash);
/* Fills a buffer with the stream of bytes which belongs to a seed. */
void hash_fill(uint64_t seed, void *data, size_t bytes);

#endif

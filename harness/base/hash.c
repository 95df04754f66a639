/* Seeded chance without state.  The mixing function is the finaliser of
 * SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number
 * Generators", 2014), applied once a word over a multiplied accumulator. */
#include "base/hash.h"

#include <string.h>

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

uint64_t hash_words(const uint64_t *words, size_t n)
{
    uint64_t h = 0x9e3779b97f4a7c15U * (n + 1);
    for (size_t i = 0; i < n; i++)
        h = mix(h + words[i] + 0x9e3779b97f4a7c15U);
    return h;
}

uint64_t hash_bytes(const void *data, size_t bytes)
{
    const uint8_t *p = data;
    uint64_t h = mix(bytes + 1);
    for (size_t i = 0; i < bytes; i++)
        h = mix(h + p[i] + 0x9e3779b97f4a7c15U);
    return h;
}

double hash_unit(uint64_t hash)
{
    return (double)(hash >> 11) * 0x1p-53;
}

void hash_fill(uint64_t seed, void *data, size_t bytes)
{
    uint8_t *p = data;
    for (uint64_t i = 0; bytes > 0; i++) {
        uint64_t word = hash_words((uint64_t[]){seed, i}, 2);
        size_t n = bytes < sizeof(word) ? bytes : sizeof(word);
        memcpy(p, &word, n);
        p += n;
        bytes -= n;
    }
}

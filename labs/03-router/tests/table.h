/* A routing table as large as the Internet's, and the right answers. */
#ifndef TESTS_TABLE_H
#define TESTS_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct key {
    uint64_t high, low; /* left-aligned, as in addr.h */
};

struct entry {
    struct key base;
    uint8_t length, bits;
    uint16_t hop; /* from 1 */
};

struct full_table {
    struct entry *entries; /* in no order */
    size_t count;
};

/* Lengths and their shares, one a line of table.c, are those of the Internet's
 * table; README.md says where they are from.  Same seed, same table. */
struct full_table table_make(uint64_t seed, size_t count4, size_t count6);
/* A small dense one: `count` prefixes of a family in few bits, all nested. */
struct full_table table_make_dense(uint64_t seed, unsigned bits, size_t count);
void table_free(struct full_table *table);
/* As fib reads it, malloc'd. */
char *table_text(const struct full_table *table, size_t *bytes);

/* Questions: a third at random, the rest inside prefixes of the table and at
 * their edges. */
struct question {
    struct key key;
    uint8_t bits;
    uint8_t best_length; /* the longest found so far, + 1 */
    uint16_t hop;        /* the right answer; 0: none */
};
/* Makes them with their answers, by brute force: each prefix is held against
 * all questions that lie in it. */
struct question *table_ask(const struct full_table *table, uint64_t seed,
                           size_t count);
/* As fib reads them; malloc'd. */
char *questions_text(const struct question *questions, size_t count,
                     size_t *bytes);
/* An address, a next hop in text; `text` holds 48 bytes. */
void key_format(char *text, struct key key, unsigned bits);
void hop_format(char *text, unsigned hop, unsigned bits);

#endif

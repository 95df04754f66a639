/* Pending things, the earliest first; of those due at once, the first put in.
 */
#ifndef LINK_HEAP_H
#define LINK_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_item {
    int64_t due_ns;
    uint64_t index; /* breaks ties; give a counter */
    void *thing;    /* the caller's */
};

/* Zero-initialised is empty. */
struct heap {
    struct heap_item *items;
    size_t count, capacity;
};

/* Makes room for `capacity` items, so that pushing them allocates nothing. */
void heap_reserve(struct heap *heap, size_t capacity);
void heap_push(struct heap *heap, struct heap_item item);
/* The earliest item, or NULL if the heap is empty.  Valid until a change. */
const struct heap_item *heap_peek(const struct heap *heap);
/* Removes the earliest item.  Returns false if the heap is empty. */
bool heap_pop(struct heap *heap, struct heap_item *item);
/* Frees the heap's own memory, not the things. */
void heap_fini(struct heap *heap);

#endif

/* A binary heap: item i is never later than items 2i + 1 and 2i + 2. */
#include "link/heap.h"

#include <stdlib.h>

#include "base/strbuf.h"

static bool earlier(const struct heap_item *a, const struct heap_item *b)
{
    return a->due_ns < b->due_ns ||
           (a->due_ns == b->due_ns && a->index < b->index);
}

void heap_reserve(struct heap *heap, size_t capacity)
{
    if (capacity <= heap->capacity)
        return;
    heap->items = mem_realloc(heap->items, capacity * sizeof(*heap->items));
    heap->capacity = capacity;
}

void heap_push(struct heap *heap, struct heap_item item)
{
    if (heap->count == heap->capacity)
        heap_reserve(heap, heap->capacity ? heap->capacity * 2 : 64);
    size_t i = heap->count++;
    while (i > 0) {
        size_t parent = (i - 1) / 2;
        if (!earlier(&item, &heap->items[parent]))
            break;
        heap->items[i] = heap->items[parent];
        i = parent;
    }
    heap->items[i] = item;
}

const struct heap_item *heap_peek(const struct heap *heap)
{
    return heap->count > 0 ? &heap->items[0] : NULL;
}

/* Puts `item` into the hole at the root, after moving earlier ones up. */
static void sink(struct heap *heap, struct heap_item item)
{
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count &&
            earlier(&heap->items[child + 1], &heap->items[child]))
            child++;
        if (!earlier(&heap->items[child], &item))
            break;
        heap->items[i] = heap->items[child];
        i = child;
    }
    heap->items[i] = item;
}

bool heap_pop(struct heap *heap, struct heap_item *item)
{
    if (heap->count == 0)
        return false;
    *item = heap->items[0];
    heap->count--;
    if (heap->count > 0)
        sink(heap, heap->items[heap->count]);
    return true;
}

void heap_fini(struct heap *heap)
{
    free(heap->items);
    *heap = (struct heap){0};
}

/* Expectations about files.
 *
 * Where a copy differs, the bytes that stand there tell more than that they are
 * wrong: if they occur elsewhere in the original, a piece was written to the
 * wrong place or twice; if they are zero, it was never written. */
#include <wirelab/expect.h>

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "expect/judge.h"
#include "expect/quote.h"

enum { PIECE_BYTES = 16 };

struct bytes {
    char *data; /* NULL: the file is absent */
    size_t size;
};

static char *where_from(const struct bytes *original, const struct bytes *copy,
                        size_t at)
{
    static const char zeros[PIECE_BYTES];
    if (copy->size - at < PIECE_BYTES)
        return mem_strdup("");
    const char *piece = copy->data + at;
    if (memcmp(piece, zeros, PIECE_BYTES) == 0)
        return mem_strdup("; zeros stand there, as if nothing was written");
    const char *found =
        memmem(original->data, original->size, piece, PIECE_BYTES);
    if (found == NULL)
        return mem_strdup("");
    return str_format("; what stands there belongs at byte %zu",
                      (size_t)(found - original->data));
}

static size_t same_bytes(const struct bytes *a, const struct bytes *b)
{
    size_t n = a->size < b->size ? a->size : b->size, i = 0;
    if (n > 0 && memcmp(a->data, b->data, n) == 0)
        return n;
    while (i < n && a->data[i] == b->data[i])
        i++;
    return i;
}

static void fail_different(const struct bytes *original,
                           const struct bytes *copy, const char *name,
                           size_t at)
{
    const struct judgement judgement = {
        .expected = hex_around(original->data, original->size, at),
        .actual = hex_around(copy->data, copy->size, at),
    };
    if (at == copy->size)
        judge_fail(&judgement,
                   "%s ends after %zu of %zu bytes; what is there is right",
                   name, copy->size, original->size);
    if (at == original->size)
        judge_fail(&judgement, "%s has %zu bytes after the %zu of the original",
                   name, copy->size - original->size, original->size);
    judge_fail(&judgement,
               "%s (%zu bytes) differs from the original (%zu bytes) at byte "
               "%zu%s",
               name, copy->size, original->size, at,
               where_from(original, copy, at));
}

void expect_same_file(struct net *net, const char *original, const char *copy)
{
    struct bytes one = {0}, other = {0};
    journal_step("compare %s with %s", copy, original);
    one.data = file_read(net, original, &one.size);
    if (one.data == NULL)
        infra("the test compares with %s, which does not exist", original);
    other.data = file_read(net, copy, &other.size);
    if (other.data == NULL)
        judge_fail(
            &(struct judgement){
                .expected = str_format("a file of %zu bytes", one.size),
                .actual = mem_strdup("no file"),
            },
            "%s does not exist; it should be a copy of %s (%zu bytes)", copy,
            original, one.size);
    size_t at = same_bytes(&one, &other);
    if (at < one.size || at < other.size)
        fail_different(&one, &other, copy, at);
    free(one.data);
    free(other.data);
}

void expect_no_file(struct net *net, const char *file)
{
    journal_step("check: %s does not exist", file);
    int64_t bytes = file_size(net, file);
    if (bytes < 0)
        return;
    judge_fail(
        &(struct judgement){
            .expected = mem_strdup("no file"),
            .actual = str_format("a file of %lld bytes", (long long)bytes),
        },
        "%s exists (%lld bytes), but must not", file, (long long)bytes);
}

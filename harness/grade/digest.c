/* SHA-256 over labelled parts; see digest.h. */
#include "grade/digest.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strbuf.h"
#include "base/tree.h"

struct digest {
    EVP_MD_CTX *hash;
};

static void add(struct digest *digest, const void *data, size_t bytes)
{
    if (EVP_DigestUpdate(digest->hash, data, bytes) != 1)
        abort(); /* of memory that is there, SHA-256 cannot fail */
}

struct digest *digest_new(const char *purpose)
{
    struct digest *digest = mem_zalloc(sizeof(*digest));
    digest->hash = EVP_MD_CTX_new();
    if (digest->hash == NULL ||
        EVP_DigestInit_ex(digest->hash, EVP_sha256(), NULL) != 1)
        abort();
    digest_text(digest, "purpose", purpose);
    return digest;
}

void digest_part(struct digest *digest, const char *label, const void *data,
                 size_t bytes)
{
    char head[32];
    int n = snprintf(head, sizeof(head), "%zu %zu\n", strlen(label), bytes);
    add(digest, head, (size_t)n);
    add(digest, label, strlen(label));
    add(digest, data, bytes);
}

void digest_text(struct digest *digest, const char *label, const char *text)
{
    digest_part(digest, label, text, strlen(text));
}

static int add_file(struct digest *digest, const char *path, const char *name)
{
    size_t bytes;
    char *data = file_load(path, &bytes);
    if (data == NULL)
        return -errno;
    digest_part(digest, name, data, bytes);
    free(data);
    return 0;
}

static int add_below(struct digest *digest, const char *dir, const char *prefix,
                     bool (*wanted)(const char *path, bool is_dir));

static int add_one(struct digest *digest, const char *path, const char *name,
                   bool (*wanted)(const char *path, bool is_dir))
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return -errno;
    bool is_dir = S_ISDIR(st.st_mode);
    if ((!is_dir && !S_ISREG(st.st_mode)) || (wanted && !wanted(name, is_dir)))
        return 0;
    return is_dir ? add_below(digest, path, name, wanted)
                  : add_file(digest, path, name);
}

static int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* whatever the locale says */
}

static int add_below(struct digest *digest, const char *dir, const char *prefix,
                     bool (*wanted)(const char *path, bool is_dir))
{
    struct dirent **entries;
    int n = scandir(dir, &entries, is_entry, by_bytes);
    if (n < 0)
        return -errno;
    int result = 0;
    for (int i = 0; i < n; i++) {
        char *path = str_format("%s/%s", dir, entries[i]->d_name);
        char *name = str_format("%s%s%s", prefix, *prefix ? "/" : "",
                                entries[i]->d_name);
        if (result == 0)
            result = add_one(digest, path, name, wanted);
        free(path);
        free(name);
        free(entries[i]);
    }
    free(entries);
    return result;
}

int digest_tree(struct digest *digest, const char *dir,
                bool (*wanted)(const char *path, bool is_dir))
{
    return add_below(digest, dir, "", wanted);
}

void digest_end(struct digest *digest, char text[DIGEST_BYTES])
{
    uint8_t bytes[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (EVP_DigestFinal_ex(digest->hash, bytes, &n) != 1)
        abort();
    int at = snprintf(text, DIGEST_BYTES, "sha256:");
    for (unsigned i = 0; i < n; i++)
        at += snprintf(text + at, DIGEST_BYTES - (size_t)at, "%02x", bytes[i]);
    EVP_MD_CTX_free(digest->hash);
    free(digest);
}

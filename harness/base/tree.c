/* Directories and whole files; see tree.h. */
#include "base/tree.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"

int tree_make(const char *path)
{
    char *partial = mem_strdup(path);
    int result = 0;
    for (char *at = partial + 1; result == 0; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char kept = *at;
        *at = '\0';
        if (mkdir(partial, 0777) < 0 && errno != EEXIST)
            result = -1;
        *at = kept;
        if (kept == '\0')
            break;
    }
    int error = errno;
    free(partial);
    errno = error;
    return result;
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

int tree_remove(const char *path)
{
    enum { OPEN_DIRS = 16 };
    if (nftw(path, remove_one, OPEN_DIRS, FTW_DEPTH | FTW_PHYS) < 0 &&
        errno != ENOENT)
        return -1;
    return 0;
}

char *file_load(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return NULL;
    struct strbuf text = {0};
    char block[16384];
    size_t n;
    while ((n = fread(block, 1, sizeof(block), file)) > 0)
        strbuf_add(&text, block, n);
    int error = ferror(file) ? EIO : 0;
    (void)fclose(file);
    if (error) {
        strbuf_fini(&text);
        errno = error;
        return NULL;
    }
    if (bytes)
        *bytes = text.length;
    return text.text ? text.text : mem_strdup("");
}

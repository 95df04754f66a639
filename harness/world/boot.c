/* How a guest's kernel is found, and what it is told; see boot.h. */
#include "world/boot.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "world/warden.h"

enum { MAX_WORDS = 64 };

char *boot_find_kernel(char *error)
{
    struct utsname name;
    const char *path = getenv("PATH");
    if (path == NULL || *path == '\0')
        path = "/usr/bin:/bin";
    while (*path) {
        size_t n = strcspn(path, ":");
        char *file = str_format("%.*s/linux.uml", (int)n, path);
        if (access(file, X_OK) == 0)
            return file;
        free(file);
        path += n + (path[n] == ':');
    }
    (void)uname(&name);
    if (strcmp(name.machine, "x86_64") != 0)
        (void)snprintf(error, GUEST_ERROR_BYTES,
                       "User Mode Linux exists for x86-64, not for %s: use "
                       "--world host",
                       name.machine);
    else
        (void)snprintf(error, GUEST_ERROR_BYTES,
                       "linux.uml is not in PATH: apt-get install "
                       "user-mode-linux");
    return NULL;
}

struct words {
    char **list;
    size_t count;
};

static void add(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add(struct words *words, const char *format, ...)
{
    va_list args;
    struct strbuf text = {0};
    if (words->count == MAX_WORDS - 1)
        return;
    va_start(args, format);
    strbuf_vprintf(&text, format, args);
    va_end(args);
    words->list[words->count++] = text.text;
}

static void add_devices(struct words *words, const struct bootdir *dir)
{
    add(words, "rootfstype=hostfs");
    add(words, "rootflags=%s", dir->root);
    add(words, "ro");
    add(words, "init=/init");
    add(words, "con=null");
    add(words, "con0=null,fd:1");
    add(words, "ssl=null");
    add(words, "ssl0=fd:%d", WARDEN_LINE_FD);
    add(words, "uml_dir=%s/", dir->path);
    add(words, "umid=uml");
}

char **boot_command(const char *kernel, const struct guest_options *options,
                    const struct bootdir *dir)
{
    struct words words = {.list = mem_zalloc(MAX_WORDS * sizeof(char *))};
    add(&words, "%s", kernel);
    add(&words, "mem=%uM",
        options->memory_mib ? options->memory_mib : GUEST_MEMORY_MIB);
    add_devices(&words, dir);
    add(&words, "loglevel=5"); /* warnings, and what a panic says */
    add(&words, "oops=panic");
    /* Its sweeps cost a tenth of all CPU with the 8192 that it would take. */
    add(&words, "nf_conntrack.hashsize=1024");
    if (options->time != GUEST_TIME_REAL) /* its clock is nobody else's */
        add(&words, "time-travel-start=0");
    if (options->time == GUEST_TIME_SKIPS_IDLE)
        add(&words, "time-travel");
    if (options->time == GUEST_TIME_FREE_CPU)
        add(&words, "time-travel=inf-cpu");
    const char *const *more = options->kernel_args;
    for (size_t i = 0; more && more[i]; i++)
        add(&words, "%s", more[i]);
    return words.list;
}

void boot_free(char **argv)
{
    for (char **word = argv; word && *word; word++)
        free(*word);
    free(argv);
}

/* The sandbox's description in bubblewrap's words. */
#include "run/bwrap.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/testrun.h"

static void add(struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add(struct command *command, const char *format, ...)
{
    va_list args;
    struct strbuf text = {0};
    assert(command->count < COMMAND_WORDS - 1);
    va_start(args, format);
    strbuf_vprintf(&text, format, args);
    va_end(args);
    command->words[command->count++] = mem_strdup(strbuf_text(&text));
    strbuf_fini(&text);
}

/* Words without anything to format in them, separated by spaces. */
static void add_words(struct command *command, const char *words)
{
    while (*words) {
        size_t length = strcspn(words, " ");
        add(command, "%.*s", (int)length, words);
        words += length + (words[length] == ' ');
    }
}

void command_fini(struct command *command)
{
    for (size_t i = 0; i < command->count; i++)
        free(command->words[i]);
}

static void add_tmpfs(struct command *command, const struct sandbox *box,
                      const char *dir)
{
    add_words(command, "--perms 1777 --size");
    add(command, "%zu", box->tmpfs_bytes);
    add(command, "--tmpfs");
    add(command, "%s", dir);
}

static void add_namespaces(struct command *command, const struct sandbox *box)
{
    add_words(command, "bwrap --die-with-parent --new-session --as-pid-1 "
                       "--unshare-pid --unshare-ipc --unshare-uts "
                       "--unshare-cgroup-try");
    if (!box->trusted)
        add_words(command, "--cap-drop ALL");
    if (!box->trusted && box->user_ns)
        add_words(command, "--unshare-user --uid 1000 --gid 1000");
    else if (!box->trusted)
        add_words(command, "--cap-add CAP_SETUID --cap-add CAP_SETGID");
    add(command, "--hostname");
    add(command, "%s", box->hostname);
}

/* The system's own top level, without what is replaced.  One by one and not as
 * a whole, since /work has to be made beside them. */
static void add_system(struct command *command)
{
    static const char *const replaced[] = {"dev", "lost+found", "proc",
                                           "run", "tmp",        "work"};
    DIR *root = opendir("/");
    struct dirent *entry;
    if (root == NULL)
        infra("cannot read /: %s", strerror(errno));
    while ((entry = readdir(root)) != NULL) {
        char path[264], target[256];
        const char *name = entry->d_name;
        bool skip = name[0] == '.' ||
                    (entry->d_type != DT_DIR && entry->d_type != DT_LNK);
        for (size_t i = 0; i < sizeof(replaced) / sizeof(replaced[0]); i++)
            skip = skip || strcmp(name, replaced[i]) == 0;
        if (skip)
            continue;
        snprintf(path, sizeof(path), "/%s", name);
        ssize_t n = readlink(path, target, sizeof(target) - 1);
        add_words(command, n > 0 ? "--symlink" : "--ro-bind");
        add(command, "%.*s", (int)(n > 0 ? n : (ssize_t)strlen(path)),
            n > 0 ? target : path);
        add(command, "%s", path);
    }
    closedir(root);
}

static void add_root(struct command *command, const struct sandbox *box)
{
    if (box->trusted)
        add_system(command);
    else
        add_words(command, "--ro-bind /usr /usr --symlink usr/bin /bin "
                           "--symlink usr/lib /lib --symlink usr/lib64 /lib64 "
                           "--symlink usr/sbin /sbin --perms 755 --dir /etc");
    add_words(command, "--proc /proc");
    if (box->bare) {
        add_words(command, "--tmpfs /dev --dev-bind /dev/null /dev/null");
    } else {
        add_words(command, "--dev /dev");
        add_tmpfs(command, box, "/dev/shm");
    }
    add_tmpfs(command, box, "/tmp");
    if (box->trusted)
        add_tmpfs(command, box, "/run");
}

static void add_binds(struct command *command, const struct sandbox *box)
{
    for (size_t i = 0; i < box->bind_count; i++) {
        const struct sandbox_bind *bind = &box->binds[i];
        add(command, "--%sbind%s", bind->flags & BIND_WRITE ? "" : "ro-",
            bind->flags & BIND_OPTIONAL ? "-try" : "");
        if (bind->flags & BIND_STAGED)
            add(command, "%s/%zu", STAGE, i);
        else
            add(command, "%s", bind->source);
        add(command, "%s", bind->target);
    }
}

static void add_env(struct command *command, const struct sandbox *box)
{
    add(command, "--clearenv");
    for (size_t i = 0; i < box->env_count; i++) {
        const char *text = box->env[i], *equals = strchr(text, '=');
        add(command, "--setenv");
        add(command, "%.*s", (int)(equals - text), text);
        add(command, "%s", equals + 1);
    }
}

static void add_program(struct command *command, const struct sandbox *box)
{
    if (box->filter_fd >= 0) {
        add(command, "--seccomp");
        add(command, "%d", filter_number(box));
    }
    add_words(command, "--chdir / --");
    add(command, "/proc/self/fd/%d", image_number(box));
    add(command, "%d", control_number(box));
    add(command, "%u", box->user_ns ? 0 : box->uid);
    add(command, "%d", box->max_processes);
    add(command, "%llu", (unsigned long long)box->file_bytes);
    add(command, "%u", box->cpu_s);
    for (size_t i = 0; i < box->argc; i++)
        add(command, "%s", box->argv[i]);
}

void command_compose(struct command *command, const struct sandbox *box)
{
    command->count = 0;
    add_namespaces(command, box);
    add_root(command, box);
    add_binds(command, box);
    /* Everything that may be written to is a mount of its own by now. */
    if (!box->trusted)
        add_words(command, "--remount-ro / --remount-ro /dev");
    add_env(command, box);
    add_program(command, box);
    command->words[command->count] = NULL;
}

/* Which process a pid means; see process.h. */
#include "topo/process.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

unsigned long long process_start_time(pid_t pid)
{
    char path[64], line[1024];
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    size_t n = file ? fread(line, 1, sizeof(line) - 1, file) : 0;
    if (file)
        fclose(file);
    line[n] = '\0';
    /* The name, field 2, may hold anything: fields are counted after it. */
    const char *at = strrchr(line, ')');
    unsigned long long start = 0;
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    if (at == NULL || sscanf(at, " %llu", &start) != 1)
        return 0;
    return start;
}

int64_t process_waited_ns(pid_t pid)
{
    char path[64];
    long long ran_ns, waited_ns;
    snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%lld %lld", &ran_ns, &waited_ns) != 2)
        waited_ns = 0;
    fclose(file);
    return waited_ns;
}

unsigned long process_pid_namespace(void)
{
    struct stat st;
    return stat("/proc/self/ns/pid", &st) == 0 ? st.st_ino : 0;
}

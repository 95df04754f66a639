/* labs/NN-name/hints.md; see hints.h. */
#include "cli/hints.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : line + strlen(line);
}

/* Whether the line is this heading, blanks at its end aside. */
static bool is_heading(const char *line, const char *marks, const char *title)
{
    size_t n = strlen(marks), m = strlen(title);
    if (strncmp(line, marks, n) != 0 || strncmp(line + n, title, m) != 0)
        return false;
    line += n + m;
    return line[strspn(line, " \t\r")] == '\n' ||
           line[strspn(line, " \t\r")] == '\0';
}

/* The line after a heading, or NULL; the search ends at one of more weight. */
static const char *find_heading(const char *text, const char *marks,
                                const char *title)
{
    bool within = strcmp(marks, "### ") == 0;
    for (const char *line = text; *line; line = next_line(line)) {
        if (is_heading(line, marks, title))
            return next_line(line);
        if (within && strncmp(line, "## ", 3) == 0)
            return NULL;
    }
    return NULL;
}

const char *hints_find(const char *text, const char *checkpoint, int level,
                       size_t *bytes)
{
    char title[16];
    (void)snprintf(title, sizeof(title), "%d", level);
    const char *at = find_heading(text, "## ", checkpoint);
    at = at ? find_heading(at, "### ", title) : NULL;
    if (at == NULL)
        return NULL;
    const char *end = at;
    while (*end && strncmp(end, "## ", 3) != 0 && strncmp(end, "### ", 4) != 0)
        end = next_line(end);
    while (at < end && isspace((unsigned char)*at))
        at++;
    while (end > at && isspace((unsigned char)end[-1]))
        end--;
    *bytes = (size_t)(end - at);
    return at;
}

int hints_levels(const char *text, const char *checkpoint)
{
    size_t bytes;
    int level = 0;
    while (hints_find(text, checkpoint, level + 1, &bytes))
        level++;
    return level;
}

/* The parameters of a hidden variant; see wirelab/suite.h.  They come on the
 * suite's command line, as "loss=7,segments=90". */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wirelab/suite.h>

#include "base/testrun.h"

/* Finds the text behind "NAME="; NULL if the name is not given. */
static const char *find_param(const char *params, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = params; at && *at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, n) == 0 && at[n] == '=')
            return at + n + 1;
    }
    return NULL;
}

/* The grader's file is held against what is registered before anything runs. */
static bool is_registered(const char *name)
{
    const struct lab_test *test = testrun()->test;
    const char *at = test && test->figures ? test->figures : "";
    size_t n = strlen(name);
    if (test == NULL)
        return true;
    while (*(at += strspn(at, " "))) {
        size_t k = strcspn(at, " ");
        if (k == n && strncmp(at, name, n) == 0)
            return true;
        at += k;
    }
    return false;
}

long param_int(const char *name, long usual, long least, long most)
{
    const char *params = testrun()->params;
    const char *text = params ? find_param(params, name) : NULL;
    char *end;
    if (!is_registered(name))
        infra("the test's .figures do not name '%s', which it reads", name);
    if (text == NULL)
        return usual;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || (*end && *end != ',') || value < least ||
        value > most)
        infra("the parameter %s must be a whole number from %ld to %ld, not "
              "'%.*s'",
              name, least, most, (int)strcspn(text, ","), text);
    return value;
}

/* What `watch` runs next; see focus.h. */
#include "cli/focus.h"

#include <string.h>

#include "base/object.h"
#include "cli/standing.h"

void focus_whole_lab(struct focus *focus)
{
    focus->goal = FOCUS_LAB;
    focus->test = NULL;
    focus->checkpoint = 0;
}

static void focus_test(struct focus *focus, const json_t *test)
{
    focus->goal = FOCUS_TEST;
    focus->test = object_text(test, "id");
    focus->checkpoint = object_int(test, "checkpoint");
}

/* The first test, by checkpoint and then by the suite's order, that is not
 * known to pass, of a checkpoint after this one. */
static const json_t *first_open(const struct focus *focus, const json_t *state,
                                int after)
{
    size_t i;
    json_t *test;
    const json_t *found = NULL;
    json_array_foreach(focus->tests, i, test)
    {
        int checkpoint = object_int(test, "checkpoint");
        if (checkpoint > after &&
            !standing_passed(state, object_text(test, "id")) &&
            (found == NULL || checkpoint < object_int(found, "checkpoint")))
            found = test;
    }
    return found;
}

void focus_begin(struct focus *focus, const json_t *tests, const json_t *state)
{
    *focus = (struct focus){.tests = tests};
    const json_t *test = first_open(focus, state, 0);
    if (test)
        focus_test(focus, test);
    else
        focus_whole_lab(focus);
}

bool focus_wants(const struct focus *focus, const json_t *test)
{
    const char *id = object_text(test, "id");
    switch (focus->goal) {
    case FOCUS_TEST:
        return strcmp(id, focus->test) == 0;
    case FOCUS_CHECKPOINT:
        return object_int(test, "checkpoint") == focus->checkpoint &&
               (focus->test == NULL || strcmp(id, focus->test) != 0);
    case FOCUS_LAB:
        return true;
    }
    return false;
}

static bool wants_any(const struct focus *focus)
{
    size_t i;
    json_t *test;
    json_array_foreach(focus->tests, i, test)
    {
        if (focus_wants(focus, test))
            return true;
    }
    return false;
}

/* The first that failed, as the suite orders them, or was not judged. */
static const json_t *first_not_passed(const json_t *results,
                                      const char *verdict)
{
    size_t i;
    json_t *test;
    json_array_foreach(json_object_get(results, "tests"), i, test)
    {
        if (strcmp(object_text(test, "verdict"), verdict) == 0)
            return test;
    }
    return NULL;
}

/* An id that lives as long as the focus. */
static const json_t *listed(const struct focus *focus, const json_t *test)
{
    size_t i;
    json_t *candidate;
    json_array_foreach(focus->tests, i, candidate)
    {
        if (strcmp(object_text(candidate, "id"), object_text(test, "id")) == 0)
            return candidate;
    }
    return NULL;
}

enum focus_step focus_advance(struct focus *focus, const json_t *results,
                              const json_t *state)
{
    const json_t *failed = listed(focus, first_not_passed(results, "fail"));
    if (failed)
        focus_test(focus, failed);
    if (failed || results == NULL || first_not_passed(results, "infra"))
        return FOCUS_STAY;
    if (focus->goal == FOCUS_LAB)
        return FOCUS_DONE;
    if (focus->goal == FOCUS_TEST) {
        focus->goal = FOCUS_CHECKPOINT;
        if (wants_any(focus))
            return FOCUS_GO;
    }
    const json_t *next = first_open(focus, state, focus->checkpoint);
    focus_whole_lab(focus);
    if (next) {
        focus->goal = FOCUS_CHECKPOINT;
        focus->checkpoint = object_int(next, "checkpoint");
    }
    return FOCUS_GO;
}

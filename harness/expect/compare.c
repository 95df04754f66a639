/* Figures side by side: the tested program's and a real tool's. */
#include <wirelab/expect.h>

#include "base/testrun.h"
#include "expect/judge.h"

/* Of this process's run, as the steps are. */
static json_t *comparisons;

static void tell(json_t *verdict, const struct ending *ending, void *unused)
{
    (void)ending;
    (void)unused;
    if (comparisons)
        json_object_set(verdict, "comparisons", comparisons);
}

void compare_begin(void)
{
    json_decref(comparisons);
    comparisons = NULL;
    testrun_witness(tell, NULL);
}

void compare(const char *what, const char *unit, double yours, const char *peer,
             double theirs)
{
    journal_step("beside %s: %s %.6g %s, here %.6g %s", peer, what, theirs,
                 unit, yours, unit);
    if (comparisons == NULL)
        comparisons = json_array();
    json_array_append_new(comparisons,
                          json_pack("{s:s, s:s, s:f, s:s, s:f}", "what", what,
                                    "unit", unit, "yours", yours, "peer", peer,
                                    "theirs", theirs));
}

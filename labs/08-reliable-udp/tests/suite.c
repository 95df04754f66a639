/* Lab 08's suite: its themes, in the order of the checkpoints.  The tests are
 * in a file a theme, each beside its registration. */
#include <assert.h>
#include <string.h>

#include "common.h"

enum { MAX_TESTS = 100 };

extern const struct theme basics_theme, damage_theme, window_theme,
    reorder_theme, timer_theme, sack_theme, flow_theme, ending_theme,
    strangers_theme, fairness_theme, mtu_theme;

static const struct theme *const themes[] = {
    &basics_theme,    &damage_theme,   &window_theme, &reorder_theme,
    &timer_theme,     &sack_theme,     &flow_theme,   &ending_theme,
    &strangers_theme, &fairness_theme, &mtu_theme,
};

int main(int argc, char **argv)
{
    static struct lab_test all[MAX_TESTS];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(themes); i++) {
        assert(count + themes[i]->count <= MAX_TESTS);
        memcpy(all + count, themes[i]->tests,
               themes[i]->count * sizeof(all[0]));
        count += themes[i]->count;
    }
    return suite_main(argc, argv, "08", all, count);
}

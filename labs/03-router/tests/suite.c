/* The suite of lab 03, a router of your own.  The tests are in a file a theme,
 * each beside its registration. */
#include <assert.h>
#include <string.h>

#include "common.h"

enum { MAX_TESTS = 100 };

extern const struct theme cidr_theme, fib_theme, forward_theme, input_theme,
    neighbour_theme, icmp_theme, silence_theme, size_theme, ip6_theme,
    ndp_theme, rip_theme, circle_theme;

static const struct theme *const themes[] = {
    &cidr_theme,      &fib_theme,  &forward_theme, &input_theme,
    &neighbour_theme, &icmp_theme, &silence_theme, &size_theme,
    &ip6_theme,       &ndp_theme,  &rip_theme,     &circle_theme,
};

int main(int argc, char **argv)
{
    static struct lab_test all[MAX_TESTS];
    size_t count = 0;
    for (size_t i = 0; i < sizeof(themes) / sizeof(themes[0]); i++) {
        const struct theme *theme = themes[i];
        assert(count + theme->count <= MAX_TESTS);
        memcpy(all + count, theme->tests, theme->count * sizeof(all[0]));
        count += theme->count;
    }
    return suite_main(argc, argv, "03", all, count);
}

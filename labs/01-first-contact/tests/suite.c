/* Lab 01's suite: its themes, in the order of the checkpoints.  The tests are
 * in a file a theme, each beside its registration. */
#include <wirelab/suite.h>

extern const struct suite_theme names_theme, connect_theme, reply_theme,
    breaks_theme, timing_theme, race_theme, mtu_theme;

static const struct suite_theme *const themes[] = {
    &names_theme,  &connect_theme, &reply_theme, &breaks_theme,
    &timing_theme, &race_theme,    &mtu_theme,
};
SUITE_OF_THEMES("01", themes)

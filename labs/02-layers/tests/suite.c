/* Lab 02's suite: its themes, in the order of the checkpoints.  The tests are
 * in a file a theme, each beside its registration. */
#include "common.h"

extern const struct suite_theme agree_theme;

static const struct suite_theme *const themes[] = {
    &agree_theme,
};
SUITE_OF_THEMES("02", themes)

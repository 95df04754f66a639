/* Lab 02's suite: its themes, in the order of the checkpoints.  The tests are
 * in a file a theme, each beside its registration. */
#include "common.h"

extern const struct suite_theme frames_theme, packets4_theme, chains_theme,
    transports_theme, agree_theme, hostile_theme, kernel_theme, pinging_theme;

static const struct suite_theme *const themes[] = {
    &frames_theme, &packets4_theme, &chains_theme, &transports_theme,
    &agree_theme,  &hostile_theme,  &kernel_theme, &pinging_theme,
};
SUITE_OF_THEMES("02", themes)

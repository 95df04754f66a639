# tries: a file name with colours and line ends, for the report
# points: 0
# ends: the file name .* is not accepted
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
cp "$HONEST" shout.c
cp "$HONEST" "$(printf 'x\033[2J\nok 1 - PASS.c')"

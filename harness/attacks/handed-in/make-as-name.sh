# tries: a file whose name is a function of make
# points: 0
# ends: the file name .* is not accepted
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
cp "$HONEST" shout.c
cp "$HONEST" '$(shell touch OUTSIDE).c'

# tries: nothing at all
# points: 0
# ends: neither
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
true

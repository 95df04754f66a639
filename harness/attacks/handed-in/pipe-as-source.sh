# tries: a source that is a pipe, so that its reader hangs
# points: 0
# ends: shout.c is not a regular file
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
mkfifo shout.c

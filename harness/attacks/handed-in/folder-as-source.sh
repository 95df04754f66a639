# tries: a source that is a folder
# points: 0
# ends: no (rule|program)|No rule|cannot|directory|Error|main
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
mkdir shout.c

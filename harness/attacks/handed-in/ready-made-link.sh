# tries: a program that is a link to one of the machine
# points: 0
# ends: is a link
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
ln -s /usr/bin/env shout

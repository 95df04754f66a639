# tries: a source that is a link to /etc/shadow
# points: 0
# ends: shout.c is a link: hand in the file itself
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
ln -s /etc/shadow shout.c

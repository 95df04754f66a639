# tries: a header that is a link to /etc/passwd
# points: 0
# ends: secret.h is a link
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
cp "$HONEST" shout.c
ln -s /etc/passwd secret.h

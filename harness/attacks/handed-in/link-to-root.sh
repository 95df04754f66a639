# tries: a folder that is a link to /, and one to the neighbour
# points: 100
# ends: 
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
cp "$HONEST" shout.c
ln -s / root
ln -s ../neighbour friend

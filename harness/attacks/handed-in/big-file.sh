# tries: a header of 10 GB
# points: 0
# ends: it is larger than 64 MiB
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
cp "$HONEST" shout.c
truncate -s 10G big.h

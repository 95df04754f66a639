# tries: more files than there is room for
# points: 0
# ends: it has more than 400 files
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
cp "$HONEST" shout.c
i=0
while [ "$i" -lt 450 ]; do
    : >"h$i.h"
    i=$((i + 1))
done

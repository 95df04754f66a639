# tries: folders in folders in folders
# points: 0
# ends: its folders are more than 6 deep
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
cp "$HONEST" shout.c
mkdir -p a/b/c/d/e/f/g/h
cp "$HONEST" a/b/c/d/e/f/g/h/shout.c

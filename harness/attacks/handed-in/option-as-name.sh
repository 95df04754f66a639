# tries: files called -wrapper,... and @options, for gcc to obey
# points: 0
# ends: the file name '(-wrapper|@options).*' is not accepted
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
cp "$HONEST" shout.c
cp "$HONEST" ./-wrapper,sh.c
echo '-wrapper sh,-c,touch$IFS/work/OUTSIDE' >@options.c

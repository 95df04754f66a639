# tries: objects, a program and a compiled header newer than all
# points: 100
# ends: 
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
cp "$HONEST" shout.c
printf '#!/bin/sh\necho ESCAPED\n' >shout
cp shout shout.o
cp shout stdio.h.gch
chmod 755 shout
touch -d '2037-01-01' shout shout.o stdio.h.gch

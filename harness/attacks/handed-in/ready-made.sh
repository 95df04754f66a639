# tries: a script that claims to have passed
# points: 0
# ends: exited with 0 before it listened
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
printf '#!/bin/sh\necho ok 1 - PASS\n' >shout
chmod 755 shout

# tries: a program with set-user-id, owned by who grades
# points: 0
# ends: exited with 0 before it listened
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
cp /usr/bin/true shout
chmod 4755 shout

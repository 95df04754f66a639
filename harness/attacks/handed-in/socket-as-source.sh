# tries: a source that is a socket
# points: 0
# ends: shout.c is not a regular file
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("shout.c")'

#!/bin/sh
# Says what it may use.
# shellcheck disable=SC3045 # every sh of a Linux system knows these
echo "files $(ulimit -n)"
echo "core $(ulimit -c)"
echo "processes $(ulimit -p 2>/dev/null || ulimit -u)"
echo "blocks $(ulimit -f)"
echo "stderr has a name" >/dev/stderr

#!/bin/sh
# plants_traps.sh [FILE]: leaves things in its directory that the test might
# follow, or wait for.  FILE, of the machine, is what a write would hit.
set -eu
ln -s "${1:-/etc/passwd}" link
ln -s ../../../../../../etc/passwd climbing
ln -s /proc/self/fd/0 magic
mkfifo pipe
mkdir dir
ln -s / dir/up
echo mine >file
ln -s file inner
echo tried

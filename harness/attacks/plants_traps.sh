#!/bin/sh
# Leaves things in its directory that the test might follow, or wait for.
set -eu
ln -s /etc/passwd link
ln -s ../../../../../../etc/passwd climbing
ln -s /proc/self/fd/0 magic
mkfifo pipe
mkdir dir
ln -s / dir/up
echo mine >file
ln -s file inner
echo tried

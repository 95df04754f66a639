# tries: Makefiles that run commands while it is built
# points: 100
# ends: 
# shellcheck shell=sh disable=SC2016 # HONEST is of `run`, and exported
cp "$HONEST" shout.c
for name in Makefile makefile GNUmakefile lab.mk shout.mk; do
    echo '$(shell touch /work/OUTSIDE /tmp/OUTSIDE /lab/OUTSIDE)' >"$name"
    echo 'all: ; touch OUTSIDE; exit 1' >>"$name"
done

#!/bin/sh
# harness/world/virtual-kernel, with a source tree that is built in no time.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"

builder=$root/harness/world/virtual-kernel
[ "$(uname -m)" = x86_64 ] || {
    skip "virtual-kernel" "this machine is $(uname -m)"
    finish
    exit 0
}

# A "kernel" whose Makefile does what the script asks for, and a recipe for it.
mkdir -p "$scratch/recipe/world/kernel" "$scratch/source/linux/scripts/kconfig"
cp "$builder" "$scratch/recipe/world/"
echo 'CONFIG_UML_TIME_TRAVEL_SUPPORT=y' \
    >"$scratch/recipe/world/kernel/options.config"
cat >"$scratch/recipe/world/kernel/01-hello.patch" <<'END'
--- a/hello
+++ b/hello
@@ -1 +1 @@
-hello
+patched
END
echo hello >"$scratch/source/linux/hello"
cat >"$scratch/source/linux/scripts/kconfig/merge_config.sh" <<'END'
cat "$3" >>.config
END
cat >"$scratch/source/linux/Makefile" <<'END'
allnoconfig:
	: >.config
olddefconfig:
	if [ -n "$$FAKE_REFUSE" ]; then : >.config; fi
linux:
	if [ -n "$$FAKE_FAIL" ]; then exit 1; fi
	if [ -n "$$FAKE_FULL" ]; then echo 10000 >"$$FAKE_FULL"; exit 1; fi
	if [ -n "$$FAKE_HANG" ]; then touch "$$FAKE_HANG"; sleep 60; fi
	printf 'int main(void){puts("CONFIG_UML_TIME_TRAVEL_SUPPORT=y");}' | \
		gcc -include stdio.h -x c -o linux -
	grep -q patched hello
END
tar -C "$scratch/source" -cJf "$scratch/linux.tar.xz" linux
builder=$scratch/recipe/world/virtual-kernel
export WIRELAB_LINUX_SOURCE="$scratch/linux.tar.xz"
export XDG_CACHE_HOME="$scratch/cache"

expect_status "before a build there is no kernel" 1 "$builder" --find
expect_status "an option the source lacks is refused" 3 \
    env FAKE_REFUSE=1 "$builder"
expect_status "a build that fails says so" 3 env FAKE_FAIL=1 "$builder"
expect_output "... and where its log is" \
    'compiling the kernel failed.*virtual-kernel.log'
expect_status "... and leaves no kernel" 1 "$builder" --find

# Killed in the middle: what is half built is found and thrown away.
FAKE_HANG=$scratch/hangs setsid "$builder" >/dev/null 2>&1 &
killed=$!
tries=0
until [ -e "$scratch/hangs" ] || [ $tries -ge 100 ]; do
    tries=$((tries + 1))
    sleep 0.1 # the condition is the loop's
done
kill -KILL "-$killed"
wait "$killed" 2>/dev/null || :
expect "a killed build leaves a half-built directory" \
    test -d "$scratch/cache/wirelab/building"
expect_status "... which is no kernel" 1 "$builder" --find
expect "two builds at once make one kernel" sh -c \
    "'$builder' >'$scratch/a' & '$builder' >'$scratch/b'; wait;
     test -s '$scratch/a' && cmp '$scratch/a' '$scratch/b'"
expect "the half-built directory is gone" \
    test ! -e "$scratch/cache/wirelab/building"
expect_status "the kernel is found" 0 "$builder" --find
expect "a second build does nothing" sh -c \
    "'$builder' 2>&1 | { ! grep building; }"
echo '# other options' >>"$scratch/recipe/world/kernel/options.config"
expect_status "with other options it is another kernel" 1 "$builder" --find

expect_status "no source is told" 3 \
    env WIRELAB_LINUX_SOURCE="$scratch/none.tar.xz" "$builder"
touch "$scratch/file"
expect_status "a cache that cannot be written is told" 3 \
    env XDG_CACHE_HOME="$scratch/file" "$builder"
expect_output "... with the remedy" 'set XDG_CACHE_HOME'

mkdir "$scratch/bin"
printf '#!/bin/sh\necho aarch64\n' >"$scratch/bin/uname"
cat >"$scratch/bin/df" <<'END'
#!/bin/sh
printf 'Filesystem 1024-blocks Used Available Capacity Mounted\n'
[ ! -s "${FAKE_FULL:-/nonexistent}" ] || FAKE_FREE=$(cat "$FAKE_FULL")
printf '/dev/x 9 9 %s 99%% /\n' "$FAKE_FREE"
END
chmod +x "$scratch/bin/uname" "$scratch/bin/df"
expect_status "another machine is told" 3 \
    env PATH="$scratch/bin:$PATH" "$builder"
expect_output "... by its name" aarch64
rm "$scratch/bin/uname"
expect_status "too little disk is told before" 3 \
    env PATH="$scratch/bin:$PATH" FAKE_FREE=1000000 "$builder"
expect_output "... with how much it takes" '1500 MB'
expect_status "a disk that is full in the middle is told" 3 \
    env PATH="$scratch/bin:$PATH" FAKE_FREE=9000000 FAKE_FULL="$scratch/free" \
    "$builder"
expect_output "... by its place, with the remedy" \
    "the disk of $scratch/cache/wirelab is full; free 1.5 GB or set XDG_CACHE"
expect_status "... and leaves no kernel" 1 "$builder" --find

# Real ones, in a mount namespace.
mkdir "$scratch/home"
printf '#!/bin/sh\n' >"$scratch/recipe/setup" # it cannot install it either
chmod +x "$scratch/recipe/setup"
if unshare -m true 2>/dev/null; then
    expect_status "a home that is read-only is told" 3 env -u XDG_CACHE_HOME \
        HOME="$scratch/home" unshare -m sh -c \
        "mount -t tmpfs -o ro none '$scratch/home' && exec '$builder'"
    expect_output "... with the remedy" 'cannot write .*: set XDG_CACHE_HOME'
    expect_status "a source that is not there is told" 3 \
        env -u WIRELAB_LINUX_SOURCE unshare -m sh -c \
        "mount -t tmpfs none /usr/src && exec '$builder'"
    expect_output "... by its package" 'linux-source-6.1'
else
    skip "a read-only home, an absent source" "no mount namespaces here"
fi
finish

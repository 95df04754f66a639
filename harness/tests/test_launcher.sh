#!/bin/sh
# The launcher ./wirelab, and completion scripts.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"

"$wirelab" --version >"$scratch/version"
ln -s "$wirelab" "$scratch/one"
mkdir "$scratch/deep"
ln -s ../one "$scratch/deep/two"
for way in "$scratch/one" "$scratch/deep/two"; do
    expect "through a symbolic link: ${way##*/}" sh -c \
        "cd / && '$way' list --numbers | grep -q 08"
done
expect "found on PATH" env PATH="$root:$PATH" sh -c \
    "cd / && wirelab --version | cmp - '$scratch/version'"

# As a newcomer calls it, before anything else: it builds itself where it lies.
# The compiler is one that leaves scripts, for time's sake.
mkdir "$scratch/clone" "$scratch/compiler"
ln -s "$root/harness" "$root/Makefile" "$root/labs" "$root/solutions" \
    "$scratch/clone/"
cp "$wirelab" "$scratch/clone/"
cat >"$scratch/compiler/gcc" <<'END'
#!/bin/sh
while [ $# -gt 0 ]; do
    case $1 in
    -MF) : >"$2" ;;
    -o) printf '#!/bin/sh\necho built in "$0"\n' >"$2" && chmod +x "$2" ;;
    esac
    shift
done
END
chmod +x "$scratch/compiler/gcc"
expect_status "the first call builds it" 0 env -u BUILD -u MAKEFLAGS \
    PATH="$scratch/compiler:$PATH" "$scratch/clone/wirelab" list
expect_output "beside the launcher" "^built in $scratch/clone/build/wirelab"
expect_status "the second one does not" 0 env -u BUILD -u MAKEFLAGS \
    PATH="$scratch/compiler:$PATH" "$scratch/clone/wirelab" list
expect "which is not told" test "$(wc -l <"$scratch/output")" -eq 1

# A PATH with all tools but one.
without() { # without TOOL
    rm -rf "${scratch:?}/bin"
    mkdir "$scratch/bin"
    for dir in /usr/bin /bin; do
        ln -sf "$dir"/* "$scratch/bin/" 2>/dev/null || true
    done
    rm -f "$scratch/bin/$1"
}
for tool in gcc pkg-config; do
    without "$tool"
    expect_status "without $tool: nothing can be built" 3 env \
        PATH="$scratch/bin" BUILD="$scratch/build" "$wirelab" doctor
    expect_output "and says what to do" "built without .*$tool.*: make setup$"
done
without make
expect_status "without make" 3 env \
    PATH="$scratch/bin" BUILD="$scratch/build" "$wirelab" doctor
expect_output "one command installs it" "without make: .*apt-get install -y make$"

# Other systems, as far as their os-release, their tools and uname tell.
on_system() { # on_system ID ID_LIKE COMMAND...
    mkdir -p "$scratch/system/etc"
    printf 'ID=%s\nID_LIKE="%s"\nPRETTY_NAME="The %s"\n' "$1" "$2" "$1" \
        >"$scratch/system/etc/os-release"
    shift 2
    env WIRELAB_SYSTEM_ROOT="$scratch/system" PATH="$scratch/bin" \
        BUILD="$scratch/build" "$@"
}
without make
rm -f "$scratch/bin/pkg-config" "$scratch/bin/apt-get" "$scratch/bin/dpkg-query"
while read -r id like words; do
    like=$(echo "$like" | tr _ " ")
    expect_status "on $id a bare machine" 3 on_system "$id" "$like" \
        "$wirelab" doctor
    expect_output "is told $words" "without make, pkg-config, .*: .*$words "
    expect_status "make setup on $id" 3 on_system "$id" "$like" \
        "$root/harness/setup" make -- tshark
    case $id in debian | linuxmint) continue ;; esac
    expect_output "is told so, too" "Debian only; this is The $id"
    expect_output "in its own words" "$words .*make"
done <<'SYSTEMS'
fedora - dnf install -y
rocky rhel_centos_fedora dnf install -y
arch - pacman -S --needed
manjaro arch pacman -S --needed
alpine - install what Debian calls
SYSTEMS
on_other() { # on_other UNAME: where uname says this
    printf '#!/bin/sh\necho "%s"\n' "$1" >"$scratch/uname"
    rm -f "$scratch/bin/uname" "$scratch/bin/docker"
    install -m 755 "$scratch/uname" "$scratch/bin/uname"
    env PATH="$scratch/bin" BUILD="$scratch/build" "$wirelab" doctor
}
expect_status "macOS" 3 on_other Darwin
expect_output "is sent to Docker, and told where it is from" \
    "brew install --cask docker.*docker compose -f docker/compose.yaml run"
expect "of the service that the compose file has" \
    grep -q '^  lab:' "$root/docker/compose.yaml"
expect_status "Windows" 3 on_other MINGW64_NT-10.0
expect_output "is sent to WSL2" "wsl --install"
expect_status "FreeBSD" 3 on_other FreeBSD
expect_output "is sent to Linux" "FreeBSD has no network namespaces"

expect_status "a build directory that cannot be made" 3 \
    env BUILD=/proc/nowhere "$wirelab" list
expect_output "is named" "cannot write in /proc/nowhere"

expect_status "no verb" 2 "$wirelab"
expect_output "prints the help" "^usage: wirelab VERB"
expect_status "--help" 0 "$wirelab" --help
expect "stdout that is closed early is no crash" sh -c \
    "'$wirelab' list | head -n 1 | grep -q '[0-9]'"

"$wirelab" completion bash >"$scratch/completion"
expect "bash completes a verb" bash -c ". '$scratch/completion'
    COMP_WORDS=('$wirelab' repl) COMP_CWORD=1 && _wirelab &&
    [ \"\${COMPREPLY[*]}\" = replay ]"
expect "bash completes a lab" bash -c ". '$scratch/completion'
    COMP_WORDS=('$wirelab' check 0) COMP_CWORD=2 && _wirelab &&
    [[ \" \${COMPREPLY[*]} \" == *' 08 '* ]]"
expect "bash completes a test" bash -c ". '$scratch/completion'
    COMP_WORDS=('$wirelab' check 04 --test 04.1.echoes_a) COMP_CWORD=4 &&
    _wirelab && [ \"\${COMPREPLY[*]}\" = 04.1.echoes_a_line ]"
expect "bash completes what a hint is to" bash -c ". '$scratch/completion'
    COMP_WORDS=('$wirelab' hint 04.1.echoes_a) COMP_CWORD=2 &&
    _wirelab && [ \"\${COMPREPLY[*]}\" = 04.1.echoes_a_line ]"
expect "bash completes an option" bash -c ". '$scratch/completion'
    COMP_WORDS=('$wirelab' check 08 --en) COMP_CWORD=3 && _wirelab &&
    [ \"\${COMPREPLY[*]}\" = --engine ]"
expect "bash completes what results are made into" bash -c ". '$scratch/completion'
    COMP_WORDS=('$wirelab' results grad) COMP_CWORD=2 && _wirelab &&
    [ \"\${COMPREPLY[*]}\" = gradescope ]"
expect "bash completes an option of that" bash -c ". '$scratch/completion'
    COMP_WORDS=('$wirelab' results canvas --ro) COMP_CWORD=3 && _wirelab &&
    [ \"\${COMPREPLY[*]}\" = --roster ]"
"$wirelab" completion zsh >"$scratch/zsh" && "$wirelab" completion fish \
    >"$scratch/fish"
for shell in zsh fish; do
    if command -v "$shell" >/dev/null; then
        expect "the script for $shell is one" "$shell" -n "$scratch/$shell"
    else
        skip "the script for $shell is one" "$shell is not installed"
    fi
done
expect "the build needs nothing of its place" sh -c \
    "test \"\$('$wirelab' list --numbers)\" = \"\$(cd / && '$wirelab' list --numbers)\""
finish

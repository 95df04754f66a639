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

# A PATH with all tools but one.
without() { # without TOOL
    rm -rf "${scratch:?}/bin"
    mkdir "$scratch/bin"
    for dir in /usr/bin /bin; do
        ln -sf "$dir"/* "$scratch/bin/" 2>/dev/null || true
    done
    rm -f "$scratch/bin/$1"
}
for tool in gcc pkg-config make; do
    without "$tool"
    expect_status "without $tool: nothing can be built" 3 env \
        PATH="$scratch/bin" BUILD="$scratch/build" "$wirelab" list
    expect_output "and says what to do" "$tool is not installed: .*make setup"
done
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
    COMP_WORDS=('$wirelab' rep) COMP_CWORD=1 && _wirelab &&
    [ \"\${COMPREPLY[*]}\" = replay ]"
expect "bash completes a lab" bash -c ". '$scratch/completion'
    COMP_WORDS=('$wirelab' check 0) COMP_CWORD=2 && _wirelab &&
    [[ \" \${COMPREPLY[*]} \" == *' 08 '* ]]"
expect "bash completes a test" bash -c ". '$scratch/completion'
    COMP_WORDS=('$wirelab' check 04 --test 04.1.echoes_a) COMP_CWORD=4 &&
    _wirelab && [ \"\${COMPREPLY[*]}\" = 04.1.echoes_a_line ]"
expect "bash completes an option" bash -c ". '$scratch/completion'
    COMP_WORDS=('$wirelab' check 08 --en) COMP_CWORD=3 && _wirelab &&
    [ \"\${COMPREPLY[*]}\" = --engine ]"
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

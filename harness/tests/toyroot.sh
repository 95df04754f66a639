# Sourced after tap.sh: a project of its own in $toy whose only lab is toylab,
# sharing this one's harness and build directory.
# shellcheck shell=sh disable=SC2154 # of tap.sh
toy=$scratch/project
mkdir -p "$toy/labs" "$toy/solutions"
ln -s "$root/harness" "$toy/harness"
ln -s "$root/Makefile" "$toy/Makefile"
cp "$root/wirelab" "$toy/wirelab"
cp -r "$root/harness/tests/toylab/lab" "$toy/labs/90-toy"
cp -r "$root/harness/tests/toylab/solution" "$toy/solutions/90-toy"
for source in "$toy"/solutions/90-toy/*.c; do
    "$root/harness/mkskel" "$source" >"$toy/labs/90-toy/${source##*/}"
done
export wirelab="$toy/wirelab" runs="$build/runs/90"

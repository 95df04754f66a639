# Sourced after toyroot.sh: submissions of the toy lab, each unlike all others,
# and what is needed to grade them.
#
#   submissions DIR N   N of them: right, wrong in several ways, refused
#   grade OUT [OPTION...]   grades $submissions into OUT, without the cache
#   graded OUT [OPTION...]  the same; what a busy machine makes void is tried again
#   member FILE EXPRESSION  a value in a JSON file `r`, by python
# shellcheck shell=sh disable=SC2154 # of tap.sh
solution=$toy/solutions/90-toy
one() { # one DIR NUMBER: a right one; a comment makes it unlike the others
    mkdir -p "$1"
    { cat "$solution/shout.c" && echo "/* $2 */"; } >"$1/shout.c"
}
submissions() {
    for number in $(seq "$2"); do
        dir=$1/s$(printf %03d "$number")
        one "$dir" "$number"
        case $((number % 6)) in
        1) sed -i 's/toupper/tolower/' "$dir/shout.c" ;;
        2) cp "$toy/labs/90-toy/shout.c" "$dir" ;;
        3) tar -C "$dir" -czf "$dir.tar.gz" . && rm -r "$dir" ;;
        4) echo "int main( {" >"$dir/shout.c" ;;
        5) sed -i 's/for (;;)/for (int i = 0; i < 2; i++)/' "$dir/shout.c" ;;
        esac
    done
}
grade() {
    out=$1
    shift
    "$wirelab" grade --lab 90 --submissions "$submissions" --out "$out" \
        --no-cache "$@"
}
graded() {
    for _ in 1 2 3 4 5 6; do
        status=0
        grade "$@" --resume || status=$?
        [ $status -eq 3 ] || break
    done
    return "$status"
}
member() {
    python3 -c "import json,sys; r=json.load(open(sys.argv[1])); print($2)" "$1"
}
scores() {
    member "$1/results.json" \
        "' '.join('%s:%d' % (s['id'], s['score']['points']) for s in r['students'])"
}
# shellcheck disable=SC2034 # for those who source this
submissions=$scratch/submissions

#!/bin/sh
# wirelab grade in every world, for root and for an ordinary user: the grades
# are those of the host, and a batch that was killed ends in the same.  What is
# quick is always run; a batch as an ordinary user and the kills are long.
set -eu
# shellcheck source=harness/tests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=harness/tests/toyroot.sh
. "$root/harness/tests/toyroot.sh"
# shellcheck source=harness/tests/toybatch.sh
. "$root/harness/tests/toybatch.sh"
# shellcheck source=harness/tests/toyuser.sh
. "$root/harness/tests/toyuser.sh"

reason() { # reason WORLD: why this machine has not got it, or nothing
    case $1 in
    uml) command -v linux.uml >/dev/null ||
        echo "user-mode-linux is not installed" ;;
    virtual) "$root/harness/world/virtual-kernel" --find >/dev/null ||
        echo "its kernel is not built: make virtual-kernel" ;;
    esac
}
# What a student gets does not depend on the world; digests of the batch do, and
# so may words: the skeleton listens before it ends, and which of the two a test
# meets is a matter of speed.
grades() { # grades OUT
    member "$1/results.json" "[t.pop('message') for s in r['students']
        for t in s['tests']] and json.dumps(r['students'], indent=1)"
}
expect_same() { # expect_same NAME WANTED FOUND: two batches' grades
    grades "$2" >"$scratch/wanted.json"
    grades "$3" >"$scratch/found.json"
    expect "$1" diff "$scratch/wanted.json" "$scratch/found.json"
}

# The clocks of uml are real: on a busy machine what fails there is void however
# often it is tried again, and says nothing of the batch.
ends() { # ends NAME WORLD COMMAND...: returns whether there are grades
    _what=$1 _world=$2 _status=0
    shift 2
    "$@" >"$scratch/said" 2>&1 || _status=$?
    if [ "$_world" = uml ] && [ $_status -eq 3 ] &&
        grep -q 'tests could not be judged' "$scratch/said"; then
        skip "$_what" "the machine is too busy: $(sed -n \
            's/^wirelab: \([0-9]* tests\) could not.*/\1 were void/p' \
            "$scratch/said" | tail -n 1)"
        return 1
    fi
    expect "$_what" sh -c "cat '$scratch/said'; test $_status -eq 0" || :
    return $_status
}

if [ -n "$WIRELAB_LONG" ]; then
    submissions "$submissions" 6
else # those that fail take their time
    one "$submissions/ada" 1
    one "$submissions/bob" 2
fi
graded "$scratch/host" --seed 7 >/dev/null
for world in uml virtual; do
    reason=$(reason $world)
    if [ -n "$reason" ]; then
        skip "a batch in world $world" "$reason"
        continue
    fi
    ends "a batch in world $world ends" $world \
        graded "$scratch/$world" --seed 7 --world $world || continue
    expect_same "in the grades of the host" "$scratch/host" "$scratch/$world"
done
if [ -z "$WIRELAB_LONG" ]; then
    skip "batches of an ordinary user" "they are long (make verify)"
    finish
    exit 0
fi

# A guest is stopped with the batch that owns it, and the next goes on.
kills() { # kills WORLD TIMES: kills a batch so often, then lets it end
    left=$2
    while [ "$left" -gt 0 ]; do
        "$wirelab" grade --lab 90 --submissions "$submissions" --no-cache \
            --out "$scratch/killed.$1" --seed 7 --world "$1" --resume \
            >"$scratch/log" 2>&1 &
        batch=$!
        sleep "$(awk -v n="$left" 'BEGIN { srand(n); printf "%.2f", .3 + rand() * 4 }')"
        kill -KILL $batch 2>/dev/null || :
        wait $batch 2>/dev/null || :
        left=$((left - 1))
    done
    graded "$scratch/killed.$1" --seed 7 --world "$1"
}
for world in uml virtual; do
    [ -e "$scratch/$world/results.json" ] || continue
    ! grep -q '"verdict": "infra"' "$scratch/$world/results.json" || continue
    ends "in $world, after 10 kills it ends" $world kills $world 10 || continue
    expect "in the same grades, byte by byte" cmp \
        "$scratch/$world/results.json" "$scratch/killed.$world/results.json"
done

if [ "$(id -u)" -ne 0 ]; then
    skip "batches of an ordinary user" "setting that up takes root"
    finish
    exit 0
fi
mkdir "$scratch/given"
cp -a "$submissions" "$scratch/given/"
user_batch() { # user_batch WORLD: leaves its grades in user.WORLD
    tun=none
    [ "$1" != host ] || tun=tun
    mkdir -p "$scratch/user.$1"
    # shellcheck disable=SC2016 # the inner shell expands
    as_nobody mode=1777,size=3g $tun 'world='"$1"'
        for try in 1 2 3 4 5 6; do # until nothing is void
            status=0
            ./wirelab grade --lab 90 --submissions /mnt/given/submissions \
                --out /mnt/given/out --seed 7 --no-cache --world "$world" \
                --resume || status=$?
            [ "$status" -eq 3 ] || break
        done
        cat /mnt/given/out/results.json >&3
        ! ls -d /mnt/tmp/wirelab-* && exit "$status"' \
        3>"$scratch/user.$1/results.json"
}
for world in host uml virtual; do
    reason=$(reason $world)
    if [ -n "$reason" ]; then
        skip "a batch of an ordinary user in world $world" "$reason"
        continue
    fi
    ends "a batch of an ordinary user in world $world ends" $world \
        user_batch $world || continue
    expect_same "in the grades of the host" "$scratch/host" \
        "$scratch/user.$world"
done
finish

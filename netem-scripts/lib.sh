# Sourced by the scripts beside it: words to the user, commands that are shown
# before they run and undone at the end, hosts made of network namespaces.
#
#   begin "WORDS" "$@"    --help; the valid options are the WORDS
#   run COMMAND...        shows the command, and runs it unless --dry-run
#   undo COMMAND...       the same when the script ends, last one first, however
#                         it ends; said BEFORE the thing to be undone is made
#   die STATUS MESSAGE    one line, on stderr
#
# Names that begin with _ are this file's own.  It is longer than a script of
# ours should be, so that each of them can be short.
# shellcheck shell=sh disable=SC2034 # the scripts use the variables

here=$(cd "$(dirname "$0")" && pwd)
me=$(basename "$0")
dry=''
_undo=''
_error=''
_sure=''
_newline='
'

# ---- Words ------------------------------------------------------------------

die() {
    _status=$1
    shift
    echo "$me: $*" >&2
    exit "$_status"
}
# The comment on top of the script is its help; indented lines are drawings and
# examples, of which the first block shows what is built.
help() {
    sed -n '2,/^[^#]/s/^#\( \|$\)//p' "$0"
    exit 0
}
drawing() {
    sed -n '2,/^[^#]/s/^#\( \|$\)//p' "$0" |
        awk '/^    / { print; seen = 1; next } seen { exit }' >&2
    echo >&2
}
# nearest WORD CANDIDATE...: prints the candidate that takes the fewest letters
# inserted, left out or changed; nothing when none is close.
nearest() {
    printf '%s\n' "$@" | awk '
        function min(a, b) { return a < b ? a : b }
        function edits(a, b,    i, j, d) {
            for (i = 0; i <= length(a); i++) d[i, 0] = i
            for (j = 0; j <= length(b); j++) d[0, j] = j
            for (i = 1; i <= length(a); i++)
                for (j = 1; j <= length(b); j++)
                    d[i, j] = min(min(d[i - 1, j], d[i, j - 1]) + 1,
                        d[i - 1, j - 1] + (substr(a, i, 1) != substr(b, j, 1)))
            return d[length(a), length(b)]
        }
        NR == 1 { word = $0; best = length($0) / 2; next }
        { n = edits(word, $0); if (n <= best) { best = n - 0.1; name = $0 } }
        END { if (name != "") print name }'
}
# unknown WHAT WORD CANDIDATE...: ends with status 2 and names what is valid.
unknown() {
    _what=$1 _word=$2
    shift 2
    _near=$(nearest "$_word" "$@")
    [ -z "$_near" ] || _near=", did you mean '$_near'?"
    die 2 "unknown $_what '$_word'$_near (there are: $*)"
}
begin() {
    _options="$1 --dry-run --help"
    shift
    for _word; do
        case $_word in
        --) break ;;
        --help | -h) help ;;
        esac
    done
}
# The options that all scripts have, and the error for those that nobody has.
common_option() {
    [ "$1" != --dry-run ] || { dry=yes && return 0; }
    # shellcheck disable=SC2086 # a list of words
    unknown option "$1" $_options
}
need_value() { # need_value OPTION [WORD...]: those that are left
    [ $# -ge 2 ] || die 2 "$1 needs a value, see '$me --help'"
}
need_number() { # need_number WHAT WORD LOW HIGH
    case $2 in '' | *[!0-9]* | ?????*) set -- "$1" "$2" "$3" "$4" bad ;; esac
    if [ $# -eq 5 ] || [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ]; then
        die 2 "$1 must be a number from $3 to $4, not '$2'"
    fi
}

# ---- Commands ---------------------------------------------------------------

# As a shell would have to be given the words.
_quoted() {
    _line=''
    for _word; do
        case $_word in
        '' | *[!A-Za-z0-9_./:=,%@+-]*)
            _word="'$(printf '%s' "$_word" | sed "s/'/'\\\\''/g")'" ;;
        esac
        _line="$_line${_line:+ }$_word"
    done
    printf '%s\n' "$_line"
}
show_command() {
    echo "+ $(_quoted "$@")" >&2
}
# A refusal of the kernel is told in one line, with what to do about it.
run() {
    show_command "$@"
    [ -z "$dry" ] || return 0
    _status=0
    _error=$("$@" 2>&1 >/dev/null) || _status=$?
    [ "$_status" -ne 0 ] || return 0
    _refused "$(_quoted "$@")"
}
_refused() {
    case $_error in
    *"qdisc kind is unknown"*)
        die 3 "this kernel has no netem or another part that '$1' needs:" \
            "load it ('modprobe sch_netem'), or try it in user-mode-linux" \
            "(wirelab's --world uml)" ;;
    *"Operation not permitted"* | *"Permission denied"*)
        die 3 "not allowed to run '$1': be root, or in a namespace of your" \
            "own ('unshare -rmn', then 'mount -t tmpfs run /run')" ;;
    esac
    die 3 "'$1' failed: $(echo "$_error" | head -n 1)"
}
# The newest is at the head: last in, first out.
undo() {
    _undo="$(_quoted "$@")$_newline$_undo"
}
forget_undo() {
    _undo=''
}
# Undoes all; what cannot be undone is told, and the rest goes on (each in a
# shell of its own, so that `die` ends no more than that).
cleanup() {
    _result=$?
    trap '' INT TERM HUP
    set +e
    [ -z "$_undo" ] || [ -z "$dry" ] || echo "# and at the end:" >&2
    _sure=$dry # what was not made would be there
    while [ -n "$_undo" ]; do
        _line=${_undo%%"$_newline"*}
        _undo=${_undo#*"$_newline"}
        (eval "$_line") || _result=3
    done
    exit "$_result"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# Network administration, bit 12 of the effective capabilities; a host's name
# needs bit 21 too.
need_privilege() {
    [ -z "$dry" ] || return 0
    _caps=$(sed -n 's/^CapEff:[[:space:]]*/0x/p' /proc/self/status)
    _wanted=${1:-0x1000}
    [ $((_caps & _wanted)) -eq $((_wanted)) ] ||
        die 3 "you may not change the network: use sudo, or a namespace of" \
            "your own ('unshare -rmn', then 'mount -t tmpfs run /run')"
}
need_command() {
    [ -n "$dry" ] || command -v "$1" >/dev/null ||
        die 3 "$1 is not installed (Debian: apt-get install $2)"
}

# ---- Profiles and devices ---------------------------------------------------

# Prints a profile's text, of a name, a file, or the text itself.  The limit is
# always said: a queue that nobody chose is a bug that nobody sees.
profile_text() {
    _file=$here/profiles/$1.netem
    [ -f "$_file" ] || _file=$1
    _text=$1
    if [ -f "$_file" ]; then
        _text=$(sed 's/#.*//' "$_file" | tr '\n,' '  ')
    elif [ "${1#* }" = "$1" ]; then
        # shellcheck disable=SC2046 # a list of words
        unknown profile "$1" $(profile_names)
    fi
    case " $_text " in *' limit '*) ;; *) _text="limit 1000 $_text" ;; esac
    echo "$_text" | tr -s ' ' | sed 's/^ //; s/ $//'
}
profile_names() {
    for _file in "$here"/profiles/*.netem; do
        basename "$_file" .netem
    done
}
# trace_file NAME: one in traces/, or a file.
trace_file() {
    for _file in "$here/traces/$1.csv" "$here/traces/$1.trace" "$1"; do
        [ ! -f "$_file" ] || { echo "$_file" && return 0; }
    done
    # shellcheck disable=SC2046 # a list of words
    unknown trace "$1" $(cd "$here/traces" && ls)
}
need_device() {
    [ -z "$dry" ] || return 0
    # shellcheck disable=SC2046 # a list of words
    has_device "$1" || unknown interface "$1" $(device_names)
}
device_names() {
    ip -o link show | sed 's/^[0-9]*: \([^:@]*\).*/\1/'
}
# The device that what arrives by an interface is sent through.
ifb_of() {
    echo "ifb-$(ip -o link show dev "$1" 2>/dev/null | sed 's/:.*//')"
}
has_device() {
    ip link show dev "$1" >/dev/null 2>&1
}
# Offloads hand netem packets of up to 64 KiB, and each would be one to it.
no_offloads() { # no_offloads DEVICE [COMMAND PREFIX...]
    _device=$1
    shift
    run "$@" ethtool -K "$_device" tso off gso off gro off
}
# Which of them were on is written where it lasts as long as the device does:
# its alias, which `ip link` shows.  An alias of somebody else's is left alone.
_mark='netem-scripts turned off:'
_alias() {
    ip -o link show dev "$1" 2>/dev/null | sed -n 's/.*\\ *alias //p'
}
remember_offloads() {
    [ -z "$dry" ] && [ -z "$(_alias "$1")" ] || return 0
    _on=$(ethtool -k "$1" | awk '
        $2 == "on" && !/fixed/ {
            if ($1 == "tcp-segmentation-offload:") printf " tso"
            if ($1 == "generic-segmentation-offload:") printf " gso"
            if ($1 == "generic-receive-offload:") printf " gro"
        }')
    [ -z "$_on" ] || run ip link set dev "$1" alias "$_mark$_on"
}
restore_offloads() { # unless one of the two directions is still impaired
    if [ -z "$dry" ]; then
        ! has_device "$(ifb_of "$1")" || return 0
        ! has_netem "$1" || return 0
    fi
    _on=$(_alias "$1")
    case $_on in "$_mark"*) ;; *) return 0 ;; esac
    for _offload in ${_on#"$_mark"}; do
        run ethtool -K "$1" "$_offload" on
    done
    run ip link set dev "$1" alias ""
}
has_netem() {
    [ -n "$_sure" ] || tc qdisc show dev "$1" root | grep -q '^qdisc netem'
}
clear_outgoing() {
    has_netem "$1" || return 0
    run tc qdisc del dev "$1" root
}
clear_incoming() {
    [ -n "$_sure" ] || has_device "$(ifb_of "$1")" || return 0
    if [ -n "$_sure" ] || tc qdisc show dev "$1" | grep -q '^qdisc ingress'
    then
        run tc qdisc del dev "$1" ingress
    fi
    run ip link del "$(ifb_of "$1")"
}

# Ends the script where somebody else has a qdisc.  His has a handle; the
# kernel's default has 0:.
need_free() { # need_free DEVICE root|parent
    _kind=$(tc qdisc show dev "$1" | awk -v parent="$2" '
        $4 == parent && $3 != "0:" { print $2; exit }')
    case ${_kind:-netem} in netem) return 0 ;; esac
    die 3 "$1 has a qdisc '$_kind' that is not of these scripts; if it may" \
        "go: tc qdisc del dev $1 $2"
}

# ---- Hosts ------------------------------------------------------------------
# A host is a named namespace, "left-4711" with the script's own number, so that
# two runs never meet; `ip netns exec left-4711 ...` runs commands there.

hosts=''
_names=''

# What every topology needs; its profiles are read before anything is made.
need_topology() {
    for _word; do
        [ -z "$_word" ] || profile_text "$_word" >/dev/null
    done
    need_command ip iproute2
    need_command tc iproute2
    need_command ethtool ethtool
    need_privilege 0x201000
}
in_host() { # in_host HOST COMMAND...
    _host=$1
    shift
    run ip netns exec "$_host-$$" "$@"
}
host() {
    hosts="$hosts${hosts:+ }$1"
    undo remove_host "$1-$$"
    run ip netns add "$1-$$"
    run ip -n "$1-$$" link set lo up
}
# What still runs there would keep the namespace alive without its name.
remove_host() {
    if [ -z "$dry" ]; then
        [ -e "/run/netns/$1" ] || return 0
        ip netns pids "$1" | xargs -r kill -KILL 2>/dev/null || :
    fi
    run ip netns del "$1"
    [ ! -e "/etc/netns/$1" ] || run rm -r "/etc/netns/$1"
}
cable() { # cable HOST DEVICE HOST DEVICE
    run ip link add "$2" netns "$1-$$" type veth peer name "$4" netns "$3-$$"
    run ip -n "$1-$$" link set "$2" up
    run ip -n "$3-$$" link set "$4" up
}
address() { # address HOST DEVICE ADDRESS/BITS: the first one gets the name
    run ip -n "$1-$$" address add "$3" dev "$2"
    case "$_names" in *" $1$_newline"*) return 0 ;; esac
    _names="$_names${3%/*} $1$_newline"
}
route() { # route HOST PREFIX VIA
    run ip -n "$1-$$" route add "$2" via "$3"
}
forwards() {
    in_host "$1" sysctl -q -w net.ipv4.ip_forward=1
}
impair() { # impair HOST DEVICE PROFILE: what leaves by the device
    [ -n "$3" ] || return 0
    _text=$(profile_text "$3")
    no_offloads "$2" ip netns exec "$1-$$"
    # shellcheck disable=SC2086 # the profile is a list of words
    run tc -n "$1-$$" qdisc replace dev "$2" root netem $_text
}
# Gives every host the names of all: `ip netns exec` lays /etc/netns/HOST over
# /etc.  Where /etc cannot be written there are addresses only.
write_names() {
    echo "$_names" | sed '/./!d; s/^/  /' >&2
    [ -w /etc ] || [ -n "$dry" ] || return 0
    for _host in $hosts; do
        run mkdir -p "/etc/netns/$_host-$$"
        echo "+ the names above into /etc/netns/$_host-$$/hosts" >&2
        [ -n "$dry" ] ||
            printf '127.0.0.1 localhost\n%s' "$_names" \
                >"/etc/netns/$_host-$$/hosts"
    done
}
# use HOST [COMMAND...]: runs it there, or a shell; its status is the script's.
# The command runs in the background, because a shell that waits for one in the
# foreground does not hear of SIGTERM; `env` gives it Ctrl-C back.
use() {
    _host=$1
    shift
    if [ $# -eq 0 ]; then
        echo "# a shell on $_host; elsewhere: ip netns exec HOST-$$ ...;" \
            "exit undoes all" >&2
        set -- "${SHELL:-/bin/sh}"
        show_command ip netns exec "$_host-$$" "$@"
        [ -n "$dry" ] || ip netns exec "$_host-$$" "$@" || _status=$?
        return "${_status:-0}"
    fi
    show_command ip netns exec "$_host-$$" "$@"
    [ -z "$dry" ] || return 0
    background ip netns exec "$_host-$$" "$@"
}
background() {
    exec 3<&0
    env --default-signal=INT,QUIT "$@" <&3 3<&- &
    undo end_process "$!"
    _status=0
    wait "$!" || _status=$?
    return "$_status"
}
end_process() {
    kill "$1" 2>/dev/null || :
}

# What the site holds, from what is there.  Sourced by build, at the top of the
# project; prints tables whose columns page.awk describes.
# shellcheck shell=sh disable=SC2154 # here, work

list_labs() {
    for json in labs/[0-9][0-9]-*/lab.json; do
        dir=${json%/lab.json}
        jq -r --arg folder "${dir#labs/}" '[.id, $folder, .title, .chapter,
            (.minutes | if . < 90 then "\(.) minutes" else
            "about \(. / 60 | floor)\(if . % 60 >= 20 then "½" else "" end) hours"
            end), (.prerequisites | join("|")), (.topics | join("|")),
            (.checkpoints | map(.title) | join("|")),
            (.checkpoints | map(.points) | add)] | @tsv' "$json" ||
            die "$json: not as a lab.json should be (see above)"
        [ -f "$dir/README.md" ] || die "$dir has no README.md: write one"
    done
}

title_of() { # title_of FILE: its first heading, if the file is here
    [ ! -f "$1" ] || sed -n '/^# /{ s/^# //; p; q; }' "$1"
}
row() { # row KIND SRC TARGET LAB TITLE
    [ -f "$2" ] || return 0
    [ "$5" ] || die "$2:1: no heading: begin it with a line '# Title'"
    printf '%s\t%s\t%s\t%s\t%s\n' "$@"
}
book() { # book NAME: a page of harness/site/pages
    row "$1" "$here/pages/$2.md" "$2.html" "" \
        "$(title_of "$here/pages/$2.md")"
}

list_pages() {
    book home index
    row start README.md README.html "" "Set up and run"
    cut -f 1,2 "$work/labs.tsv" | while read -r id folder; do
        row handout "labs/$folder/README.md" "labs/$folder/README.html" \
            "$id" "$(title_of "labs/$folder/README.md")"
        row hints "labs/$folder/hints.md" "labs/$folder/hints.html" \
            "$id" "Hints to lab $id"
        row walkthrough "solutions/$folder/WALKTHROUGH.md" \
            "solutions/$folder/WALKTHROUGH.html" "$id" "The way through lab $id"
    done
    for name in emulator reports glossary topics rfcs; do
        book book "$name"
    done
    for page in netem-scripts docker harness harness/bench; do
        row project "$page/README.md" "$page/README.html" "" \
            "$(title_of "$page/README.md")"
    done
    for page in CONTRIBUTING CHANGELOG; do
        row project "$page.md" "$page.html" "" "$(title_of "$page.md")"
    done
}

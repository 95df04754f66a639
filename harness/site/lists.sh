# What the site holds, from what is there.  Sourced by build, at the top of the
# project; prints tables whose columns page.awk describes, and Markdown.
# shellcheck shell=sh disable=SC2154 # here, work

list_labs() {
    for json in labs/[0-9][0-9]-*/lab.json; do
        dir=${json%/lab.json}
        jq -r --arg folder "${dir#labs/}" '[.id, $folder, .title, .chapter,
            (.minutes | if . < 90 then "\(.) minutes" else
            "about \(. / 60 | floor)\(if . % 60 >= 20 then "½" else "" end) hours"
            end), (.prerequisites | join("|")), (.topics | join("|")),
            (.checkpoints | map(.title) | join("|")),
            (.checkpoints | map(.points) | add)] | @tsv' "$json"
    done
}

title_of() { # title_of FILE: its first heading
    sed -n '/^# /{ s/^# //; p; q; }' "$1"
}
row() { # row KIND SRC TARGET LAB TITLE
    [ -f "$2" ] || return 0
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

# ---- Markdown that is made ---------------------------------------------------

# The links in what follows are seen from harness/site/pages.
make_index() {
    sed '/<!-- labs -->/q' "$here/pages/index.md"
    printf 'The book has 25 chapters. The labs to %s of them are here:\n\n' \
        "$(wc -l <"$work/labs.tsv")"
    tab=$(printf '\t')
    cut -f 2,4,5 "$work/labs.tsv" |
        while IFS=$tab read -r folder chapter time; do
            handout=labs/$folder/README.md
            printf '## [%s](../../../%s)\n\n' "$(title_of "$handout")" \
                "$handout"
            awk '/^You will write/ { print; exit }' "$handout"
            printf '\n*Chapter “%s”, %s.*\n\n' "$chapter" "$time"
        done
    sed '1,/<!-- labs -->/d' "$here/pages/index.md"
}

make_topics() {
    cat "$here/pages/topics.md"
    awk -F '\t' -v here="$here" -f "$here/names.awk" -f "$here/topics.awk" \
        "$work/labs.tsv" | sort -f -t "$(printf '\t')" -k 1,1 | cut -f 2-
}

make_rfcs() {
    cat "$here/pages/rfcs.md"
    sort -t "$(printf '\t')" -k 1,1n -s "$work/rfcs.tsv" |
        awk -F '\t' -v work="$work" -v here="$here" -f "$here/rfcs.awk"
}

# Markdown that is made of what is there: the first page, the lists of topics and
# of RFCs.  Sourced by build, after lists.sh.  Its links are seen from
# harness/site/pages.
# shellcheck shell=sh disable=SC2154 # here, work

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
        "$work/labs.tsv" >"$work/topics.tsv"
    sort -f -t "$(printf '\t')" -k 1,1 "$work/topics.tsv" | cut -f 2-
}

make_rfcs() {
    cat "$here/pages/rfcs.md"
    sort -t "$(printf '\t')" -k 1,1n -s "$work/rfcs.tsv" |
        awk -F '\t' -v work="$work" -v here="$here" -f "$here/rfcs.awk"
}

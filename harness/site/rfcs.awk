# rfcs.md from rfcs.tsv (number, section, page, anchor, heading; sorted): a row
# of a table for each RFC, with the places that cite it.

function finish_row() {
    if (number != "")
        printf "| [%s](https://www.rfc-editor.org/rfc/rfc%s) | %s | %s |\n",
            number, number, rfc_title[number], substr(places, 3)
    places = ""
}

BEGIN {
    while ((getline <(work "/pages.tsv")) > 0) {
        source_of[$3] = $2
        lab_of[$3] = $4
    }
    while ((getline <(here "/rfcs.tsv")) > 0)
        rfc_title[$1] = $2
    print "| RFC | title | cited in |\n|---|---|---|"
}
$1 != number { finish_row() }
{
    number = $1
    if (seen[$1, $3, $4]++)
        next
    places = places ", [" (lab_of[$3] != "" ? lab_of[$3] ": " : "glossary: ") \
        ($5 != "" ? $5 : "beginning") "](../../../" source_of[$3] \
        ($5 != "" ? "#" $4 : "") ")"
}
END { finish_row() }

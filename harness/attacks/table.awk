# Draws the table of attacks; see judge for what a row holds.  `neighbours` is
# a file of the honest submission's checks: BEGIN END POINTS.
function shown(text, width) {
    return length(text) > width ? substr(text, 1, width - 1) "~" : text
}
# The honest submission's points in all checks that overlapped this attack.
function neighbour(begin, end,    i, points) {
    points = "-"
    for (i = 1; i <= n; i++) {
        if (ended[i] < begin || began[i] > end || got[i] == "void")
            continue
        if (points == "-" || got[i] != 100)
            points = got[i]
    }
    return points
}
BEGIN {
    FS = "|"
    while ((getline line < neighbours) > 0) {
        split(line, part, " ")
        n++
        began[n] = part[1]; ended[n] = part[2]; got[n] = part[3]
    }
    printf "%-17s %-55s %6s %9s  %s\n", "attack", "what it tries", "points",
        "neighbour", "how it ended"
}
{
    points = neighbour($6, $7)
    if (points != 100 && points != "-") {
        $1 = "not ok"
        $8 = "the neighbour has " points " points"
    }
    bad += $1 != "ok"
    if ($1 != "ok")
        $5 = "WRONG: " $8 "; it ended with: " $5
    printf "%-17s %-55s %6s %9s  %s\n", $2, shown($3, 55), $4, points,
        $1 == "ok" ? shown($5, 72) : $5
    count++
}
END {
    printf "%d attacks, %d unexpected; the neighbour was graded %d times\n",
        count, bad, n
    exit bad > 0 || count == 0
}

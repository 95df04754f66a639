# What stands in a line: text, tags, code.
#
# Reads `src` and the tables that page.awk has read.  Keeps `said`, the words of
# the section in hand, for the search index.

# ---- Words -------------------------------------------------------------------

function rfc_link(words,    number, section, at) {
    number = words
    sub(/^RFC /, "", number)
    sub(/ .*/, "", number)
    section = words
    at = sub(/.* section /, "", section)
    cite(number, at ? section : "")
    return "<a class=\"rfc\" href=\"https://www.rfc-editor.org/rfc/rfc" number \
        (at ? "#section-" section : "") "\" title=\"" \
        escaped(rfc_title[number]) "\">" words "</a>"
}

function cite(number, section) {
    if (!(number in rfc_title))
        fail("RFC " number " has no title in harness/site/rfcs.tsv: add a line")
    else if (kind == "handout" || target == "glossary.html" || kind == "book")
        print number "\t" section "\t" target "\t" anchor "\t" \
            (anchor_level > 1 ? anchor_text : "") >>(work "/rfcs.tsv")
}

function lab_link(words,    number) {
    number = substr(words, 5)
    if (!(number in lab_folder) && number + 0 <= 25)
        return words " <small class=\"absent\">(not in this edition)</small>"
    if (!(number in lab_folder) || number == lab && kind == "handout")
        return words
    return "<a href=\"" root "labs/" lab_folder[number] "/README.html\">" \
        words "</a>"
}

# Text between tags: what it names becomes a link, unless it is one already.
BEGIN {
    named_things = "RFC [0-9]+( section [0-9]+(\\.[0-9]+)*)?|[Ll]ab [0-9][0-9]"
}
function text(words,    done, found, at) {
    if (!folded || in_summary)
        said = said words
    if (quiet) {
        if (in_link && match(words, /RFC [0-9]+/))
            rfc_link(substr(words, RSTART, RLENGTH))
        return words
    }
    done = ""
    while (match(words, named_things)) {
        at = RSTART
        found = substr(words, at, RLENGTH)
        done = done substr(words, 1, at - 1) \
            (found ~ /^RFC/ ? rfc_link(found) : lab_link(found))
        words = substr(words, at + length(found))
    }
    return done words
}

# ---- Tags --------------------------------------------------------------------

function moved(link,    path, mark, file) {
    if (link ~ /^([a-z][a-z0-9+.-]*:|#)/)
        return link
    mark = index(link, "#")
    path = mark ? substr(link, 1, mark - 1) : link
    mark = mark ? substr(link, mark) : ""
    file = normal(folder(src) path)
    if (!(file in target_of)) {
        print file >>(work "/sources")
        return root file ".html" mark
    }
    return root target_of[file] mark
}

function tag(word,    link) {
    if (word ~ /^<(a|code|h[1-6])[ >]/)
        quiet++
    else if (word ~ /^<\/(a|code|h[1-6])>/)
        quiet--
    if (word ~ /^<details/)
        folded++
    else if (word == "</details>")
        folded--
    if (word ~ /<\/?summary>/)
        in_summary = word == "<summary>"
    if (word ~ /^<a /)
        in_link = 1
    else if (word == "</a>")
        in_link = 0
    if (word == "<table>")
        return "<div class=\"table\"><table>"
    if (word == "</table>")
        return "</table></div>"
    if (word ~ /^<img /)
        return picture(word)
    if (word ~ /^<(p|li|tr|td|th|summary|br)/)
        said = said " "
    if (match(word, /href="[^"]*"/)) {
        link = substr(word, RSTART + 6, RLENGTH - 7)
        word = substr(word, 1, RSTART + 5) moved(link) \
            substr(word, RSTART + RLENGTH - 1)
    }
    return word
}

# Drawings stand in the page itself, so that they have its colours.
function picture(word,    file, line, all) {
    match(word, /src="[^"]*"/)
    file = normal(folder(src) substr(word, RSTART + 5, RLENGTH - 6))
    if (file !~ /\.svg$/) {
        fail(file " is no SVG: pictures are drawings that this page can hold")
        return ""
    }
    match(word, /alt="[^"]*"/)
    all = ""
    while ((getline line <file) > 0)
        all = all line "\n"
    close(file)
    sub(/<svg /, "<svg role=\"img\" aria-label=" substr(word, RSTART + 4, \
        RLENGTH - 4) " ", all)
    return all
}

function inline(line,    done, before, word) {
    done = ""
    while (match(line, /<[^>]*>/)) {
        before = substr(line, 1, RSTART - 1)
        word = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        done = done text(before)
        done = done tag(word)
    }
    return done text(line)
}

# Comments of C stand back from the code.
function code(line,    done) {
    done = ""
    while (line != "") {
        if (in_comment) {
            if (!match(line, /\*\//)) {
                done = done line "</i>"
                return done
            }
            done = done substr(line, 1, RSTART + 1) "</i>"
            line = substr(line, RSTART + 2)
            in_comment = 0
        } else if (match(line, /\/\*/)) {
            done = done substr(line, 1, RSTART - 1) "<i>"
            line = substr(line, RSTART)
            in_comment = 1
            if (!match(substr(line, 3), /\*\//))
                return done line "</i>"
            done = done substr(line, 1, RSTART + 3) "</i>"
            line = substr(line, RSTART + 4)
            in_comment = 0
        } else {
            return done line
        }
    }
    return done
}

function code_line(line,    opening) {
    if (!is_c)
        return line
    opening = in_comment ? "<i>" : ""
    return opening code(line)
}

# Makes a page of the site of what cmark-gfm made of a Markdown file.
#
#   awk -v work=DIR -v src=FILE -v out=DIR -v here=DIR -f names.awk -f frame.awk
#       -f inline.awk -f around.awk -f page.awk FILE.html
#
# What it adds: anchors, a table of contents, links that lead to where the site
# has their targets, links to the RFCs and labs that the text names, folds
# around what gives an answer away, and the template around all.  What others
# need of the page goes to files of `work`: search.tsv, rfcs.tsv, sources.
#
#   work/pages.tsv   kind, source, target, lab, title: every page, in the order
#                    in which one reads them
#   work/labs.tsv    number, folder, title, chapter, time in words, needed labs,
#                    topics ("|" between), titles of checkpoints ("|"), points
#   rfcs.tsv         number, title

BEGIN {
    FS = "\t"
    while ((getline <(work "/pages.tsv")) > 0) {
        target_of[$2] = $3
        title_of[$3] = $5
        kind_of[$3] = $1
        lab_of[$3] = $4
        order[++pages] = $3
        if ($2 == src)
            own = pages
    }
    while ((getline <(work "/labs.tsv")) > 0) {
        lab_folder[$1] = $2
        lab_time[$1] = $5
        lab_needs[$1] = $6
        lab_topics[$1] = $7
        lab_points[$1] = $9
        checkpoints[$1] = split($8, titles, "|")
        for (i = 1; i <= checkpoints[$1]; i++)
            checkpoint_title[$1, i] = titles[i]
    }
    while ((getline <(here "/rfcs.tsv")) > 0)
        rfc_title[$1] = $2
    FS = " "
    target = order[own]
    kind = kind_of[target]
    lab = lab_of[target]
    root = way_up(target)
    if (kind == "handout")
        read_walkthrough("solutions/" lab_folder[lab] "/WALKTHROUGH.md")
}

# Where a checkpoint's part of the walkthrough begins, if there is one.
function read_walkthrough(path,    line, number) {
    if (!(path in target_of))
        return
    walkthrough = target_of[path]
    while ((getline line <path) > 0)
        if (match(line, /^## Checkpoint [0-9]+/)) {
            number = substr(line, 15, RLENGTH - 14)
            walk_anchor[number] = slug(substr(line, 4))
        }
}

function fail(what) {
    print src ": " what >"/dev/stderr"
    failed = 1
}

function put(line) {
    body = body line "\n"
}

# What was said since the last heading can be found under that heading.
function close_section() {
    gsub(/[ \t\n]+/, " ", said)
    if (anchor != "" && kind != "hints")
        print kind "\t" target (anchor_level > 1 ? "#" anchor : "") "\t" \
            title "\t" anchor_text "\t" \
            (kind == "walkthrough" ? "" : plain(said)) >>(work "/search.tsv")
    said = ""
}

function fold() {
    put("<details class=\"spoiler\"><summary><span class=\"closed\">Show " \
        "this part: it gives the answer away</span>" \
        "<span class=\"opened\">Fold it again</span></summary>")
    fold_open = 1
}

function close_fold() {
    if (fold_open)
        put("</details>")
    fold_open = 0
}

function heading(line,    level, words, html) {
    level = substr(line, 3, 1)
    close_section()
    sub(/^<h[1-6]>/, "", line)
    sub(/<\/h[1-6]>.*/, "", line)
    quiet++
    html = inline(line)
    quiet--
    said = ""
    words = plain(line)
    anchor = slug(words)
    if (anchor in used)
        anchor = anchor "-" used[anchor]++
    else
        used[anchor] = 1
    anchor_level = level
    anchor_text = words
    if (level <= 2 || kind == "hints" && level == 3)
        close_fold()
    if (kind == "hints" && level == 3) {
        hint(words)
        return
    }
    if (level == 1)
        title = words
    if (kind == "hints")
        html = html named(words)
    put("<h" level " id=\"" anchor "\">" html " <a class=\"anchor\" " \
        "tabindex=\"-1\" href=\"#" anchor \
        "\" aria-label=\"Link to this section\">#</a></h" level ">")
    if (level == 2 || level == 3)
        contents = contents "<li class=\"level" level "\"><a href=\"#" anchor \
            "\">" escaped(words) named(words) "</a></li>\n"
    if (level == 1 && kind == "handout")
        put(card())
    if (level == 1 && kind == "walkthrough")
        put(warning())
    if (level == 2 && kind == "walkthrough")
        fold()
    if (level == 2 && kind == "hints")
        put("<p class=\"more\"><a href=\"README.html#checkpoint-" \
            (substr(words, 4) + 0) "\">To the checkpoint</a></p>")
    if (level == 3 && kind == "handout" && words ~ /^Checkpoint [0-9]+$/)
        checkpoint = substr(words, 12)
}

# What a checkpoint is called, behind its number.
function named(words) {
    if (kind == "handout" && words ~ /^Checkpoint [0-9]+$/)
        return ": " escaped(checkpoint_title[lab, substr(words, 12) + 0])
    if (kind == "hints" && words ~ /^[0-9]+\.[0-9]+$/)
        return " " escaped(checkpoint_title[lab, substr(words, 4) + 0])
    return ""
}

function hint(words) {
    put("<details class=\"hint\" id=\"" anchor "\"><summary>Hint " words ": " \
        (words == 1 ? "a question" : words == 2 ? "a pointer" : \
        "nearly the answer") "</summary>")
    fold_open = 1
}

/^<pre>/ {
    if (kind == "walkthrough" && !fold_open)
        fold() # code before the first checkpoint
    in_pre = 1
    is_c = $0 ~ /^<pre><code class="language-c">/
    in_comment = 0
    if (is_c) {
        match($0, /^<pre><code class="language-c">/)
        line = substr($0, 1, RLENGTH) code_line(substr($0, RLENGTH + 1))
    } else {
        line = $0
        if ($0 !~ /<code class=/)
            sub(/^<pre>/, "<pre class=\"plain\">", line)
    }
    put(line)
    if ($0 ~ /<\/pre>$/)
        in_pre = 0
    next
}
in_pre {
    if ($0 ~ /<\/pre>$/) {
        in_pre = 0
        put($0)
    } else {
        put(code_line($0))
    }
    next
}
/^<!--/ { next }
/^<h[1-6]>/ { heading($0); next }
{
    put(inline($0))
    if (checkpoint != "" && $0 ~ /<\/p>$/)
        put(help())
}

END {
    if (failed)
        exit 1
    close_section()
    close_fold()
    part["TITLE"] = escaped(title)
    part["ROOT"] = root
    part["KIND"] = kind
    part["NAV"] = navigation()
    part["TOC"] = contents == "" ? "" : "<ul>\n" contents "</ul>"
    part["BODY"] = body
    part["PREV"] = neighbour(-1, "prev")
    part["NEXT"] = neighbour(1, "next")
    part["SOURCE"] = src
    fill_template(out "/" target)
}

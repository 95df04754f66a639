# What stands around a handout's own text: what help there is, and the other
# pages.  Reads the tables that page.awk has read.

# Below a checkpoint's first paragraph: where help is.
function help(    line) {
    line = "<p class=\"more\">Stuck? <a href=\"hints.html#" lab checkpoint \
        "\">Three hints</a>."
    if (walkthrough != "")
        line = line " Done? <a href=\"" root walkthrough "#" \
            walk_anchor[checkpoint] "\">The way through it</a> " \
            "<span class=\"spoils\">spoiler: gives the answer away</span>"
    checkpoint = ""
    return line "</p>"
}

function card(    line, i, n, parts) {
    line = "<dl class=\"card\"><div><dt>Time</dt><dd>" \
        lab_time[lab] "</dd></div><div><dt>Checkpoints</dt><dd>" \
        checkpoints[lab] ", " lab_points[lab] " points</dd></div>"
    if (lab_needs[lab] != "") {
        line = line "<div><dt>Before it</dt><dd>"
        n = split(lab_needs[lab], parts, "|")
        for (i = 1; i <= n; i++)
            line = line (i > 1 ? ", " : "") lab_link("lab " parts[i])
        line = line "</dd></div>"
    }
    line = line "<div><dt>Help</dt><dd><a href=\"hints.html\">Hints</a>"
    if (walkthrough != "")
        line = line ", <a href=\"" root walkthrough \
            "\">walkthrough</a> <span class=\"spoils\">spoiler</span>"
    line = line "</dd></div><div class=\"wide\"><dt>Topics</dt><dd>"
    n = split(lab_topics[lab], parts, "|")
    for (i = 1; i <= n; i++)
        line = line (i > 1 ? ", " : "") "<a href=\"" root "topics.html#" \
            slug(parts[i]) "\">" escaped(parts[i]) "</a>"
    return line "</dd></div></dl>"
}

function warning() {
    return "<div class=\"warning\" role=\"note\"><p>" \
        "<strong>Spoilers.</strong> This page shows the reference solution and why it is as it is. Each " \
        "checkpoint is folded; unfold one when yours works.</p><p><a href=\"" \
        root "labs/" lab_folder[lab] "/README.html\">Back to the handout</a> " \
        "<a href=\"" root "labs/" lab_folder[lab] \
        "/hints.html\">Hints instead</a></p></div>"
}

# Neighbours in reading order are the pages of the same kind; a book's chapters
# and what explains them are one row.
function row(page) {
    return kind_of[page] ~ /^(home|start|handout|book)$/ ? "row" : kind_of[page]
}
function neighbour(step, word,    i) {
    for (i = own + step; i >= 1 && i <= pages; i += step)
        if (row(order[i]) == row(target))
            return "<a rel=\"" word "\" href=\"" root order[i] "\"><span>" \
                (word == "prev" ? "Before this" : "Next") "</span> " \
                title_of[order[i]] "</a>"
    return "<span></span>"
}

function item(page, words) {
    return "<li><a href=\"" root page "\"" \
        (page == target ? " aria-current=\"page\"" : "") ">" words "</a></li>\n"
}

function navigation(    i, line, page) {
    line = "<ul>\n" item("index.html", "The labs")
    for (i = 1; i <= pages; i++)
        if (kind_of[order[i]] == "start")
            line = line item(order[i], title_of[order[i]])
    line = line "</ul>\n<h2>Labs</h2>\n<ul class=\"labs\">\n"
    for (i = 1; i <= pages; i++) {
        page = order[i]
        if (kind_of[page] == "handout")
            line = line item(page, title_of[page])
        if (lab != "" && lab_of[page] == lab && \
            kind_of[page] ~ /^(hints|walkthrough)$/)
            line = line "<li class=\"sub\">" substr(item(page, \
                kind_of[page] == "hints" ? "Hints" : \
                "Walkthrough <span class=\"spoils\">spoiler</span>"), 5)
    }
    line = line "</ul>\n<h2>Reference</h2>\n<ul>\n"
    for (i = 1; i <= pages; i++)
        if (kind_of[order[i]] == "book")
            line = line item(order[i], title_of[order[i]])
    line = line "</ul>\n<h2>The project</h2>\n<ul>\n"
    for (i = 1; i <= pages; i++)
        if (kind_of[order[i]] == "project")
            line = line item(order[i], title_of[order[i]])
    return line "</ul>\n"
}

# A page for a file of code to which a page links: its lines, numbered, each an
# anchor (#L12).  Code of the solutions says that it is that.

BEGIN {
    name = src
    sub(/.*\//, "", name)
    root = way_up(src)
}

/^\+/ && src ~ /\.patch$/ { class = " class=\"added\"" }
/^-/ && src ~ /\.patch$/ { class = " class=\"removed\"" }
{
    lines = lines "<a id=\"L" NR "\" href=\"#L" NR "\" data-line=\"" NR \
        "\" aria-label=\"Line " NR "\"></a><span" class ">" escaped($0) \
        "</span>\n"
    class = ""
}

END {
    part["TITLE"] = escaped(src)
    part["ROOT"] = root
    part["KIND"] = "source"
    part["NAV"] = "<ul><li><a href=\"" root "index.html\">The labs</a></li>"
    if (split(src, step, "/") > 2 && step[1] ~ /^(labs|solutions)$/)
        part["NAV"] = part["NAV"] "<li><a href=\"" root "labs/" step[2] \
            "/README.html\">Handout of lab " substr(step[2], 1, 2) "</a></li>"
    part["NAV"] = part["NAV"] "</ul>"
    part["BODY"] = "<h1>" escaped(name) "</h1>\n"
    if (src ~ /^solutions\//)
        part["BODY"] = part["BODY"] "<div class=\"warning\" role=\"note\"><p>" \
            "<strong>Spoiler.</strong> This is code of the reference, or of " \
            "a wrong program made of it.</p></div>\n"
    part["BODY"] = part["BODY"] "<pre class=\"source\"><code>" lines \
        "</code></pre>\n"
    part["SOURCE"] = src
    fill_template(out "/" src ".html")
}

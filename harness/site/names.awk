# Names of places: paths, anchors, text without its tags.

# The folder of a path, with its "/"; "" at the top.
function folder(path) {
    sub(/[^\/]*$/, "", path)
    return path
}

# A path without "." and "..".
function normal(path,    parts, count, i, depth, out, result) {
    count = split(path, parts, "/")
    depth = 0
    for (i = 1; i <= count; i++) {
        if (parts[i] == ".." && depth > 0)
            depth--
        else if (parts[i] != "." && parts[i] != "")
            out[++depth] = parts[i]
    }
    result = out[1]
    for (i = 2; i <= depth; i++)
        result = result "/" out[i]
    return result
}

# The way from a page up to the site's top: "../../".
function way_up(path,    n) {
    n = gsub(/\//, "/", path)
    for (path = ""; n > 0; n--)
        path = path "../"
    return path
}

function plain(html) {
    gsub(/<[^>]*>/, "", html)
    gsub(/&lt;/, "<", html)
    gsub(/&gt;/, ">", html)
    gsub(/&quot;/, "\"", html)
    gsub(/&amp;/, "\\&", html)
    return html
}

function escaped(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    gsub(/"/, "\\&quot;", text)
    return text
}

# The anchor that GitHub makes of a heading.  Of what lies beyond ASCII, signs
# and punctuation (U+00A0 to U+00BF, U+2000 to U+2FFF) go, letters stay.
function slug(heading) {
    heading = tolower(heading)
    gsub(/[!-,.\/:-@\[-^`{-~]/, "", heading)
    gsub(/\302[\240-\277]|\303[\227\267]/, "", heading)
    gsub(/\342[\200-\277][\200-\277]/, "", heading)
    gsub(/ /, "-", heading)
    return heading
}

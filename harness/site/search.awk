# The search index: a script, since a page opened from a disk may load a script
# and nothing else.  Each entry is a section: address, page, heading, words.

function quoted(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    gsub(/</, "\\u003c", text)
    gsub(/[\001-\037]/, " ", text)
    return "\"" text "\""
}

BEGIN {
    FS = "\t"
    print "window.sections=["
}
{
    print "[" quoted($1) "," quoted($2) "," quoted($3) "," quoted($4) "," \
        quoted($5) "],"
}
END { print "];" }

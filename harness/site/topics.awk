# topics.md from labs.tsv: "sort key TAB list item" a topic, with its labs and
# the glossary's entry where it has one.

BEGIN {
    while ((getline line <(here "/pages/glossary.md")) > 0)
        if (line ~ /^### /)
            entry[slug(substr(line, 5))] = 1
}
{
    count = split($7, topics, "|")
    for (i = 1; i <= count; i++) {
        key = slug(topics[i])
        if (!(key in labs))
            name[key] = topics[i]
        labs[key] = labs[key] ", [lab " $1 "](../../../labs/" $2 "/README.md)"
    }
}
END {
    for (key in labs)
        printf "%s\t- <a id=\"%s\"></a>**%s**: %s%s\n", key, key, name[key],
            substr(labs[key], 3), (key in entry ? \
            ", [glossary](glossary.md#" key ")" : "")
}

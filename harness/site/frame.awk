# The template around a page: @NAME@ in it becomes part["NAME"].

function fill_template(file,    line, done, name) {
    while ((getline line <(here "/template.html")) > 0) {
        done = ""
        while (match(line, /@[A-Z]+@/)) {
            name = substr(line, RSTART + 1, RLENGTH - 2)
            done = done substr(line, 1, RSTART - 1) part[name]
            line = substr(line, RSTART + RLENGTH)
        }
        print done line >file
    }
}

/* The page's sources are part of this library: the assembler includes them, so
 * a report needs no file but itself.  The Makefile puts the scripts together in
 * the order of PAGE_JS, CLASS_JS and SIMILAR_JS. */
#include "report/pagefiles.h"

#define CARRY(symbol, file)                                                    \
    __asm__(".pushsection .rodata\n"                                           \
            ".global " #symbol "\n" #symbol ": .incbin \"" file "\"\n"         \
            ".byte 0\n"                                                        \
            ".popsection\n")

CARRY(page_html, "harness/report/page/report.html");
CARRY(page_css, "harness/report/page/report.css");
CARRY(page_js, "report.js");

CARRY(class_html, "harness/report/page/class/class.html");
CARRY(class_css, "harness/report/page/class/class.css");
CARRY(class_js, "class.js");

CARRY(similar_html, "harness/report/page/similar/similar.html");
CARRY(similar_css, "harness/report/page/similar/similar.css");
CARRY(similar_js, "similar.js");

/* tries: #include of tests, solutions, a neighbour, the machine
 * points: 0
 * ends: error: #error .*tried all */
#if __has_include("../neighbour/shout.c")
#error "ESCAPED: ../neighbour/shout.c"
#endif
#if __has_include("../../submissions/neighbour/shout.c")
#error "ESCAPED: ../../submissions/neighbour/shout.c"
#endif
#if __has_include("/lab/labs/91-target/tests/suite.c")
#error "ESCAPED: /lab/labs/91-target/tests/suite.c"
#endif
#if __has_include("/lab/solutions/91-target/shout.c")
#error "ESCAPED: /lab/solutions/91-target/shout.c"
#endif
#if __has_include("/lab/labs/91-target/shout.c")
#error "ESCAPED: /lab/labs/91-target/shout.c"
#endif
#if __has_include("/etc/passwd")
#error "ESCAPED: /etc/passwd"
#endif
#if __has_include("/etc/hostname")
#error "ESCAPED: /etc/hostname"
#endif
#if __has_include("/root/.profile")
#error "ESCAPED: /root/.profile"
#endif
#if __has_include("/dev/random")
#error "ESCAPED: /dev/random"
#endif
#error "tried all"

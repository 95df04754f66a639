# Makes traces/commuter.trace: `awk -f commuter.awk >commuter.trace`.  A minute on
# a train, in Mahimahi's format: the rate swings between 1 and 6
# Mbit/s as the train passes masts, and a tunnel takes all of it for 4 s.  It is
# made up by a formula, not measured: traces that were come with Mahimahi and
# with the papers that used it, and `replay` reads them as they are.
BEGIN {
    for (ms = 0; ms < 60000; ms++) {
        tunnel = ms >= 38000 && ms < 42000
        mbit = tunnel ? 0 : 3.5 + 2 * sin(ms / 3100) + 0.5 * sin(ms / 710)
        due += mbit / 12 # packets of 1500 bytes in a millisecond
        for (; due >= 1; due--)
            print ms + 1
    }
    print 60000
}

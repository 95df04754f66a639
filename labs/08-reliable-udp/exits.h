/* How rsend and rrecv end.  Scripts rely on these numbers. */
#ifndef EXITS_H
#define EXITS_H

enum exits {
    EXIT_WHOLE = 0,     /* the file is at the receiver, whole and verified */
    EXIT_TROUBLE = 1,   /* something here: a file, a socket, the disk */
    EXIT_USAGE = 2,     /* the command line makes no sense */
    EXIT_UNWRITTEN = 3, /* a checkpoint of this lab is not done yet */
    EXIT_RESET = 4,     /* the peer has refused, or knows nothing of us */
    EXIT_SILENT = 5,    /* the peer has said nothing for too long */
};

#endif

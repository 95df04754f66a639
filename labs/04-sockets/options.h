/* Socket options, by what they are for. */
#ifndef OPTIONS_H
#define OPTIONS_H

/* All return 0, or -errno. */

/* Sets an option whose value is an int. */
int option_set(int fd, int level, int name, int value);

/* Lets small writes out at once instead of waiting for the ACK of the last
 * (RFC 1122 section 4.2.3.4 calls what it turns off the Nagle algorithm). */
int options_nodelay(int fd);

/* Bounds each wait for data, room, or a connection: whoever waits longer gets
 * -ETIMEDOUT from the calls of io.h. */
int options_deadline(int fd, int seconds);

/* Notices a peer that has vanished without a word: within about `seconds` (at
 * least 2) of silence the connection fails, while one whose peer is merely
 * quiet lives on (RFC 1122 section 4.2.3.6, RFC 5482). */
int options_keepalive(int fd, int seconds);

#endif

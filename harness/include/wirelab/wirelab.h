/* Everything a lab's test includes. */
#ifndef WIRELAB_H
#define WIRELAB_H

#include <wirelab/capture.h>
#include <wirelab/expect.h>
#include <wirelab/frame.h>
#include <wirelab/ladder.h>
#include <wirelab/net.h>
#include <wirelab/oracle.h>
#include <wirelab/proc.h>
#include <wirelab/record.h>
#include <wirelab/server.h>
#include <wirelab/sock.h>
#include <wirelab/suite.h>
#include <wirelab/tap.h>
#include <wirelab/time.h>

#endif

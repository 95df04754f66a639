#!/bin/sh
echo "hello from sh: $*"
exit 5

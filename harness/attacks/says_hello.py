#!/usr/bin/env python3
import os
import socket
import sys

print("hello from python:", *sys.argv[1:])
print("host", socket.gethostname(), "in", os.getcwd())
sys.exit(6)

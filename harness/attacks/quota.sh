#!/bin/sh
# Writes more than its directory may hold; says so when it is full.
head -c 1000000 /dev/zero >small/big 2>/dev/null || echo full

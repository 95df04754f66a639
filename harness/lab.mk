# Builds a lab's programs.  A lab's Makefile sets PROGRAMS (and LIBS) and
# includes this.  NAME.c is a program's main; all other *.c are shared by all.
#   make            builds the code beside the Makefile, with sanitizers
#   make FLAVOUR=fast   without them, optimised
#   make FLAVOUR=guest  for a guest, where AddressSanitizer cannot run
#   make check      builds and runs this lab's tests
ROOT := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))..)
LAB := $(notdir $(CURDIR))
SRC = .
FLAVOUR = san
OUT = $(ROOT)/build/labs/$(LAB)/skeleton
CC = gcc
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion \
	-Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wvla
san = -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
guest = -O1 -fsanitize=undefined -fno-sanitize-recover=all \
	-D_FORTIFY_SOURCE=3 -fstack-protector-strong -fno-omit-frame-pointer
fast = -O2 -D_FORTIFY_SOURCE=3 -fstack-protector-strong
CFLAGS = -std=c17 -D_GNU_SOURCE -g $($(FLAVOUR)) $(WARNINGS) -pthread -I$(CURDIR)
COMMON = $(filter-out $(PROGRAMS:%=$(SRC)/%.c),$(wildcard $(SRC)/*.c))

# A build that is killed leaves nothing half written for the next one to trust.
all: $(PROGRAMS:%=$(OUT)/%)
$(OUT)/%: $(OUT)/%.o $(COMMON:$(SRC)/%.c=$(OUT)/%.o)
	$(CC) $(CFLAGS) -o $@.new $^ $(LIBS)
	@mv $@.new $@
$(OUT)/%.o: $(SRC)/%.c $(wildcard *.h $(SRC)/*.h)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@.new $<
	@mv $@.new $@
check:
	@$(ROOT)/wirelab check $(LAB)
.PHONY: all check
.PRECIOUS: $(OUT)/%.o

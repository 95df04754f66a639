# wirelab: the whole suite.  `make help` lists what can be made.
#
# Plain make: sources are found by their place.  harness/MODULE/*.c goes into
# libwirelab.a, harness/cli into the wirelab program, harness/tests/test_*.c are
# Check programs, labs/NN-name/tests/*.c is the suite of lab NN.

CC = gcc
BUILD = build
WERROR = $(if $(CI),-Werror)

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion \
	-Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wvla $(WERROR)
CPPFLAGS = -D_GNU_SOURCE -D_FORTIFY_SOURCE=3 -Iharness/include -Iharness
CFLAGS = -std=c17 -O2 -g -fstack-protector-strong -fPIE -pthread $(WARNINGS)
LDFLAGS = -pie -Wl,-z,relro,-z,now -pthread
PACKAGES = jansson libpcap libuv libseccomp check libcrypto libarchive yaml-0.1
CPPFLAGS += $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
LDLIBS = -Wl,--as-needed $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lm

# In order: a module may use those before it, never those after it.
MODULES = base topo link run expect grade report world
LIB = $(BUILD)/libwirelab.a
LIB_SRC = $(wildcard $(MODULES:%=harness/%/*.c))
CLI_SRC = $(wildcard harness/cli/*.c)
TEST_SRC = $(wildcard harness/tests/test_*.c)
BENCH_SRC = $(wildcard harness/bench/*.c)
LABS = $(patsubst labs/%/lab.json,%,$(wildcard labs/[0-9][0-9]-*/lab.json))
number = $(firstword $(subst -, ,$(1)))

ATTACK_SRC = $(filter-out $(addprefix harness/attacks/,attack.h README.md run \
	judge table.awk handed-in target),$(wildcard harness/attacks/*))
ATTACKS = $(patsubst harness/attacks/%,$(BUILD)/attacks/%,$(ATTACK_SRC:.c=))
TESTS = $(TEST_SRC:harness/tests/%.c=$(BUILD)/tests/%)
BENCHED = $(foreach lab,$(LABS),$(if \
	$(wildcard solutions/$(lab)/bench/*.c),$(lab)))
BENCHES = $(BENCH_SRC:harness/bench/%.c=$(BUILD)/bench/%) \
	$(foreach lab,$(BENCHED),$(BUILD)/bench/$(call number,$(lab)))
SUITES = $(foreach lab,$(LABS),$(BUILD)/suites/$(call number,$(lab)))
obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

.PHONY: all tests suites benches labs
all: $(BUILD)/wirelab suites labs ## builds everything a learner needs
tests: $(TESTS) $(ATTACKS) ## builds the harness's own tests
suites: $(SUITES) ## builds each lab's suite
benches: $(BENCHES) ## builds the harness's benches

# Everything is made under another name first: a build that is killed, at any
# moment, leaves nothing half written for the next one to trust.
$(LIB): $(call obj,$(LIB_SRC))
	@rm -f $@ $@.new
	ar rcs $@.new $^
	@mv $@.new $@

$(BUILD)/wirelab: $(call obj,$(CLI_SRC)) $(LIB)
	$(CC) $(LDFLAGS) -o $@.new $^ $(LDLIBS)
	@mv $@.new $@

$(BUILD)/tests/%: $(BUILD)/obj/harness/tests/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@.new $^ $(LDLIBS)
	@mv $@.new $@

$(BUILD)/bench/%: $(BUILD)/obj/harness/bench/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@.new $^ $(LDLIBS)
	@mv $@.new $@

# Dependencies name no directory: the next make may know this one by another name.
$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -MT '$$(BUILD)/obj/$*.o' -MF $@.d.new -c -o $@.new $<
	@mv $@.d.new $(@:.o=.d) && mv $@.new $@

# The first process of every sandbox; the library carries it (run/image.c).
$(BUILD)/sandbox-init: harness/run/init/init.c harness/run/init/init.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c17 -O2 $(WARNINGS) -static -o $@.new $<
	@mv $@.new $@
$(BUILD)/obj/harness/run/image.o: $(BUILD)/sandbox-init
$(BUILD)/obj/harness/run/image.o: private override CFLAGS += -Wa,-I$(BUILD)

# The first process of a guest; the library carries it, too (world/image.c).
AGENT_SRC = $(wildcard harness/world/agent/*.c) harness/world/frame.c
$(BUILD)/guest-agent: $(AGENT_SRC) harness/world/agent/agent.h \
		harness/world/frame.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c17 -O2 $(WARNINGS) -static -o $@.new $(AGENT_SRC)
	@mv $@.new $@
$(BUILD)/obj/harness/world/image.o: $(BUILD)/guest-agent
$(BUILD)/obj/harness/world/image.o: private override CFLAGS += -Wa,-I$(BUILD)

# Pages: a report, a class, what is alike; the library carries them, too
# (report/pagefiles.c).  Scripts are put together in the order in which one uses
# another.
PAGE = harness/report/page
PAGE_JS = $(addprefix $(PAGE)/,dom.js verdicts.js capture.js scale.js ladder.js \
	overview.js table.js wire.js plot.js sequence.js story.js index.js)
CLASS_JS = $(addprefix $(PAGE)/,dom.js verdicts.js class/model.js \
	class/figures.js class/matrix.js class/index.js)
SIMILAR_JS = $(addprefix $(PAGE)/,dom.js similar/index.js)
$(BUILD)/report.js: $(PAGE_JS)
$(BUILD)/class.js: $(CLASS_JS)
$(BUILD)/similar.js: $(SIMILAR_JS)
$(BUILD)/report.js $(BUILD)/class.js $(BUILD)/similar.js:
	@mkdir -p $(@D)
	@{ echo '"use strict";'; echo '(() => {'; cat $^; echo '})();'; } >$@.new
	@mv $@.new $@
PAGE_FILES = $(BUILD)/report.js $(PAGE)/report.html $(PAGE)/report.css \
	$(BUILD)/class.js $(PAGE)/class/class.html $(PAGE)/class/class.css \
	$(BUILD)/similar.js $(PAGE)/similar/similar.html \
	$(PAGE)/similar/similar.css
$(BUILD)/obj/harness/report/pagefiles.o: $(PAGE_FILES)
$(BUILD)/obj/harness/report/pagefiles.o: private override CFLAGS += -Wa,-I$(BUILD)

# Hostile programs, and a few decent ones, for the tests of module run.
$(BUILD)/attacks/%: harness/attacks/%.c harness/attacks/attack.h
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -std=c17 -O1 -g $(WARNINGS) $(ATTACK_FLAGS) -o $@.new $<
	@mv $@.new $@
$(BUILD)/attacks/%: harness/attacks/%
	@mkdir -p $(@D)
	install -m 755 $< $@
$(BUILD)/attacks/ends: private ATTACK_FLAGS = -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all

define suite
$(BUILD)/suites/$(call number,$(1)): \
		$(call obj,$(wildcard labs/$(1)/tests/*.c)) $(LIB)
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS) -o $$@.new $$^ $$(LDLIBS)
	@mv $$@.new $$@
$(call obj,$(wildcard labs/$(1)/tests/*.c)): CPPFLAGS += -Ilabs/$(1)
endef
$(foreach lab,$(LABS),$(eval $(call suite,$(lab))))

# A lab's bench measures its reference, built for speed.
define bench
$(BUILD)/bench/$(call number,$(1)): \
		$(call obj,$(wildcard solutions/$(1)/bench/*.c)) $(LIB) \
		| $(BUILD)/labs/$(1)/fast
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS) -o $$@.new $$^ $$(LDLIBS)
	@mv $$@.new $$@
$(call obj,$(wildcard solutions/$(1)/bench/*.c)): CPPFLAGS += -Ilabs/$(1)
.PHONY: $(BUILD)/labs/$(1)/fast
$(BUILD)/labs/$(1)/fast:
	@$$(MAKE) -s -C labs/$(1) FLAVOUR=fast OUT=$$(abspath $$@) \
		SRC=../../solutions/$(1)
endef
$(foreach lab,$(BENCHED),$(eval $(call bench,$(lab))))

# Fuzz targets are harness/fuzz/fuzz_NAME.c, linked with a library of their own
# that libFuzzer watches, and solutions/NN-name/fuzz/NAME.c, linked with that
# reference.  NAME.dict beside one, where there is one, holds words worth trying.
FUZZ_SRC = $(wildcard harness/fuzz/fuzz_*.c)
LAB_FUZZ_SRC = $(wildcard solutions/[0-9][0-9]-*/fuzz/*.c)
lab_of = $(word 2,$(subst /, ,$(1)))
lab_fuzzer = $(BUILD)/fuzz/$(call number,$(call lab_of,$(1)))-$(basename $(notdir $(1)))
HARNESS_FUZZERS = $(FUZZ_SRC:harness/fuzz/fuzz_%.c=$(BUILD)/fuzz/%)
FUZZERS = $(HARNESS_FUZZERS) $(foreach src,$(LAB_FUZZ_SRC),$(call lab_fuzzer,$(src)))
FUZZ_SECONDS = 10
FUZZ_FLAGS = -std=c17 -O1 -g -fPIE -pthread $(WARNINGS) -U_FORTIFY_SOURCE \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined

.PHONY: fuzz fuzzers
fuzzers: $(FUZZERS)
fuzz: $(FUZZERS) ## runs every fuzz target for FUZZ_SECONDS (10)
	@for fuzzer in $(FUZZERS); do \
		name=$${fuzzer##*/}; dict=harness/fuzz/$$name.dict; \
		case $$name in [0-9][0-9]-*) \
			dict=$$(echo solutions/$${name%%-*}-*/fuzz/$${name#*-}.dict);; \
		esac; \
		echo "fuzz $$name ($(FUZZ_SECONDS) s)"; \
		mkdir -p "$$fuzzer.corpus"; \
		"$$fuzzer" -max_total_time=$(FUZZ_SECONDS) -max_len=4096 \
			$$(test -f "$$dict" && echo "-dict=$$dict") \
			-artifact_prefix="$$fuzzer." "$$fuzzer.corpus" \
			>"$$fuzzer.log" 2>&1 || \
			{ tail -n 30 "$$fuzzer.log"; exit 1; }; \
		tail -n 1 "$$fuzzer.log"; \
	done

$(BUILD)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	clang-14 $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP \
		-MT '$$(BUILD)/fuzz/obj/$*.o' -MF $@.d.new -c -o $@.new $<
	@mv $@.d.new $(@:.o=.d) && mv $@.new $@

$(BUILD)/fuzz/obj/harness/run/image.o: $(BUILD)/sandbox-init
$(BUILD)/fuzz/obj/harness/run/image.o: private override CPPFLAGS += -Wa,-I$(BUILD)
$(BUILD)/fuzz/obj/harness/world/image.o: $(BUILD)/guest-agent
$(BUILD)/fuzz/obj/harness/world/image.o: private override CPPFLAGS += -Wa,-I$(BUILD)

$(BUILD)/fuzz/obj/harness/report/pagefiles.o: $(PAGE_FILES)
$(BUILD)/fuzz/obj/harness/report/pagefiles.o: private override CPPFLAGS += -Wa,-I$(BUILD)

$(BUILD)/fuzz/libwirelab.a: $(LIB_SRC:%.c=$(BUILD)/fuzz/obj/%.o)
	@rm -f $@ $@.new
	ar rcs $@.new $^
	@mv $@.new $@

$(HARNESS_FUZZERS): $(BUILD)/fuzz/%: $(BUILD)/fuzz/obj/harness/fuzz/fuzz_%.o \
		$(BUILD)/fuzz/libwirelab.a
	clang-14 -pthread -fsanitize=fuzzer,address,undefined -o $@.new $^ $(LDLIBS)
	@mv $@.new $@

# All of a reference but the files with a main: its lab's PROGRAMS.
$(foreach lab,$(sort $(foreach src,$(LAB_FUZZ_SRC),$(call lab_of,$(src)))),$(eval \
	programs_$(lab) := $$(shell sed -n 's/^PROGRAMS *= *//p' labs/$(lab)/Makefile)))
lab_common = $(filter-out $(patsubst %,solutions/$(1)/%.c,$(programs_$(1))),$(wildcard solutions/$(1)/*.c))
lab_fuzz_obj = $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(call lab_common,$(call lab_of,$(1))) $(1))
define labfuzz
$(call lab_fuzzer,$(1)): $(call lab_fuzz_obj,$(1))
	clang-14 -pthread -fsanitize=fuzzer,address,undefined -o $$@.new $$^
	@mv $$@.new $$@
$(call lab_fuzz_obj,$(1)): CPPFLAGS += -Ilabs/$(call lab_of,$(1))
endef
$(foreach src,$(LAB_FUZZ_SRC),$(eval $(call labfuzz,$(src))))

# Skeletons are generated: the solution is the only copy written by hand.
.PHONY: skeletons
skeletons: ## regenerates labs/*/*.c from solutions/*/*.c
	@for dir in solutions/[0-9][0-9]-*; do \
		for c in $$dir/*.c; do \
			harness/mkskel "$$c" >"$$c.tmp" || \
				{ rm -f "$$c.tmp"; exit 1; }; \
			mv "$$c.tmp" "labs/$${dir#solutions/}/$${c##*/}"; \
		done; \
	done

labs: ## builds every lab's skeleton, and its reference where there is one
	@for lab in $(LABS); do \
		$(MAKE) -s -C labs/$$lab || exit 1; \
		[ ! -d solutions/$$lab ] || \
			$(MAKE) -s -C labs/$$lab SRC=../../solutions/$$lab \
			OUT=$(abspath $(BUILD))/labs/$$lab/solution || exit 1; \
	done

include harness/user.mk

-include $(shell find $(BUILD)/obj $(BUILD)/fuzz -name '*.d' 2>/dev/null)

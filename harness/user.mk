# What people call: setup, demo, test, verify, check, and the gates of style.
# The rules that build are in the Makefile; targets with a ## text are told by
# `make help`.

CORE_PACKAGES = make gcc libc6-dev pkg-config check libpcap-dev libssl-dev \
	libuv1-dev libjansson-dev libseccomp-dev libarchive-dev \
	libyaml-dev bubblewrap iproute2 nftables ethtool procps patch python3 git
MORE_PACKAGES = clang-14 libclang-rt-14-dev llvm-14 \
	tcpdump tshark socat netcat-openbsd iperf3 gdb tmux \
	dnsmasq-base nginx-light curl traceroute iputils-ping iptables \
	iputils-tracepath mtr-tiny user-mode-linux kmod cmark-gfm jq \
	similarity-tester
# What only our own tests and gates want, and handouts do without.
TEST_PACKAGES = clang-format-14 clang-tidy-14 shellcheck \
	python3-jsonschema python3-yaml zip zstd xz-utils slurm-wlm munge
# What only our own tests of pages want, and images can do without:
# `make setup PAGE_PACKAGES=`.
PAGE_PACKAGES = chromium fonts-dejavu-core

# A handout (`wirelab handout`) has neither solutions nor the project's tests.
NOT_HANDED = attacks benches demo deps format format-check fuzz fuzzers lint \
	shellcheck skeletons test tests tidy verify
HANDED = $(wildcard harness/handed/about)
ifneq ($(HANDED),)
TEST_PACKAGES =
PAGE_PACKAGES =
$(foreach goal,$(filter $(NOT_HANDED),$(MAKECMDGOALS)),$(error no '$(goal)' \
	in a handout: it wants the solutions, or the project's own tests))
endif
JOBS = $(shell nproc)
ABS_BUILD = $(abspath $(BUILD))
IF_CLANG = $(if $(shell command -v clang-14),fuzzers)

.PHONY: help setup demo test verify check clean
help: ## prints this
	@echo "usage: make [TARGET]   (all is made without one)"; \
	sed -n 's/^\([a-z_.-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile \
		harness/user.mk $(if $(HANDED),| \
		grep -vE '^($(subst $() ,|,$(strip $(NOT_HANDED))))	') | sort | \
		awk -F '\t' '{ printf "  %-22s %s\n", $$1, $$2 }'; \
	echo "BUILD=DIR builds elsewhere than in build/; CC=clang-14 takes clang."

setup: ## installs the Debian packages that are missing (root or sudo)
	@harness/setup $(CORE_PACKAGES) -- $(MORE_PACKAGES) $(TEST_PACKAGES) \
		$(PAGE_PACKAGES)
	@$(if $(PAGE_PACKAGES),harness/tests/browser/modules --install \
		>/dev/null || true)

.PHONY: virtual-kernel
virtual-kernel: ## builds the kernel of `--world virtual`, once (7 minutes)
	@harness/world/virtual-kernel

demo: PAGE_PACKAGES =
demo: setup ## sends 10 MB across a bad link, then runs lab 08's tests
	@echo "demo: building"; \
	$(MAKE) -s -j$(JOBS) all $(BUILD)/bench/demo
	@$(BUILD)/bench/demo $(ABS_BUILD)/labs/08-reliable-udp/solution \
		$(ABS_BUILD)/demo
	@BUILD=$(ABS_BUILD) ./wirelab check 08 --impl solution

# The last line of test and verify is "N passed, N failed[, N skipped]".
test: setup ## builds everything and runs all tests, in their fast form
	@$(MAKE) -s -j$(JOBS) all tests $(IF_CLANG) || \
		{ echo "0 passed, 1 failed"; exit 1; }
	@harness/tests/run $(ABS_BUILD) $(ONLY)

verify: setup ## runs all gates in full: sanitizers, every mutant, stress (hours)
	@$(MAKE) -s -j$(JOBS) all tests benches $(IF_CLANG) && \
		$(MAKE) -s -j$(JOBS) lint || \
		{ echo "0 passed, 1 failed"; exit 1; }
	@harness/tests/run --long $(ABS_BUILD) $(ONLY)

check: ## runs a lab's tests: make check LAB=08 [IMPL=solution]
	@test -n "$(LAB)" || { echo "which lab? make check LAB=08" >&2; exit 2; }
	@BUILD=$(ABS_BUILD) ./wirelab check $(LAB) $(IMPL:%=--impl %)

.PHONY: site
site: ## builds the course's site, BUILD/site/index.html
	@harness/site/build $(ABS_BUILD)/site

.PHONY: attacks
attacks: all ## hands hostile submissions in; a table of how each ended
	@BUILD=$(ABS_BUILD) harness/attacks/run $(ONLY)

clean: ## removes what was built, and the evidence of all runs
	rm -rf $(BUILD) compile_commands.json

# ---- Style -------------------------------------------------------------------

# Skeletons are generated, so their layout is that of the solution less lines.
STYLED = $(wildcard harness/*/*.[ch] harness/*/*/*.[ch] labs/*/*.h \
	labs/*/tests/*.[ch] solutions/*/*.[ch] solutions/*/*/*.[ch] \
	harness/tests/toylab/*/*.c harness/tests/toylab/*/*/*.c \
	harness/attacks/target/tests/*.c)
SCRIPTS = wirelab harness/bench/grade harness/handout/build harness/handout/fill \
	harness/batch/slurm-grade harness/setup harness/remedy harness/site/build harness/world/virtual-kernel \
	harness/deps harness/tests/run harness/tests/browser/modules \
	harness/attacks/run harness/attacks/judge \
	$(wildcard harness/tests/*.sh solutions/*/bench/run) \
	$(addprefix netem-scripts/,lib.sh apply clear show replay two-hosts lan nat \
	router-chain)
TIDIED = $(filter-out harness/fuzz/% harness/attacks/handed-in/% \
	solutions/%/fuzz/%,$(filter %.c,$(STYLED)))
tidy_lab = $(word 2,$(subst /, ,$(filter labs/% solutions/%,$(1))))

.PHONY: format format-check shellcheck tidy lint deps
format: ## lays all C out as .clang-format says
	clang-format-14 -i $(STYLED)

format-check:
	@clang-format-14 --dry-run -Werror $(STYLED)

shellcheck:
	@shellcheck -x $(SCRIPTS)

tidy: $(TIDIED:%=$(BUILD)/tidy/%.ok)
$(BUILD)/tidy/%.ok: % .clang-tidy
	@mkdir -p $(@D); echo "tidy $<"
	@clang-tidy-14 --quiet $< -- -std=c17 $(CPPFLAGS) -U_FORTIFY_SOURCE \
		$(addprefix -Ilabs/,$(call tidy_lab,$<)) 2>$@.err || \
		{ cat $@.err; exit 1; }
	@touch $@

lint: format-check shellcheck tidy deps ## checks layout, clang-tidy, shellcheck, deps

deps: ## draws which module uses which; fails on a wrong direction
	@harness/deps $(MODULES) cli

# For editors and clang-tidy.
compile_commands.json: Makefile harness/user.mk harness/compdb ## for editors
	@{ $(MAKE) -nBw BUILD=$(BUILD) $(BUILD)/wirelab suites \
		$(if $(HANDED),,tests); \
	for lab in $(LABS); do \
		$(MAKE) -nBw -C labs/$$lab; \
		[ ! -d solutions/$$lab ] || \
			$(MAKE) -nBw -C labs/$$lab SRC=$(CURDIR)/solutions/$$lab \
			OUT=$(ABS_BUILD)/labs/$$lab/solution; \
	done; } | harness/compdb >$@

# Weir. `make help` lists the targets. No list of files to edit: a new file is found by its place.
CROSS_COMPILE ?=
CC      := $(CROSS_COMPILE)gcc
NM      := $(CROSS_COMPILE)nm
STRIP   := $(CROSS_COMPILE)strip
HOSTCC  ?= gcc
FUZZCC  ?= clang
QEMU    ?= qemu-system-x86_64
PART    := $(if $(filter command,$(origin B)),$(filter-out build,$(B)))# `make bench B=wire` prints a part
override B := build
CONF    ?= $(wildcard weir.conf)

ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc) # parallel by itself
endif
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
# ---- flags ----
WARN   := -Wall -Wextra -Werror -Wno-unused-parameter -Wstrict-prototypes -Wmissing-prototypes -Wvla
COMMON := -std=gnu17 -g -I. -MMD -MP -fno-common -fno-strict-aliasing -fno-delete-null-pointer-checks \
          -ffile-prefix-map=$(CURDIR)=. -DWEIR_VERSION='"$(shell cat VERSION)"' $(WARN)
KFLAGS := $(COMMON) -Ikernel -O2 -ffreestanding -fno-pie -mcmodel=kernel -mno-red-zone -mgeneral-regs-only \
          -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fcf-protection=none -fstack-protector-strong -ffunction-sections -fdata-sections \
          -mstack-protector-guard=tls -mstack-protector-guard-reg=gs -mstack-protector-guard-offset=40
HFLAGS := $(COMMON) -Ihost -fno-builtin -fno-omit-frame-pointer
ASAN   := -O1 -g1 -fsanitize=address,undefined -fno-sanitize=nonnull-attribute -fno-sanitize-recover=all
TSAN   := -O1 -g1 -fsanitize=thread -Wno-tsan -Wno-maybe-uninitialized
FUZZ   := -O1 -g1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=nonnull-attribute -fno-sanitize-recover=all
# No -lgcc: Debian's is built with a red zone, which an interrupt on the same stack would overwrite.
KLINK  := -nostdlib -static -no-pie -Wl,-T,boot/link.ld -Wl,--build-id=sha1 -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments -Wl,--gc-sections
is_clang = $(if $(findstring clang,$(1)),-Wno-unknown-warning-option -Wno-unused-command-line-argument,-Wshadow=local)
say = $(if $(V),,@echo '  $(1)  $@';)

# ---- what is compiled into what ----
SHARED := $(wildcard lib/*.c net/*.c net/*/*.c net/*/*/*.c apps/*/*.c)
DRIVERS:= $(wildcard drivers/*.c drivers/*/*.c)
KSRC   := $(wildcard boot/*.[cS] kernel/*.[cS] tests/guest/*.c tests/unit/net/dev/spring.c) $(DRIVERS) $(SHARED)
# Files of the bare machine that are tested hosted: those that have a unit test.
TESTED := $(wildcard $(foreach t,$(wildcard tests/unit/kernel/*_test.c tests/unit/boot/*_test.c), \
          $(patsubst tests/unit/%_test.c,%.[cS],$(t))))
HSRC   := $(filter-out host/main.c host/libweir.c host/test_main.c host/bench_main.c,$(wildcard host/*.[cS])) $(SHARED) \
          $(DRIVERS) kernel/mem.S
UNIT   := host/test_main.c $(wildcard tests/unit/*/*.c tests/unit/*/*/*.c tests/unit/*/*/*/*.c)
BENCH  := $(wildcard host/bench_main.c tests/bench/bench_*.c)
FUZZERS:= $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

# Hosted, strlen and kin are the C library's: Weir's own are weir_strlen there, and only the tests ask for them.
rename = $(if $(filter lib/string.c kernel/mem.S,$<),$(if $(filter $(B)/kernel/% $(B)/debug/%,$@),,@objcopy --redefine-syms=host/string.syms $@))
# cold: what no packet meets is made small.
cold = $(if $(filter $(B)/kernel/%,$@),$(if $(filter apps/% tests/% lib/script% lib/cmd% lib/regex% lib/file%,$<)$(findstring /cmd_,$<)$(findstring /proc_,$<),-Os))
objects = $(patsubst %,$(B)/$(1)/%.o,$(2))
# $(call variant,FOLDER,COMPILER,FLAGS): objects of any source under build/FOLDER
define variant
$(B)/$(1)/flags: FORCE
	@mkdir -p $$(@D) && echo '$(subst ','"'"',$(2) $(3))' | cmp -s - $$@ || echo '$(subst ','"'"',$(2) $(3))' >$$@
$(B)/$(1)/%.o: % $(B)/$(1)/flags
	@mkdir -p $$(@D)
	$$(call say,CC) $(2) $(3) $(call is_clang,$(2)) $$(cold) -c $$< -o $$@
	$$(rename)
endef
$(eval $(call variant,kernel,$(CC),$(KFLAGS) -DPLAT_DEBUG=0))
$(eval $(call variant,debug,$(CC),$(KFLAGS) -DPLAT_DEBUG=1))
$(eval $(call variant,asan,$(HOSTCC),$(HFLAGS) $(ASAN) -DPLAT_DEBUG=1))
$(eval $(call variant,tsan,$(HOSTCC),$(HFLAGS) $(TSAN) -DPLAT_DEBUG=1))
$(eval $(call variant,host,$(HOSTCC),$(HFLAGS) -O2 -fPIC -fvisibility=hidden -DPLAT_DEBUG=0))
$(eval $(call variant,fuzz,$(FUZZCC),$(HFLAGS) $(FUZZ) -DPLAT_DEBUG=1))
# ---- the image: linked twice, so that it holds its own table of symbols ----
all: $(B)/weir.elf $(B)/weir.stripped ## the image: build/weir.elf; weir.stripped, without tests and symbols (default; V=1 shows the commands)
debug: $(B)/weir-debug.elf ## the image with poisoning, red zones and asserts: build/weir-debug.elf
IMAGES := $(addprefix $(B)/,weir.elf weir-debug.elf weir-release.elf)
$(B)/weir.elf: $(call objects,kernel,$(KSRC))
$(B)/weir-debug.elf: $(call objects,debug,$(KSRC))
$(B)/weir-release.elf: $(call objects,kernel,$(filter-out tests/%,$(KSRC)))
$(IMAGES): boot/link.ld boot/symbols.awk
	$(call say,LD) $(CC) $(KLINK) $(call is_clang,$(CC)) -o $@.1 $(filter %.o,$^)
	@$(NM) -n $@.1 | awk -f boot/symbols.awk >$@.symbols.S
	@$(CC) $(KLINK) $(call is_clang,$(CC)) -o $@.2 $(filter %.o,$^) $@.symbols.S
	@mv $@.2 $@
$(B)/weir.stripped: $(B)/weir-release.elf
	$(call say,STRIP) $(STRIP) -s -o $@ $<

# ---- hosted: the same lib/, net/, apps/ and drivers/ as Linux programs ----
host: $(B)/host/weir $(B)/host/libweir.so ## the hosted program build/host/weir, and libweir.so
$(B)/host/weir: $(call objects,host,$(HSRC) host/main.c)
$(B)/host/libweir.so: $(call objects,host,$(HSRC) host/libweir.c)
$(B)/host/libweir.so: LINK = -shared -Wl,-z,defs -Wl,--version-script=host/libweir.map
$(B)/bench/weir-bench: $(call objects,host,$(HSRC) $(BENCH))
$(B)/diff/parse_dump: $(call objects,host,$(HSRC) tests/diff/parse_dump.c)
$(B)/weir-test: $(call objects,asan,$(sort $(HSRC) $(TESTED)) $(UNIT))
$(B)/weir-test: LINK = $(ASAN)
$(B)/weir-test-tsan: $(call objects,tsan,$(HSRC) kernel/log_ring.c $(filter-out %_test.c,$(UNIT)) $(shell grep -l '^TEST.smp_' $(filter %_test.c,$(UNIT)))) # by threads those alone
$(B)/weir-test-tsan: LINK = $(TSAN)
$(B)/host/weir $(B)/host/libweir.so $(B)/bench/weir-bench $(B)/diff/parse_dump $(B)/weir-test $(B)/weir-test-tsan:
	@mkdir -p $(@D)
	$(call say,LD) $(HOSTCC) $(LINK) -o $@ $(filter %.o,$^) -lpthread
fuzzers: $(FUZZERS)
benches: $(B)/bench/weir-bench $(B)/bench/insncount.so $(B)/bench/frames
$(FUZZERS): $(B)/fuzz/%: $(B)/fuzz/tests/fuzz/%.c.o $(call objects,fuzz,$(HSRC)) $(B)/fuzz/tested.a
	$(call say,LD) $(FUZZCC) -fsanitize=fuzzer,address,undefined -o $@ $^ -lpthread
$(B)/fuzz/tested.a: $(call objects,fuzz,$(TESTED)) # of these a target takes what it names
	@rm -f $@ && ar rc $@ $^
$(B)/bench/insncount.so: tests/bench/tools/insncount.c
$(B)/bench/frames: $(addprefix tests/bench/tools/,frames.c kinds.c kinds.h)
$(B)/bench/insncount.so $(B)/bench/frames:
	@mkdir -p $(@D)
	$(call say,CC) $(HOSTCC) -std=gnu17 -O2 -I. $(WARN) $(if $(filter %.so,$@),-shared -fPIC) -o $@ $(filter %.c,$^)
-include $(shell find $(B) -name '*.[cS].d' -not -path '$(B)/toolchain*' 2>/dev/null)

# ---- people's words ----
run: deps ## boot to the console in QEMU (CONF=weir.conf, APPEND="words", CPUS=1, MEM=64, NIC=e1000); leave by poweroff or Ctrl-A x
	@$(MAKE) --no-print-directory all
	$(QEMU) -accel tcg -M q35 -bios qboot.rom -m $(or $(MEM),64) -smp $(or $(CPUS),1) -cpu max -device virtio-rng-pci -no-reboot -display none \
	  -nic user,model=$(or $(NIC),virtio-net-pci) -serial $(or $(SERIAL),mon:stdio) -kernel $(B)/weir.elf $(if $(CONF),-initrd $(CONF)) -append "$(APPEND)"
lab: deps ## 2 CPUs between a client's and a server's namespace (root), with QEMU's monitor and a gdb server (NIC=e1000, CPUS=2)
	@$(MAKE) --no-print-directory all
	@tests/lab.py $(if $(NIC),--card $(NIC)) $(if $(CPUS),--cpus $(CPUS)) $(if $(CONF),--conf $(CONF)) $(if $(APPEND),--append "$(APPEND)")
unit: $(B)/weir-test ## the unit tests alone (TEST=substring)
	@$< $(TEST)
test: deps ## every kind of test; ends in "N passed, N failed, N skipped" (ONLY=kind to choose)
	+@tests/run.py $(ONLY)
test-long: deps ## the same with long fuzzing, the whole boot matrix, and further rounds
	+@TEST_LONG=1 tests/run.py $(ONLY)
test-matrix: deps ## every machine, firmware, CPU count and model, memory size
	@$(MAKE) --no-print-directory all iso
	@TEST_LONG=1 tests/system/matrix_test.py
bench: deps ## the figures of BENCHMARKS.md (B=library, guest, wire, router, routes, flood or profile for a part)
	@$(MAKE) --no-print-directory all benches
	@tests/bench/bench.py $(PART)
lint: $(call objects,kernel,$(filter net/%,$(SHARED))) ## floors, circles, sizes, style, static analysis, scripts
	+@tests/lint/lint.py
fuzz: fuzzers ## every fuzz target for FUZZ_S seconds (default 60) each
	@tests/fuzz/fuzz_test.py --seconds $(or $(FUZZ_S),60)
iso: $(B)/weir.iso ## build/weir.iso: boots from CD or USB stick, BIOS and UEFI
image: $(B)/weir.img ## build/weir.img: raw disk image, BIOS and UEFI
$(B)/weir.iso: $(B)/weir.stripped iso/mkiso.sh iso/grub.cfg $(CONF)
	$(call say,ISO) iso/mkiso.sh $< $@ $(CONF)
$(B)/weir.img: $(B)/weir.stripped iso/mkimage.py iso/grub.cfg $(CONF)
	$(call say,IMG) iso/mkimage.py $< $@ $(CONF)
toolchain: ## x86_64-elf binutils and gcc from Debian's sources into build/toolchain (long)
	tools/toolchain.sh $(B)/toolchain
deps: ## install the Debian packages that are missing (packages.txt)
	@tools/deps.sh packages.txt
format: ## rewrite all C in the house style
	clang-format -i $(shell git ls-files '*.[ch]')
clean: ## remove what was built, but for build/toolchain
	@find $(B) -mindepth 1 -maxdepth 1 ! -name toolchain -exec rm -rf {} + 2>/dev/null || true
help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | sort | expand -t 14
.PHONY: all debug host run unit test test-long test-matrix bench lint fuzz iso image toolchain deps format clean help lab fuzzers benches FORCE

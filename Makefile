# Weir: `make help` lists the targets. No list of files to edit: a new file is found by its place.
CROSS_COMPILE ?=
CC     := $(CROSS_COMPILE)gcc
HOSTCC ?= gcc
B      := build

WARN   := -Wall -Wextra -Werror -Wno-unused-parameter -Wstrict-prototypes -Wmissing-prototypes -Wshadow=local -Wvla
COMMON := -std=gnu17 -g -I. $(WARN) -MMD -MP -fno-common -ffile-prefix-map=$(CURDIR)=.
KFLAGS := $(COMMON) -Ikernel -DPLAT_DEBUG=0 -O2 -ffreestanding -fno-pie -mcmodel=kernel -mno-red-zone -mgeneral-regs-only \
          -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fcf-protection=none -fno-strict-aliasing \
          -fno-delete-null-pointer-checks -fstack-protector-strong -mstack-protector-guard=tls \
          -mstack-protector-guard-reg=gs -mstack-protector-guard-offset=40
HFLAGS := $(COMMON) -Ihost -DPLAT_DEBUG=1 -fno-strict-aliasing -fno-builtin

SHARED := $(wildcard lib/*.c net/*.c net/*/*.c apps/*/*.c)
KSRC   := $(wildcard boot/*.[cS] kernel/*.[cS] drivers/*.c drivers/*/*.c tests/guest/*.c) $(SHARED)
KOBJ   := $(patsubst %,$(B)/kernel/%.o,$(KSRC))

all: $(B)/weir.elf

$(B)/kernel/%.o: %
	@mkdir -p $(@D)
	$(CC) $(KFLAGS) -c $< -o $@

$(B)/weir.elf: $(KOBJ) boot/link.ld
	$(CC) -nostdlib -static -no-pie -Wl,-T,boot/link.ld -Wl,--build-id=sha1 -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack -o $@ $(KOBJ) -lgcc

-include $(KOBJ:.o=.d)

.PHONY: all

# ---- hosted: the same lib/, net/ and apps/ as a Linux program, for tests ----
HSRC   := $(filter-out host/main.c host/libweir.c,$(wildcard host/*.c)) $(SHARED) $(wildcard tests/unit/*/*.c tests/unit/*/*/*.c) kernel/mem.S
HOBJ   := $(patsubst %,$(B)/asan/%.o,$(HSRC))
# Hosted, the C library has strlen and kin: Weir's own are weir_strlen there, and only the tests ask for them.
RENAME  = $(if $(filter lib/string.c kernel/mem.S,$<),objcopy --redefine-syms=host/string.syms $@)
ASAN   := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

$(B)/asan/%.o: %
	@mkdir -p $(@D)
	$(HOSTCC) $(HFLAGS) $(ASAN) -c $< -o $@
	$(RENAME)

$(B)/weir-test: $(HOBJ)
	$(HOSTCC) $(ASAN) -o $@ $^ -lpthread

unit: $(B)/weir-test
	$(B)/weir-test $(TEST)

-include $(HOBJ:.o=.d)
.PHONY: unit

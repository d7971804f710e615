/* The Multiboot2 boot information: GRUB, under BIOS and UEFI. */
#ifndef BOOT_MULTIBOOT2_H
#define BOOT_MULTIBOOT2_H

#include "kernel/bootinfo.h"

#define MULTIBOOT2_MAGIC 0x36d76289u

/* Fills *b (zeroed before) from the n bytes at p, which lie at physical address `phys`. 0, or -EINVAL. */
int multiboot2_parse(struct bootinfo *b, const u8 *p, size_t n, u64 phys);

#endif

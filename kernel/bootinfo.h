/* What the boot loader told, in one form for all loaders. Filled once by boot/pvh.c or boot/multiboot2.c; read-only
 * after.
 *
 * Addresses are physical. What a loader says is checked where it is read: a table that does not fit its own length is
 * ignored from there on. Memory regions may overlap and are in the loader's order; kernel/page.c sorts that out.
 */
#ifndef KERNEL_BOOTINFO_H
#define KERNEL_BOOTINFO_H

#include "lib/base.h"

#define BOOT_REGIONS 128
#define BOOT_MODULES 16
#define BOOT_CMDLINE 2048

enum boot_region_type { BOOT_RAM = 1, BOOT_RESERVED = 2, BOOT_ACPI = 3, BOOT_NVS = 4, BOOT_BAD = 5 };

struct boot_region {
    u64 base, size;
    u32 type; /* enum boot_region_type; what we do not know counts as reserved */
};

struct boot_module {
    u64 base, size;
    char words[64]; /* its command line */
};

enum boot_screen { BOOT_NO_SCREEN, BOOT_VGA_TEXT, BOOT_FRAMEBUFFER };

struct boot_framebuffer {
    enum boot_screen kind;
    u64 base;
    u32 pitch, width, height; /* bytes a line; pixels, or characters of VGA text */
    u8 bpp;
    u8 red_at, red_bits, green_at, green_bits, blue_at, blue_bits;
};

struct bootinfo {
    const char *loader; /* "PVH", "Multiboot2" */
    char loader_name[64];
    char cmdline[BOOT_CMDLINE];
    bool cmdline_cut;
    u32 regions, modules;
    u32 regions_lost, modules_lost; /* for which there was no place here */
    struct boot_region region[BOOT_REGIONS];
    struct boot_module module[BOOT_MODULES];
    u64 rsdp;         /* 0: look for it */
    bool rsdp_copied; /* Multiboot2 gave a copy: rsdp points at it */
    bool efi;
    struct boot_framebuffer screen;
};

extern struct bootinfo bootinfo;

/* For the readers: one more region, joined with the last one where it goes on in the same kind (UEFI tells of memory in
 * a hundred pieces). */
static inline void boot_region_add(struct bootinfo *b, u64 base, u64 size, u32 type)
{
    struct boot_region *last = b->regions ? &b->region[b->regions - 1] : NULL;
    if (last && last->type == type && last->base + last->size == base && last->size + size > size)
        last->size += size;
    else if (b->regions == BOOT_REGIONS)
        b->regions_lost++;
    else
        b->region[b->regions++] = (struct boot_region){base, size, type};
}

#endif

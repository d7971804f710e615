/* Reads the tags that a Multiboot2 loader left (Multiboot2 specification, 3.6).
 *
 *     u32 total size, reserved; then tags of { u32 type, size; ... }, each on 8 bytes, up to type 0
 *
 * Pure and bounds-checked: a tag that does not fit ends the walk, one that is too short for its kind is passed over.
 * Where both are there, the EFI memory map (tag 17, only after ExitBootServices) counts and the BIOS one (6) does not.
 */
#include "boot/multiboot2.h"

#include "lib/byteorder.h"
#include "lib/string.h"

enum tag {
    TAG_END = 0,
    TAG_CMDLINE = 1,
    TAG_LOADER = 2,
    TAG_MODULE = 3,
    TAG_MEMORY = 6,
    TAG_FRAMEBUFFER = 8,
    TAG_EFI32 = 11,
    TAG_EFI64 = 12,
    TAG_RSDP_OLD = 14,
    TAG_RSDP_NEW = 15,
    TAG_EFI_MEMORY = 17,
};

static bool copy_text(char *to, size_t size, const u8 *p, size_t n)
{
    size_t i;
    for (i = 0; i < n && i + 1 < size && p[i]; i++)
        to[i] = (char)p[i];
    to[i] = 0;
    return i == n || !p[i];
}

static void read_module(struct bootinfo *b, const u8 *p, size_t n)
{
    if (n < 16)
        return;
    u32 start = load_le32(p + 8), end = load_le32(p + 12);
    if (b->modules == BOOT_MODULES || end < start) {
        b->modules_lost++;
        return;
    }
    struct boot_module *m = &b->module[b->modules++];
    m->base = start;
    m->size = end - start;
    copy_text(m->words, sizeof(m->words), p + 16, n - 16);
}

static void read_memory(struct bootinfo *b, const u8 *p, size_t n)
{
    u32 step = n >= 16 ? load_le32(p + 8) : 0;
    if (step < 24)
        return;
    for (size_t at = 16; at + 24 <= n; at += step)
        boot_region_add(b, load_le64(p + at), load_le64(p + at + 8), load_le32(p + at + 16));
}

/* UEFI 2.10, 7.2: memory types. What boot services held is free once they have ended. */
static u32 type_of_efi(u32 type)
{
    switch (type) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 7: return BOOT_RAM; /* loader, boot services, conventional */
    case 8: return BOOT_BAD;
    case 9: return BOOT_ACPI;
    case 10: return BOOT_NVS;
    default: return BOOT_RESERVED;
    }
}

static void read_efi_memory(struct bootinfo *b, const u8 *p, size_t n)
{
    u32 step = n >= 16 ? load_le32(p + 8) : 0;
    if (step < 40)
        return;
    for (size_t at = 16; at + 40 <= n; at += step)
        boot_region_add(b, load_le64(p + at + 8), load_le64(p + at + 24) * 4096, type_of_efi(load_le32(p + at)));
}

static void read_framebuffer(struct bootinfo *b, const u8 *p, size_t n)
{
    if (n < 32)
        return;
    struct boot_framebuffer *f = &b->screen;
    u8 type = p[29];
    *f = (struct boot_framebuffer){.base = load_le64(p + 8),
                                   .pitch = load_le32(p + 16),
                                   .width = load_le32(p + 20),
                                   .height = load_le32(p + 24),
                                   .bpp = p[28]};
    if (type == 2) {
        f->kind = BOOT_VGA_TEXT;
    } else if (type == 1 && n >= 38) {
        f->kind = BOOT_FRAMEBUFFER;
        f->red_at = p[32], f->red_bits = p[33];
        f->green_at = p[34], f->green_bits = p[35];
        f->blue_at = p[36], f->blue_bits = p[37];
    }
}

/* The tag holds a copy of it, of `least` bytes at least (ACPI 6.5, 5.2.5.3). */
static void read_rsdp(struct bootinfo *b, size_t n, u64 phys, size_t least)
{
    if (n < 8 + least)
        return;
    b->rsdp = phys + 8;
    b->rsdp_copied = true;
}

static void read_tag(struct bootinfo *b, const u8 *p, size_t n, u64 phys, bool efi_map)
{
    switch (load_le32(p)) {
    case TAG_CMDLINE: b->cmdline_cut = !copy_text(b->cmdline, sizeof(b->cmdline), p + 8, n - 8); break;
    case TAG_LOADER: copy_text(b->loader_name, sizeof(b->loader_name), p + 8, n - 8); break;
    case TAG_MODULE: read_module(b, p, n); break;
    case TAG_MEMORY:
        if (!efi_map)
            read_memory(b, p, n);
        break;
    case TAG_EFI_MEMORY: read_efi_memory(b, p, n); break;
    case TAG_FRAMEBUFFER: read_framebuffer(b, p, n); break;
    case TAG_EFI32:
    case TAG_EFI64: b->efi = true; break;
    case TAG_RSDP_OLD:
        if (!b->rsdp) /* else the new one came first, and knows more */
            read_rsdp(b, n, phys, 20);
        break;
    case TAG_RSDP_NEW: read_rsdp(b, n, phys, 36); break;
    default: break;
    }
}

/* The next tag's offset, or 0 at the end. Each step is at least 8 bytes forward. */
static size_t next_tag(const u8 *p, size_t n, size_t at)
{
    at = (at + load_le32(p + at + 4) + 7) & ~7ul;
    if (at + 8 > n || load_le32(p + at) == TAG_END)
        return 0;
    u32 size = load_le32(p + at + 4);
    return size < 8 || size > n - at ? 0 : at;
}

static size_t first_tag(const u8 *p, size_t n)
{
    u32 size = n >= 16 ? load_le32(p + 12) : 0;
    return size < 8 || size > n - 8 || load_le32(p + 8) == TAG_END ? 0 : 8;
}

int multiboot2_parse(struct bootinfo *b, const u8 *p, size_t n, u64 phys)
{
    bool efi_map = false;

    if (n < 16)
        return -EINVAL;
    for (size_t at = first_tag(p, n); at; at = next_tag(p, n, at))
        efi_map |= load_le32(p + at) == TAG_EFI_MEMORY;
    b->loader = "Multiboot2";
    for (size_t at = first_tag(p, n); at; at = next_tag(p, n, at))
        read_tag(b, p + at, load_le32(p + at + 4), phys + at, efi_map);
    return 0;
}

/* Reads what a PVH loader left: struct hvm_start_info, its module list and its memory map.
 *
 *     start_info   u32 magic, version, flags, modules   u64 modlist, cmdline, rsdp
 *                  version >= 1:   u64 memmap   u32 memmap entries, reserved
 *     module       u64 address, size, command line, reserved           memory   u64 address, size   u32 type, reserved
 *
 * Pure: it reaches memory only through `map`, so a fuzzer can stand behind it.
 */
#include "boot/pvh.h"

#include "lib/byteorder.h"
#include "lib/string.h"

#define MAGIC        0x336ec578u
#define INFO_V0      40
#define INFO_V1      56
#define MODULE_BYTES 32
#define MEMORY_BYTES 24

/* A string of unknown length, byte by byte: it may end where the memory does. False: it was cut. */
static bool copy_text(char *to, size_t size, u64 phys, pvh_map map, void *arg)
{
    for (size_t i = 0;; i++) {
        const char *c = phys ? map(arg, phys + i, 1) : NULL;
        bool end = !c || !*c;
        to[i] = end || i + 1 == size ? 0 : *c;
        if (!to[i])
            return end;
    }
}

static void read_modules(struct bootinfo *b, u64 list, u32 count, pvh_map map, void *arg)
{
    for (u32 i = 0; i < count; i++) {
        const u8 *m = map(arg, list + (u64)i * MODULE_BYTES, MODULE_BYTES);
        if (!m)
            return;
        if (b->modules == BOOT_MODULES) {
            b->modules_lost = count - i;
            return;
        }
        struct boot_module *to = &b->module[b->modules++];
        to->base = load_le64(m);
        to->size = load_le64(m + 8);
        copy_text(to->words, sizeof(to->words), load_le64(m + 16), map, arg);
    }
}

static void read_memory(struct bootinfo *b, u64 list, u32 count, pvh_map map, void *arg)
{
    for (u32 i = 0; i < count && !b->regions_lost; i++) {
        const u8 *m = map(arg, list + (u64)i * MEMORY_BYTES, MEMORY_BYTES);
        if (!m)
            return;
        boot_region_add(b, load_le64(m), load_le64(m + 8), load_le32(m + 16));
    }
}

int pvh_parse(struct bootinfo *b, u64 phys, pvh_map map, void *arg)
{
    const u8 *p = map(arg, phys, INFO_V0);
    if (!p || load_le32(p) != MAGIC)
        return -EINVAL;
    b->loader = "PVH";
    b->rsdp = load_le64(p + 32);
    b->cmdline_cut = !copy_text(b->cmdline, sizeof(b->cmdline), load_le64(p + 24), map, arg);
    read_modules(b, load_le64(p + 16), load_le32(p + 12), map, arg);
    if (load_le32(p + 4) >= 1 && map(arg, phys, INFO_V1))
        read_memory(b, load_le64(p + 40), load_le32(p + 48), map, arg);
    return 0;
}

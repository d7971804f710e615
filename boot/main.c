/* The table of contents: brings the house up, floor by floor, one line each. */
#include "boot/multiboot2.h"
#include "boot/pvh.h"
#include "kernel/bootinfo.h"
#include "kernel/x86.h"
#include "lib/plat.h"

struct cpu cpu_boot;
struct bootinfo bootinfo;

NORETURN void boot_main(u32 magic, u64 info);

static void early_print(const char *s)
{
    for (; *s; s++)
        outb(0x3f8, (u8)*s);
}

static const void *early_map(void *arg, u64 phys, size_t n)
{
    return phys + n <= 4 * GIB ? (const void *)(0xffff800000000000 + phys) : NULL;
}

NORETURN void boot_main(u32 magic, u64 info)
{
    if (magic == MULTIBOOT2_MAGIC)
        multiboot2_parse(&bootinfo, early_map(NULL, info, 8), *(const u32 *)early_map(NULL, info, 8), info);
    else
        pvh_parse(&bootinfo, info, early_map, NULL);
    early_print("weir ");
    early_print(bootinfo.loader);
    early_print(bootinfo.cmdline);
    early_print("\r\n");
    for (;;)
        hlt();
}

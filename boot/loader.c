/* From the two registers that a loader left to bootinfo, by whichever protocol it speaks.
 *
 * Runs on the early map, which reaches the first 4 GiB: both protocols leave their words below that.
 */
#include "boot/loader.h"

#include "boot/multiboot2.h"
#include "boot/pvh.h"
#include "kernel/bootinfo.h"
#include "kernel/vm.h"
#include "lib/plat.h"

#define MULTIBOOT2_MOST MIB /* no loader says more */

struct bootinfo bootinfo;

static const void *early_map(void *arg, u64 phys, size_t n)
{
    return phys < 4 * GIB && n <= 4 * GIB - phys ? vm_phys(phys) : NULL;
}

static int read_multiboot2(u64 info)
{
    u32 size = *(const u32 *)vm_phys(info);
    return multiboot2_parse(&bootinfo, vm_phys(info), min((u64)size, MULTIBOOT2_MOST), info);
}

void loader_read(u32 magic, u64 info)
{
    int err = magic == MULTIBOOT2_MAGIC ? read_multiboot2(info) : pvh_parse(&bootinfo, info, early_map, NULL);
    if (err || !bootinfo.regions)
        panic("the loader told of no memory (%s, %u regions)", bootinfo.loader ? bootinfo.loader : "unknown",
              bootinfo.regions);
}

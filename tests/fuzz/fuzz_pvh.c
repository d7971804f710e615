/* Any bytes as the memory in which a PVH loader left its words. */
#include "boot/pvh.h"
#include "lib/string.h"

struct memory {
    const u8 *p;
    size_t n;
};

static const void *map(void *arg, u64 phys, size_t n)
{
    const struct memory *m = arg;
    return phys < m->n && n <= m->n - phys ? m->p + phys : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static struct bootinfo b;
    struct memory m = {p, n};
    memset(&b, 0, sizeof(b));
    if (!pvh_parse(&b, 0, map, &m) && (b.regions > BOOT_REGIONS || b.modules > BOOT_MODULES))
        __builtin_trap();
    return 0;
}

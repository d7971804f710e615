/* Any bytes as a Multiboot2 boot information. */
#include "boot/multiboot2.h"
#include "lib/string.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static struct bootinfo b;
    memset(&b, 0, sizeof(b));
    if (multiboot2_parse(&b, p, n, 0x9000))
        return 0;
    if (b.regions > BOOT_REGIONS || b.modules > BOOT_MODULES || (b.rsdp && b.rsdp - 0x9000 >= n))
        __builtin_trap();
    return 0;
}

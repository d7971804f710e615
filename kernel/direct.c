/* From our addresses to physical ones: arithmetic, no tables. See direct.h.
 *
 * The other way is vm_phys, inline. Right on the early map as well, as far as that reaches; what is neither in the
 * direct map nor in the image (a stack, code made at run time) has no place that arithmetic finds, and asking for it is
 * a bug.
 */
#include "kernel/direct.h"

#include "lib/plat.h"

extern u8 image_start[], image_end[];

u64 vm_to_phys(const void *p)
{
    u64 a = (u64)p;
    if (a >= VM_DIRECT && a < VM_MAPPED)
        return a - VM_DIRECT;
    if (a >= (u64)image_start && a < (u64)image_end)
        return a - VM_IMAGE;
    panic("vm_to_phys: %p is neither in the direct map nor in the image", p);
}

/* Where things stand in the one address space, and the way between RAM's physical addresses and ours. kernel/vm.h says
 * what each region is for. */
#ifndef KERNEL_DIRECT_H
#define KERNEL_DIRECT_H

#include "lib/base.h"

#define VM_PAGE      4096ull
#define VM_DIRECT    0xffff800000000000ull
#define VM_MAPPED    0xffffc00000000000ull
#define VM_IMAGE     0xffffffff80000000ull
#define VM_CODE      0xffffffffa0000000ull
#define VM_CODE_SIZE (64 * MIB)

static inline void *vm_phys(u64 phys) /* RAM, and devices after vm_map_io */
{
    return (void *)(VM_DIRECT + phys);
}

u64 vm_to_phys(const void *p); /* of the direct map and the image; panics on others */

#endif

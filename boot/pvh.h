/* The PVH boot protocol: QEMU -kernel, microvm, Firecracker. */
#ifndef BOOT_PVH_H
#define BOOT_PVH_H

#include "kernel/bootinfo.h"

/* n bytes of physical memory at `phys`, or NULL where there are none. */
typedef const void *(*pvh_map)(void *arg, u64 phys, size_t n);

/* Fills *b (zeroed before) from struct hvm_start_info at `phys`. 0, or -EINVAL when that is none. */
int pvh_parse(struct bootinfo *b, u64 phys, pvh_map map, void *arg);

#endif

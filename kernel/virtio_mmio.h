/* virtio devices behind fixed windows (microvm, Firecracker), named on the command line. */
#ifndef KERNEL_VIRTIO_MMIO_H
#define KERNEL_VIRTIO_MMIO_H

#include "drivers/bus.h"

#define VIRTIO_MMIO_MOST 32

/* Looks into each window for a device; task context, once, after vm_init. */
void virtio_mmio_init(void);
unsigned virtio_mmio_count(void); /* windows in which there is one */
struct bus_dev *virtio_mmio_at(unsigned i);

/* "512@0xfeb00e00:12", "4K@0x10001e00:5:1" (the last number names the device and means nothing to us). Pure. */
bool virtio_mmio_parse(const char *value, u64 *base, u64 *size, u32 *gsi);

#endif

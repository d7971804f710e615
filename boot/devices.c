/* Finds what is on the buses and offers it to the drivers linked in.
 *
 * PCI first, then virtio's windows; within each in the order of addresses, so that names given by drivers (eth0, eth1)
 * are the same at each boot.
 */
#include "boot/devices.h"

#include "boot/banner.h"
#include "drivers/driver.h"
#include "kernel/pci.h"
#include "kernel/virtio_mmio.h"

static void offer(struct bus_dev *dev)
{
    driver_bind(dev);
    banner_device(dev);
}

void devices_up(void)
{
    pci_init(); /* and addresses for those that have none */
    for (unsigned i = 0; i < pci_count(); i++)
        offer(&pci_at(i)->dev);
    virtio_mmio_init();
    for (unsigned i = 0; i < virtio_mmio_count(); i++)
        offer(virtio_mmio_at(i));
}

/* Finds what is on the buses and offers it to the drivers linked in.
 *
 * PCI first, then virtio's windows; within each in the order of addresses, so that names given by drivers (eth0, eth1)
 * are the same at each boot.
 */
#include "boot/devices.h"

#include "boot/banner.h"
#include "drivers/driver.h"
#include "kernel/entropy.h"
#include "kernel/pci.h"
#include "kernel/virtio_mmio.h"

static void each(void (*fn)(struct bus_dev *dev))
{
    for (unsigned i = 0; i < pci_count(); i++)
        fn(&pci_at(i)->dev);
    for (unsigned i = 0; i < virtio_mmio_count(); i++)
        fn(virtio_mmio_at(i));
}

void devices_find(void)
{
    pci_init(); /* and addresses for those that have none */
    virtio_mmio_init();
    each(driver_bind_early);
    entropy_wait(); /* the network stack, for one, cannot be without secrets */
}

static void offer(struct bus_dev *dev)
{
    driver_bind(dev);
    banner_device(dev);
}

void devices_up(void)
{
    each(offer);
}

/* Fake devices for drivers: drivers/bus.h over callbacks.
 *
 *     struct host_dev d = {.dev = {.kind = BUS_PCI, ...}, .ops = &ops, .arg = fake, .vectors = 4};
 *     driver_bind(&d.dev);          the driver under test probes it
 *     host_dev_irq(&d, 1);          the fake raises vector 1: the driver's handler runs before this returns
 *
 * A DMA address is the pointer itself: a fake reads and writes what the driver gave it, and AddressSanitizer watches.
 */
#ifndef HOST_BUS_H
#define HOST_BUS_H

#include "drivers/bus.h"

#define HOST_VECTORS 64

struct host_dev_ops {
    u32 (*cfg_read)(void *arg, unsigned off, unsigned size);
    void (*cfg_write)(void *arg, unsigned off, unsigned size, u32 v);
    u32 (*read)(void *arg, unsigned bar, u64 off, unsigned size);
    void (*write)(void *arg, unsigned bar, u64 off, unsigned size, u32 v);
};

struct host_dev {
    struct bus_dev dev; /* first: bus.c finds the rest behind it */
    const struct host_dev_ops *ops;
    void *arg;
    unsigned vectors; /* MSI-X vectors that the device has; 0: a shared line alone */
    bool master;      /* bus mastering is on: without it a fake must not touch memory */
    struct {
        bool (*fn)(void *arg);
        void *arg;
        unsigned cpu;
    } irq[HOST_VECTORS];
};

bool host_dev_irq(struct host_dev *d, unsigned i); /* true: a handler took it as its own */

#endif

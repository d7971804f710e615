/* DRIVER(...): a driver enters itself; driver_bind gives each function found to the first driver that
 * takes it.
 *
 * probe returns 0 when the device is the driver's from now on, -ENODEV when it is not for it after all, or another
 * -errno when the device failed (told on the console; the device stays without a driver).
 */
#ifndef DRIVERS_DRIVER_H
#define DRIVERS_DRIVER_H

#include "drivers/bus.h"
#include "lib/set.h"

struct bus_id {
    enum bus_kind kind;
    u16 vendor, device;
};

struct driver {
    const char *name;
    const struct bus_id *ids; /* ends with an entry of vendor 0, device 0 */
    bool early;               /* before there is a struct net: what secrets are made of comes from it */
    int (*probe)(struct bus_dev *dev);
    void (*remove)(struct bus_dev *dev);
};

#define DRIVER(id, ...)                                             \
    static const struct driver driver_##id##_entry = {__VA_ARGS__}; \
    SET_ADD(driver, driver_##id##_entry)
/* DRIVER(virtio_rng, .name = "virtio-rng", .ids = rng_ids, .probe = rng_probe, .remove = rng_remove); */

void driver_bind_early(struct bus_dev *dev); /* to those that are early, and nothing else happens */
void driver_bind(struct bus_dev *dev);       /* to any, if nobody has it yet */
void driver_release(struct bus_dev *dev);    /* back to "no driver" */

#endif

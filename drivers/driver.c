/* Matches functions found on a bus to the drivers in the set.
 *
 * Used by whoever finds functions (kernel/pci.c at boot, a hosted test with a fake device): driver_bind(dev). It asks
 * each driver whose table names the device, until one takes it. It never guesses: a device that no table names stays as
 * the firmware left it, and is listed as "no driver".
 */
#include "drivers/driver.h"

#include "lib/conf.h"
#include "lib/plat.h"

static bool names(const struct driver *d, const struct bus_dev *dev)
{
    for (const struct bus_id *id = d->ids; id->vendor || id->device; id++)
        if (id->kind == dev->kind && id->vendor == dev->vendor && id->device == dev->device)
            return true;
    return false;
}

static void bind(struct bus_dev *dev, bool late)
{
    SET_FOREACH(driver, const struct driver, d) {
        if (dev->driver || !names(d, dev) || (!d->early && !late))
            continue;
        conf_enter(); /* the devices that there are, are configuration */
        int err = d->probe(dev);
        conf_leave();
        if (!err)
            dev->driver = d;
        else if (err != -ENODEV)
            log_write(LOG_ERR, "%s: %s: device failed (error %d)", dev->name, d->name, -err);
    }
}

void driver_bind_early(struct bus_dev *dev)
{
    bind(dev, false);
}

void driver_bind(struct bus_dev *dev)
{
    bind(dev, true);
}

void driver_release(struct bus_dev *dev)
{
    if (!dev->driver)
        return;
    conf_enter();
    dev->driver->remove(dev);
    conf_leave();
    dev->driver = NULL;
    dev->driver_data = NULL;
}

const char *bus_driver_name(const struct bus_dev *dev)
{
    return dev->driver ? dev->driver->name : NULL;
}

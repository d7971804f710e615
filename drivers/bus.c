/* What of the bus is the same on every ground: the walk over PCI capabilities.
 *
 * The list is in the device's own memory and may be anything: the walk stays inside bytes 0x40..0xff, takes each offset
 * at most once, and ends.
 */
#include "drivers/bus.h"

#define CFG_STATUS      0x06
#define CFG_STATUS_CAPS 0x10
#define CFG_CAP_FIRST   0x34
#define CAPS_MOST       48 /* (256 - 64) / 4: more cannot be there */

unsigned bus_cap(struct bus_dev *dev, u8 id, unsigned after)
{
    if (dev->kind != BUS_PCI || !(bus_cfg_read(dev, CFG_STATUS, 2) & CFG_STATUS_CAPS))
        return 0;
    unsigned at = bus_cfg_read(dev, after ? after + 1 : CFG_CAP_FIRST, 1) & ~3u;
    for (unsigned i = 0; i < CAPS_MOST && at >= 0x40 && at <= 0xfc; i++) {
        if (bus_cfg_read(dev, at, 1) == id)
            return at;
        at = bus_cfg_read(dev, at + 1, 1) & ~3u;
    }
    return 0;
}

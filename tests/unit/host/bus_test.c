/* Fake devices see no access beyond their regions, however the offset was come by. */
#include "host/bus.h"

#include "lib/check.h"

static unsigned seen;

static u32 cfg_read(void *arg, unsigned off, unsigned size)
{
    seen++;
    return off;
}

static void cfg_write(void *arg, unsigned off, unsigned size, u32 v)
{
    seen++;
}

static u32 region_read(void *arg, unsigned bar, u64 off, unsigned size)
{
    seen++;
    return (u32)off;
}

static void region_write(void *arg, unsigned bar, u64 off, unsigned size, u32 v)
{
    seen++;
}

TEST(bus_offsets_are_bounded)
{
    static const struct host_dev_ops ops = {cfg_read, cfg_write, region_read, region_write};
    struct host_dev d = {.dev = {.kind = BUS_PCI, .bar[1] = {.size = 64}}, .ops = &ops};
    static const u64 beyond[] = {61, 64, 1ull << 40, ~0ull, ~0ull - 3};
    struct bus_regs r;

    CHECK_EQ(bus_map(&d.dev, 0, &r), -ENODEV);
    CHECK_EQ(bus_map(&d.dev, 1, &r), 0);
    CHECK_EQ(bus_read32(&r, 60), 60);
    CHECK_EQ(bus_cfg_read(&d.dev, 4092, 4), 4092);
    seen = 0;
    for (size_t i = 0; i < ARRAY_LEN(beyond); i++) {
        CHECK_EQ(bus_read32(&r, beyond[i]), ~0u);
        bus_write32(&r, beyond[i], 0);
    }
    CHECK_EQ(bus_cfg_read(&d.dev, 4093, 4), ~0u);
    CHECK_EQ(bus_cfg_read(&d.dev, ~0u, 2), 0xffff);
    bus_cfg_write(&d.dev, ~0u - 1, 4, 0);
    CHECK_EQ(seen, 0);
}

/* virtio-rng against the fake device: bytes asked for, credited for what came and no more, nothing left behind. */
#include "drivers/driver.h"
#include "host/host.h"
#include "host/virtio_dev.h"
#include "lib/check.h"

static struct host_virtio d;
static u32 says; /* bytes that the device claims to have written */

static void kick(struct host_virtio *dev, u16 q)
{
    struct host_virtio_chain c;
    while (host_virtio_pop(dev, q, &c)) {
        CHECK_EQ(c.n, 1);
        CHECK(c.seg[0].write);
        for (u32 i = 0; i < min(says, c.seg[0].len); i++)
            c.seg[0].p[i] = (u8)i;
        host_virtio_push(dev, q, &c, says);
    }
    host_virtio_irq(dev, q);
}

static void seed(enum bus_kind kind, u64 features, u32 bytes, u64 bits)
{
    u64 before = host_entropy_added();
    host_virtio_init(&d, kind, 4, features);
    d.kick = kick;
    says = bytes;
    driver_bind(&d.host.dev);
    CHECK(d.host.dev.driver != NULL);
    CHECK_EQ(host_entropy_added() - before, bits);
    driver_release(&d.host.dev);
    CHECK(d.host.dev.driver == NULL);
    CHECK(!d.host.master);
}

TEST(virtio_rng_credits_what_came)
{
    seed(BUS_PCI, VIRTIO_F_EVENT_IDX, 64, 512);
    seed(BUS_PCI, VIRTIO_F_RING_PACKED, 16, 128);
    seed(BUS_VIRTIO_MMIO, 0, 64, 512);
    seed(BUS_PCI, 0, 0, 0);
}

TEST(virtio_rng_asks_again)
{
    u64 before = host_entropy_added();
    host_virtio_init(&d, BUS_PCI, 4, 0);
    d.kick = kick;
    says = 32;
    driver_bind(&d.host.dev);
    for (u64 i = 1; i < 4; i++) {
        CHECK_EQ(host_entropy_added() - before, i * 256);
        host_clock_advance(300 * NS_PER_S);
    }
    driver_release(&d.host.dev);
}

TEST(virtio_rng_disbelieves_a_length)
{
    seed(BUS_PCI, 0, 65, 0);
    seed(BUS_PCI, VIRTIO_F_RING_PACKED, 1u << 31, 0);
}

TEST(virtio_rng_that_wants_a_reset_is_asked_no_more)
{
    static const enum bus_kind kinds[] = {BUS_PCI, BUS_VIRTIO_MMIO};
    for (unsigned k = 0; k < 2; k++) {
        host_virtio_init(&d, kinds[k], 4, 0);
        d.kick = kick;
        says = 32;
        driver_bind(&d.host.dev);
        CHECK_EQ(d.kicks, 1);
        host_virtio_config_irq(&d, 0); /* a change that means nothing to it */
        host_clock_advance(300 * NS_PER_S);
        CHECK_EQ(d.kicks, 2);
        host_virtio_config_irq(&d, VIRTIO_NEEDS_RESET);
        host_clock_advance(900 * NS_PER_S);
        CHECK_EQ(d.kicks, 2);
        driver_release(&d.host.dev);
    }
}

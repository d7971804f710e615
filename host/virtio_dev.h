/* The device's side of virtio, for tests: a fake over PCI or mmio with split and packed rings.
 *
 *     host_virtio_init(&d, BUS_PCI, 4, features);     d.kick = what the device does when it is told of buffers
 *     driver_bind(&d.host.dev)  or  virtio_open(&d.host.dev, &v)
 *     in kick:  while (host_virtio_pop(d, q, &c)) { ... host_virtio_push(d, q, &c, written); }  host_virtio_irq(d, q);
 *
 * It is an honest device unless a test writes into the rings itself (d->q[i].desc and kin are plain pointers).
 */
#ifndef HOST_VIRTIO_DEV_H
#define HOST_VIRTIO_DEV_H

#include "drivers/virtio/virtio.h"
#include "host/bus.h"

#define HOST_VIRTIO_QUEUES 4
#define HOST_VIRTIO_SEGS   64

struct host_virtio_seg {
    u8 *p;
    u32 len;
    bool write;
};

struct host_virtio_chain {
    u16 id, descs;
    unsigned n;
    struct host_virtio_seg seg[HOST_VIRTIO_SEGS];
};

struct host_virtio_queue {
    u16 size, size_most, vector;
    bool ready;
    u64 desc_at, driver_at, device_at;
    struct virtq_desc *desc;
    u16 *driver, *device; /* the driver's and the device's areas */
    u16 next;             /* the next buffer to take: split: free-running, packed: entry */
    u16 used;             /* the next used entry, likewise */
    bool next_wrap, used_wrap;
    u16 told;   /* split: used index at the last look whether to interrupt */
    u32 pushed; /* packed: entries since then */
};

struct host_virtio {
    struct host_dev host;
    u16 type;
    u64 offered, accepted;
    u8 status, isr;
    u32 device_sel, driver_sel;
    u16 queue_sel, config_vector;
    struct host_virtio_queue q[HOST_VIRTIO_QUEUES];
    u8 space[256]; /* PCI configuration */
    u8 config[64]; /* of the device type */
    bool holds;    /* never lets go of a queue that is reset */
    void (*kick)(struct host_virtio *d, u16 q);
    void *arg;
    unsigned kicks, irqs;
};

void host_virtio_init(struct host_virtio *d, enum bus_kind kind, u16 type, u64 features);
bool host_virtio_pop(struct host_virtio *d, u16 q, struct host_virtio_chain *c); /* false: nothing there */
void host_virtio_push(struct host_virtio *d, u16 q, const struct host_virtio_chain *c, u32 written);
void host_virtio_irq(struct host_virtio *d, u16 q);            /* interrupts if the driver wants it */
void host_virtio_config_irq(struct host_virtio *d, u8 status); /* the configuration changed, or these bits of status are
    set now */

#endif

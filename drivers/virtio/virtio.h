/* A virtio device behind either transport: status, features, configuration, queues (virtio 1.2, 3.1 and 4.1, 4.2).
 *
 *     probe(dev):
 *         virtio_open(dev, &v)                        finds the registers; resets; ACKNOWLEDGE, DRIVER
 *         virtio_features(v, wanted)                  offers & wanted; FEATURES_OK; what is missing is the driver's to
 * judge virtio_irqs(v, n)                           vectors for n queues (fewer: they share the last) virtio_queue(v,
 * i, size_most, indirect)     one queue; v->vq[i] from then on virtio_irq_queue(v, i, cpu, fn, arg)        who is
 * called when it has something virtio_ready(v)                             DRIVER_OK: from here on buffers flow
 *     virtio_close(v) undoes all of it, at any point.
 *
 * A device that wants a reset (DEVICE_NEEDS_RESET), or whose queue is broken, is closed and opened again by its driver.
 */
#ifndef DRIVERS_VIRTIO_VIRTIO_H
#define DRIVERS_VIRTIO_VIRTIO_H

#include "drivers/driver.h"
#include "drivers/virtio/virtqueue.h"

#define VIRTIO_VENDOR 0x1af4

/* The bus ids of one virtio device type: modern PCI, transitional PCI, mmio. */
#define VIRTIO_IDS(type, transitional)                                                 \
    {BUS_PCI, VIRTIO_VENDOR, 0x1040 + (type)}, {BUS_PCI, VIRTIO_VENDOR, transitional}, \
        {BUS_VIRTIO_MMIO, VIRTIO_VENDOR, type},

#define VIRTIO_F_INDIRECT_DESC   (1ull << 28)
#define VIRTIO_F_EVENT_IDX       (1ull << 29)
#define VIRTIO_F_VERSION_1       (1ull << 32)
#define VIRTIO_F_ACCESS_PLATFORM (1ull << 33)
#define VIRTIO_F_RING_PACKED     (1ull << 34)
#define VIRTIO_RING_FEATURES     (VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX | VIRTIO_F_VERSION_1 | VIRTIO_F_RING_PACKED)

enum virtio_status {
    VIRTIO_ACKNOWLEDGE = 1,
    VIRTIO_DRIVER = 2,
    VIRTIO_DRIVER_OK = 4,
    VIRTIO_FEATURES_OK = 8,
    VIRTIO_NEEDS_RESET = 64,
    VIRTIO_FAILED = 128,
};

#define VIRTIO_NO_VECTOR 0xffffu

struct virtio;

/* What a transport gives. All required. */
struct virtio_transport {
    int (*open)(struct virtio *v); /* finds and maps the registers; touches nothing yet */
    u8 (*status_get)(struct virtio *v);
    void (*status_set)(struct virtio *v, u8 status);
    u64 (*features_get)(struct virtio *v);
    void (*features_set)(struct virtio *v, u64 f);
    u8 (*generation)(struct virtio *v);                                 /* of the device configuration */
    u8 (*config_read)(struct virtio *v, unsigned off);                  /* one byte */
    u16 (*queue_size)(struct virtio *v, u16 i);                         /* what the device offers; 0: no such queue */
    int (*queue_start)(struct virtio *v, struct virtq *vq, u16 vector); /* -EIO: the vector was refused */
    bool (*irq_ack)(struct virtio *v);                                  /* shared line: was it us? and clears it */
};

extern const struct virtio_transport virtio_pci, virtio_mmio;

#define VIRTIO_QUEUES 64

struct virtio_irq {
    void (*fn)(void *arg); /* interrupt context */
    void *arg;
};

struct virtio {
    struct bus_dev *dev;
    const struct virtio_transport *transport;
    u64 features; /* negotiated */
    struct virtq *vq[VIRTIO_QUEUES];
    struct virtio_irq irq[VIRTIO_QUEUES];
    struct virtio_irq config_irq; /* the configuration changed */
    u16 queues;                   /* highest queue made, plus one */
    unsigned vectors;             /* with MSI-X: vector 0 for the configuration, the rest for queues */
    bool msix;

    /* the transport's registers */
    struct bus_regs common, notify, isr, config;
    u32 notify_multiplier;
    u32 notify_off[VIRTIO_QUEUES];
};

int virtio_open(struct bus_dev *dev, struct virtio *v);
int virtio_features(struct virtio *v, u64 wanted); /* VERSION_1 is always wanted, and -ENODEV without it */
int virtio_irqs(struct virtio *v, unsigned queues);
int virtio_queue(struct virtio *v, u16 i, u16 size_most, u16 indirect_most);
int virtio_irq_queue(struct virtio *v, u16 i, unsigned cpu, void (*fn)(void *arg), void *arg);
void virtio_ready(struct virtio *v);
void virtio_fail(struct virtio *v); /* tells the device that we gave up */
int virtio_reset(struct virtio *v); /* from here on it touches nothing of ours; -EIO: it does not answer */
void virtio_close(struct virtio *v);
bool virtio_needs_reset(struct virtio *v);
int virtio_config(struct virtio *v, unsigned off, void *p,
                  unsigned n); /* a consistent copy; -EIO when it never settles */

#endif

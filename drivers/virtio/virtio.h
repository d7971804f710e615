/* A virtio device behind either transport: status, features, configuration, queues (virtio 1.2, 3.1 and 4.1, 4.2).
 *
 *     probe(dev):
 *         virtio_open(dev, &v)                       finds the registers; resets; ACKNOWLEDGE, DRIVER
 *         virtio_features(&v, wanted)                offers & wanted; FEATURES_OK; what is missing is the driver's to
 * judge virtio_irqs(&v, n)                         vectors for n queues (fewer: they share the last)
 *         virtio_irq_config(&v, fn, arg)             who is called when the configuration changed, or a reset is wanted
 *         virtio_queue(&v, i, size_most, indirect)   one queue; v.vq[i] from then on
 *         virtio_irq_queue(&v, i, cpu, fn, arg)      who is called when it has something
 *         virtio_ready(&v)                           DRIVER_OK: from here on buffers flow
 *     virtio_close(v) undoes all of it, at any point.
 *
 * A device that wants a reset (DEVICE_NEEDS_RESET) is closed and opened again by its driver, in a task. One queue that
 * is broken, or whose buffers are wanted back, is stopped and made anew where the device can do that (RING_RESET):
 *
 *     virtio_queue_stop(v, i) -> while ((token = virtq_detach(v->vq[i]))) ... -> virtio_queue_again(v, i)
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
#define VIRTIO_F_RING_RESET      (1ull << 40)
#define VIRTIO_RING_FEATURES \
    (VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX | VIRTIO_F_VERSION_1 | VIRTIO_F_RING_PACKED | VIRTIO_F_RING_RESET)

enum virtio_status {
    VIRTIO_ACKNOWLEDGE = 1,
    VIRTIO_DRIVER = 2,
    VIRTIO_DRIVER_OK = 4,
    VIRTIO_FEATURES_OK = 8,
    VIRTIO_NEEDS_RESET = 64,
    VIRTIO_FAILED = 128,
};

#define VIRTIO_NO_VECTOR 0xffffu

enum virtio_isr { VIRTIO_ISR_QUEUE = 1, VIRTIO_ISR_CONFIG = 2 };

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
    void (*queue_reset)(struct virtio *v, u16 i);                       /* asks for it */
    bool (*queue_is_reset)(struct virtio *v, u16 i);
    int (*config_vector)(struct virtio *v, u16 vector); /* messages alone; -EIO: refused */
    u8 (*irq_ack)(struct virtio *v);                    /* shared line: what for, enum virtio_isr, and clears it */
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
    /* By what /proc/interrupts knows them: the whole device, its configuration, queue 0, 1 ...; NULL: by the place on
     * the bus. They stay while the interrupts do. */
    const char *const *irq_names;
    unsigned vectors; /* with messages: 0 for the configuration, the rest for queues; 1: for all */
    bool msix;        /* messages: the ISR register is not used */

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
/* fn, in interrupt context: the configuration changed, or virtio_needs_reset(v). It schedules a task and no more. */
void virtio_irq_config(struct virtio *v, void (*fn)(void *arg), void *arg);
int virtio_queue_stop(struct virtio *v, u16 i);  /* task; -EOPNOTSUPP: the device cannot; -EIO: it does not let go */
int virtio_queue_again(struct virtio *v, u16 i); /* task; after virtio_queue_stop, all buffers taken back */
void virtio_ready(struct virtio *v);
void virtio_fail(struct virtio *v); /* tells the device that we gave up */
int virtio_reset(struct virtio *v); /* from here on it touches nothing of ours; -EIO: it does not answer */
void virtio_close(struct virtio *v);
bool virtio_needs_reset(struct virtio *v);
int virtio_config(struct virtio *v, unsigned off, void *p,
                  unsigned n); /* a consistent copy; -EIO when it never settles */

#endif

/* Virtqueues and both transports against the fake device, in every combination of ring features.
 *
 * The fake copies what it reads into what it may write, xored with 0x5a, so that a test sees that each byte went there
 * and back through the right buffer.
 */
#include "drivers/virtio/virtio.h"
#include "host/virtio_dev.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "lib/string.h"

#define BUFFERS 64
#define BYTES   32

struct buffer {
    u8 out[BYTES], in[BYTES];
    u8 n_out, n_in; /* segments */
    bool flying;
};

struct rig {
    struct host_virtio d;
    struct virtio v;
    struct buffer b[BUFFERS];
    unsigned irqs;
    unsigned backlog; /* buffers that the device keeps before it works on them */
    struct host_virtio_chain kept[16];
    unsigned kept_n;
};

static struct rig rig;

static void work(struct host_virtio *d, u16 q, struct host_virtio_chain *c)
{
    u8 bytes[BYTES] = {0}, *r = bytes, *w = bytes;
    u32 written = 0;
    for (unsigned i = 0; i < c->n; i++)
        for (u32 k = 0; k < c->seg[i].len; k++)
            if (c->seg[i].write)
                c->seg[i].p[k] = *w++ ^ 0x5a, written++;
            else
                *r++ = c->seg[i].p[k];
    host_virtio_push(d, q, c, written);
}

/* Works in another order than it was given, as the specification allows. */
static void kick(struct host_virtio *d, u16 q)
{
    for (;;) {
        while (rig.kept_n < ARRAY_LEN(rig.kept) && host_virtio_pop(d, q, &rig.kept[rig.kept_n]))
            rig.kept_n++;
        if (rig.kept_n <= rig.backlog)
            break;
        unsigned k = (unsigned)(test_rand() % rig.kept_n);
        struct host_virtio_chain c = rig.kept[k];
        rig.kept[k] = rig.kept[--rig.kept_n];
        work(d, q, &c);
    }
    host_virtio_irq(d, q);
}

static void on_irq(void *arg)
{
    ((struct rig *)arg)->irqs++;
}

static bool start(enum bus_kind kind, u64 features, u16 indirect)
{
    memset(&rig, 0, sizeof(rig));
    host_virtio_init(&rig.d, kind, 63, features);
    rig.d.kick = kick;
    CHECK_EQ(virtio_open(&rig.d.host.dev, &rig.v), 0);
    CHECK_EQ(virtio_features(&rig.v, VIRTIO_RING_FEATURES), 0);
    CHECK_EQ(virtio_irqs(&rig.v, 1), 0);
    CHECK_EQ(virtio_queue(&rig.v, 0, 16, indirect), 0);
    CHECK_EQ(virtio_irq_queue(&rig.v, 0, 0, on_irq, &rig), 0);
    virtio_ready(&rig.v);
    return rig.v.vq[0] != NULL;
}

static bool give(struct buffer *b)
{
    struct virtq_seg seg[8];
    unsigned n = 0;

    b->n_out = (u8)(1 + test_rand() % 3);
    b->n_in = (u8)(1 + test_rand() % 3);
    for (u32 i = 0; i < BYTES; i++)
        b->out[i] = (u8)test_rand(), b->in[i] = 0;
    for (u32 i = 0; i < b->n_out; i++)
        seg[n++] = (struct virtq_seg){bus_dma(b->out + i * 8), i + 1 < b->n_out ? 8 : BYTES - i * 8};
    for (u32 i = 0; i < b->n_in; i++)
        seg[n++] = (struct virtq_seg){bus_dma(b->in + i * 8), i + 1 < b->n_in ? 8 : BYTES - i * 8};
    int err = virtq_add(rig.v.vq[0], seg, b->n_out, b->n_in, b);
    CHECK(err == 0 || err == -ENOSPC);
    b->flying = !err;
    return !err;
}

static unsigned take_all(void)
{
    unsigned n = 0;
    u32 len;
    struct buffer *b;
    while ((b = virtq_get(rig.v.vq[0], &len))) {
        CHECK(b->flying);
        b->flying = false;
        CHECK_EQ(len, BYTES);
        bool same = true;
        for (u32 i = 0; i < BYTES; i++)
            same &= b->in[i] == (b->out[i] ^ 0x5a);
        CHECK(same);
        n++;
    }
    return n;
}

static void traffic(unsigned rounds)
{
    unsigned given = 0, taken = 0;

    for (unsigned r = 0; r < rounds; r++) {
        rig.backlog = (unsigned)(test_rand() % 8);
        for (u64 burst = test_rand() % 8; burst; burst--) {
            struct buffer *b = &rig.b[test_rand() % BUFFERS];
            given += !b->flying && give(b);
        }
        virtq_kick(rig.v.vq[0]);
        if (test_rand() % 4 == 0)
            kick(&rig.d, 0); /* the device goes on with what it kept */
        taken += take_all();
        if (test_rand() % 4 == 0)
            while (virtq_irq_on(rig.v.vq[0]))
                taken += take_all();
    }
    rig.backlog = 0;
    kick(&rig.d, 0);
    taken += take_all();
    CHECK_EQ(taken, given);
    CHECK(rig.v.vq[0]->broken == NULL);
    CHECK_EQ(rig.v.vq[0]->free, rig.v.vq[0]->size);
    CHECK(given > rounds / 3); /* the ring was in use, not full and stuck */
}

TEST(virtqueue_every_combination)
{
    static const u64 bits[] = {VIRTIO_F_RING_PACKED, VIRTIO_F_EVENT_IDX, VIRTIO_F_INDIRECT_DESC};
    for (unsigned combo = 0; combo < 16; combo++) {
        u64 features = 0;
        for (unsigned i = 0; i < ARRAY_LEN(bits); i++)
            features |= combo >> i & 1 ? bits[i] : 0;
        if (!start(combo & 8 ? BUS_VIRTIO_MMIO : BUS_PCI, features, 8))
            return;
        CHECK_EQ(rig.v.features & ~VIRTIO_F_VERSION_1, features);
        traffic(2000);
        CHECK(rig.irqs > 0);
        virtio_close(&rig.v);
        CHECK(!rig.d.host.master);
    }
}

/* Each time the driver says "tell me" and finds nothing there, the next buffer must bring an interrupt: no lost
 * wake-up. */
static void no_wakeup_is_lost(u64 features)
{
    if (!start(BUS_PCI, features, 0))
        return;
    for (int i = 0; i < 20000; i++) {
        while (virtq_irq_on(rig.v.vq[0]))
            take_all();
        unsigned before = rig.irqs;
        struct buffer *b = &rig.b[i % BUFFERS];
        if (!b->flying && give(b))
            CHECK(virtq_kick(rig.v.vq[0]));
        CHECK_EQ(rig.irqs, before + 1);
        virtq_irq_off(rig.v.vq[0]);
        take_all();
    }
    virtio_close(&rig.v);
}

TEST(virtqueue_no_wakeup_lost)
{
    no_wakeup_is_lost(0);
    no_wakeup_is_lost(VIRTIO_F_EVENT_IDX);
    no_wakeup_is_lost(VIRTIO_F_RING_PACKED);
    no_wakeup_is_lost(VIRTIO_F_RING_PACKED | VIRTIO_F_EVENT_IDX);
}

TEST(virtqueue_irq_off_is_quiet)
{
    for (unsigned packed = 0; packed < 2; packed++) {
        if (!start(BUS_PCI, VIRTIO_F_EVENT_IDX | (packed ? VIRTIO_F_RING_PACKED : 0), 0))
            return;
        virtq_irq_off(rig.v.vq[0]);
        for (int i = 0; i < 100; i++) {
            give(&rig.b[i % BUFFERS]);
            virtq_kick(rig.v.vq[0]);
            take_all();
        }
        CHECK_EQ(rig.irqs, 0);
        virtio_close(&rig.v);
    }
}

/* Bursts of every size, across the wrap, in order. */
TEST(virtqueue_bursts)
{
    for (unsigned packed = 0; packed < 2; packed++) {
        if (!start(BUS_PCI, VIRTIO_F_EVENT_IDX | (packed ? VIRTIO_F_RING_PACKED : 0), 0))
            return;
        struct virtq *vq = rig.v.vq[0];
        for (unsigned r = 0; r < 1000; r++) {
            struct virtq_seg seg[20];
            struct virtq_done done[20];
            void *token[20];
            unsigned n = (unsigned)(test_rand() % 20), got = 0, seen = 0;
            for (unsigned i = 0; i < n; i++) {
                token[i] = &rig.b[i];
                seg[i] = (struct virtq_seg){bus_dma(rig.b[i].in), BYTES};
                memset(rig.b[i].in, 0, BYTES);
            }
            unsigned put = r % 2 ? virtq_add_burst(vq, seg, token, n, true)
                                 : virtq_add_alike(vq, token, n, offsetof(struct buffer, in), BYTES);
            CHECK_EQ(put, min(n, 16u));
            virtq_kick(vq);
            for (unsigned k; (k = virtq_get_burst(vq, done, 1 + (unsigned)(test_rand() % 20))); got += k)
                for (unsigned i = 0; i < k; i++) {
                    CHECK_EQ(done[i].len, BYTES);
                    const struct buffer *b = done[i].token;
                    seen |= 1u << (b - rig.b);
                    for (unsigned at = 0; at < BYTES; at++)
                        CHECK_EQ(b->in[at], 0x5a);
                }
            CHECK_EQ(got, put);
            CHECK_EQ(seen, (1u << put) - 1);
            CHECK_EQ(vq->free, 16);
        }
        virtio_close(&rig.v);
    }
}

/* Stopped with buffers in flight, they are taken back, and the queue works again; over both transports. */
TEST(virtio_queue_reset)
{
    for (unsigned combo = 0; combo < 4; combo++) {
        u64 features = VIRTIO_F_RING_RESET | (combo & 1 ? VIRTIO_F_RING_PACKED : 0);
        if (!start(combo & 2 ? BUS_VIRTIO_MMIO : BUS_PCI, features, 0))
            return;
        traffic(300);
        rig.d.kick = NULL;
        unsigned given = give(&rig.b[0]) + give(&rig.b[1]), back = 0;
        CHECK_EQ(given, 2);
        CHECK_EQ(virtio_queue_stop(&rig.v, 0), 0);
        CHECK_EQ(virtq_add(rig.v.vq[0], &(struct virtq_seg){0, 8}, 0, 1, &rig), -EIO);
        for (struct buffer *b; (b = virtq_detach(rig.v.vq[0])); back++)
            b->flying = false;
        CHECK_EQ(back, 2);
        CHECK_EQ(virtio_queue_again(&rig.v, 0), 0);
        rig.d.kick = kick;
        traffic(300);
        rig.d.holds = true;
        CHECK_EQ(virtio_queue_stop(&rig.v, 0), -EIO);
        rig.d.holds = false;
        virtio_close(&rig.v);
    }
    if (!start(BUS_PCI, 0, 0))
        return;
    CHECK_EQ(virtio_queue_stop(&rig.v, 0), -EOPNOTSUPP);
    virtio_close(&rig.v);
}

static unsigned changes;

static void on_change(void *arg)
{
    changes++;
}

/* The configuration's interrupt and a queue's each go where they belong: by three messages, by one, by the line. */
TEST(virtio_interrupts_by_kind)
{
    static const unsigned vectors[] = {4, 2, 1, 0};
    for (unsigned i = 0; i < ARRAY_LEN(vectors); i++) {
        memset(&rig, 0, sizeof(rig));
        changes = 0;
        host_virtio_init(&rig.d, BUS_PCI, 63, 0);
        rig.d.host.vectors = vectors[i];
        rig.d.kick = kick;
        CHECK_EQ(virtio_open(&rig.d.host.dev, &rig.v), 0);
        CHECK_EQ(virtio_features(&rig.v, VIRTIO_RING_FEATURES), 0);
        CHECK_EQ(virtio_irqs(&rig.v, 2), 0);
        virtio_irq_config(&rig.v, on_change, NULL);
        for (u16 q = 0; q < 2; q++) {
            CHECK_EQ(virtio_queue(&rig.v, q, 16, 0), 0);
            CHECK_EQ(virtio_irq_queue(&rig.v, q, 0, on_irq, &rig), 0);
        }
        CHECK_EQ(virtio_queue(&rig.v, 1, 16, 0), -EINVAL); /* it is there already */
        virtio_ready(&rig.v);
        give(&rig.b[0]);
        virtq_kick(rig.v.vq[0]);
        CHECK(rig.irqs > 0);
        CHECK_EQ(changes, vectors[i] == 1); /* one message for all does not say what for */
        host_virtio_config_irq(&rig.d, 0);
        CHECK_EQ(changes, 1u + (vectors[i] == 1));
        CHECK(!virtio_needs_reset(&rig.v));
        host_virtio_config_irq(&rig.d, VIRTIO_NEEDS_RESET);
        CHECK(virtio_needs_reset(&rig.v));
        CHECK_EQ(host_dev_irq(&rig.d.host, 0), vectors[i] != 0); /* on a line: not ours */
        virtio_close(&rig.v);
    }
}

TEST(virtqueue_full_ring_says_so)
{
    if (!start(BUS_PCI, 0, 0))
        return;
    rig.d.kick = NULL;
    struct virtq_seg seg = {bus_dma(rig.b[0].in), 8};
    for (int i = 0; i < 16; i++)
        CHECK_EQ(virtq_add(rig.v.vq[0], &seg, 0, 1, &rig.b[i]), 0);
    CHECK_EQ(virtq_add(rig.v.vq[0], &seg, 0, 1, &rig.b[16]), -ENOSPC);
    unsigned back = 0;
    while (virtq_detach(rig.v.vq[0]))
        back++;
    CHECK_EQ(back, 16);
    virtio_close(&rig.v);
}

static void hostile(u64 features, void (*harm)(struct host_virtio_queue *q), const char *why)
{
    if (!start(BUS_PCI, features, 0))
        return;
    rig.d.kick = NULL;
    struct virtq_seg seg = {bus_dma(rig.b[0].in), 8};
    CHECK_EQ(virtq_add(rig.v.vq[0], &seg, 0, 1, &rig.b[0]), 0);
    virtq_kick(rig.v.vq[0]);
    harm(&rig.d.q[0]);
    u32 len;
    CHECK(virtq_get(rig.v.vq[0], &len) == NULL);
    CHECK(rig.v.vq[0]->broken != NULL);
    if (rig.v.vq[0]->broken)
        CHECK_STR(rig.v.vq[0]->broken, why);
    CHECK_EQ(virtq_add(rig.v.vq[0], &seg, 0, 1, &rig.b[1]), -EIO);
    CHECK(virtq_detach(rig.v.vq[0]) == &rig.b[0]);
    virtio_close(&rig.v);
}

static void used_split(struct host_virtio_queue *q, u32 id, u32 len, u16 idx)
{
    memcpy(q->device + 2, &id, 4);
    memcpy(q->device + 4, &len, 4);
    q->device[1] = idx;
}

static void split_id(struct host_virtio_queue *q)
{
    used_split(q, 7, 8, 1);
}

static void split_id_far(struct host_virtio_queue *q)
{
    used_split(q, 0x10000, 8, 1);
}

static void split_len(struct host_virtio_queue *q)
{
    used_split(q, 0, 9, 1);
}

static void split_jump(struct host_virtio_queue *q)
{
    used_split(q, 0, 8, 17);
}

static void packed_id(struct host_virtio_queue *q)
{
    q->desc[0].flags_or_id = 3;
    q->desc[0].next_or_flags = 0x8080;
}

static void packed_len(struct host_virtio_queue *q)
{
    q->desc[0].len = 0xffffffff;
    q->desc[0].next_or_flags = 0x8080;
}

TEST(virtqueue_hostile_device_is_caught)
{
    hostile(0, split_id, "buffer id that is not in flight");
    hostile(0, split_id_far, "buffer id that is not in flight");
    hostile(0, split_len, "length beyond the buffer");
    hostile(0, split_jump, "used index that jumps");
    hostile(VIRTIO_F_RING_PACKED, packed_id, "buffer id that is not in flight");
    hostile(VIRTIO_F_RING_PACKED, packed_len, "length beyond the buffer");
}

TEST(virtio_legacy_only_is_refused)
{
    struct virtio v;
    memset(&rig, 0, sizeof(rig));
    host_virtio_init(&rig.d, BUS_PCI, 63, 0);
    rig.d.offered = 0;
    CHECK_EQ(virtio_open(&rig.d.host.dev, &v), 0);
    CHECK_EQ(virtio_features(&v, VIRTIO_RING_FEATURES), -ENODEV);
    virtio_close(&v);
}

TEST(virtio_capability_loop_ends)
{
    struct virtio v;
    host_virtio_init(&rig.d, BUS_PCI, 63, 0);
    rig.d.space[0x41] = 0x40; /* the first capability points at itself */
    CHECK_EQ(virtio_open(&rig.d.host.dev, &v), -ENODEV);
    host_virtio_init(&rig.d, BUS_PCI, 63, 0);
    rig.d.space[0x44] = 9; /* BAR 9 */
    CHECK_EQ(virtio_open(&rig.d.host.dev, &v), -EPROTO);
    host_virtio_init(&rig.d, BUS_PCI, 63, 0);
    rig.d.space[0x4b] = 0xff; /* far outside the BAR */
    CHECK_EQ(virtio_open(&rig.d.host.dev, &v), -EPROTO);
}

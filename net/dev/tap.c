/* Taps (contract: tap.h).
 *
 * A CPU's ring is of bytes, with one writer (that CPU, softirqs off) and one reader: records of a head and the bytes
 * kept, each in one piece; what does not fit before the end is skipped there.
 *
 *     | head bytes | head bytes | skip ...|      tail: behind the last whole record, head: the reader's
 *
 * The reader takes the oldest of what the CPUs' rings offer. Two packets that two CPUs see at the same moment may
 * come to it in either order.
 */
#include "net/dev/tap.h"

#include "lib/conf.h"
#include "lib/string.h"
#include "net/skb/skb.h"
#include "net/wire/eth.h"

#define RING_LEAST (128 * KIB) /* a large packet before it is cut has 64 */
#define ETHERNET   1           /* of hardware: Linux's ARPHRD_ETHER */

struct record {
    u32 size; /* of the record; with `skip` nothing else is in it */
    bool skip;
    u16 pkttype;
    u32 kept, len, ifindex;
    u64 stamp;
};
static_assert(sizeof(struct record) == 32, "a power of two: a ring is full of whole ones");

struct tap_ring {
    u8 *bytes;
    u32 size; /* a power of two */
    u64 tail; /* written by the CPU; only grows */
    u64 matched, dropped;
    u64 head CACHE_ALIGNED; /* the reader's */
};

struct tap {
    struct tap *next;
    struct tap_how how;
    struct net *net;
    struct waitq reader;
    struct tap_ring *taken; /* the ring of the packet that was given last, until it goes */
    struct tap_ring ring[CPU_MAX];
};

struct tap_net {
    struct tap *first;
};
NET_SLOT(tap_net, struct tap_net, NULL, NULL);

static struct tap_net *taps(struct net *net)
{
    return NET_GET(net, struct tap_net, tap_net);
}

/* ---- the packet as a view ---- */

/* Bytes of the frame as it is on the wire: a tag that stands apart is among them. */
static bool frame_read(const struct skb *s, u32 off, void *to, u32 n)
{
    u8 *p = to, tag[VLAN_HLEN];
    u32 part;
    if (!(s->flags & SKB_VLAN))
        return !skb_read(s, off, p, n);
    store_be16(tag, s->vlan_type ? s->vlan_type : ETH_VLAN);
    store_be16(tag + 2, s->vlan_tci);
    for (; n; n -= part, off += part, p += part) {
        if (off >= 12 && off < 12 + VLAN_HLEN) {
            part = min(n, 12 + VLAN_HLEN - off);
            memcpy(p, tag + off - 12, part);
            continue;
        }
        part = off < 12 ? min(n, 12 - off) : n;
        if (skb_read(s, off < 12 ? off : off - VLAN_HLEN, p, part))
            return false;
    }
    return true;
}

static bool view_read(const struct cbpf_view *v, u32 off, void *to, u32 n)
{
    return frame_read(v->arg, off, to, n);
}

static u16 kind_of(const struct netdev *dev, const struct skb *s, bool out)
{
    const struct eth_hdr *h = (const struct eth_hdr *)s->data;
    if (out)
        return CBPF_OUTGOING;
    if (s->linear < ETH_HLEN || mac_eq(&h->dst, &dev->mac))
        return CBPF_HOST;
    return mac_is_broadcast(&h->dst) ? CBPF_BROADCAST : mac_is_multicast(&h->dst) ? CBPF_MULTICAST : CBPF_OTHERHOST;
}

static void make_view(struct cbpf_view *v, const struct netdev *dev, const struct skb *s, bool out)
{
    u32 tag = s->flags & SKB_VLAN ? VLAN_HLEN : 0;
    *v = (struct cbpf_view){
        .p = s->data,
        .linear = tag ? min(s->linear, (u16)12) : s->linear,
        .there = s->len + tag,
        .len = s->len + tag,
        .read = view_read,
        .arg = s,
        .ifindex = dev->port.index,
        .protocol = s->linear >= ETH_HLEN ? load_be16(s->data + 12) : 0,
        .pkttype = kind_of(dev, s, out),
        .hatype = ETHERNET,
        /* .vlan: no: the tag is among the bytes */
    };
}

/* ---- into the ring ---- */

/* Room for a record of `size`; NULL: none. *next is the tail behind it. */
static struct record *room(struct tap_ring *r, u32 size, u64 *next)
{
    u64 tail = r->tail;
    u32 at = (u32)(tail & (r->size - 1)), left = r->size - at, skip = left < size ? left : 0;
    if (tail + skip + size - load_acquire(&r->head) > r->size)
        return NULL;
    if (skip) {
        struct record *pad = (struct record *)(r->bytes + at);
        pad->size = skip; /* records and rings are multiples of a head: it fits */
        pad->skip = true;
    }
    *next = tail + skip + size;
    return (struct record *)(r->bytes + ((tail + skip) & (r->size - 1)));
}

static void keep(struct tap_ring *r, const struct cbpf_view *v, u32 snap, u64 stamp)
{
    u64 next;
    u32 kept = min(snap, v->there), size = (u32)round_up(sizeof(struct record) + kept, sizeof(struct record));
    struct record *rec = room(r, size, &next);
    store_relaxed(&r->matched, r->matched + 1);
    if (!rec || !frame_read(v->arg, 0, rec + 1, kept)) {
        store_relaxed(&r->dropped, r->dropped + 1);
        return;
    }
    *rec = (struct record){
        .size = size, .pkttype = v->pkttype, .kept = kept, .len = v->len, .ifindex = v->ifindex, .stamp = stamp};
    store_release(&r->tail, next);
}

static void show(struct tap *t, const struct netdev *dev, const struct skbq *q, u32 from, bool out, u64 now)
{
    struct tap_ring *r = &t->ring[cpu_id()];
    u64 before = r->tail;
    for (u32 i = from; i < q->n; i++) {
        struct cbpf_view v;
        if (q->p[i]->flags & SKB_PROBE) /* nobody sent it, and nobody shall see it */
            continue;
        make_view(&v, dev, q->p[i], out);
        u32 snap = cbpf_run(t->how.insn, &v);
        if (snap)
            keep(r, &v, min(snap, t->how.snaplen), out ? now : q->p[i]->stamp);
    }
    if (r->tail != before)
        waitq_wake_all(&t->reader);
}

static NOINLINE void show_all(struct netdev *dev, const struct skbq *q, u32 from, bool out, u64 now)
{
    for (struct tap *t = load_acquire(&taps(dev_net(dev))->first); t; t = load_acquire(&t->next))
        if ((!t->how.dev || t->how.dev == dev) && (out ? t->how.out : t->how.in))
            show(t, dev, q, from, out, now);
}

void tap_show_in(struct netdev *dev, const struct skbq *q)
{
    show_all(dev, q, 0, false, 0);
}

void tap_show_out(struct netdev *dev, const struct skbq *q, u32 from, u64 now)
{
    show_all(dev, q, from, true, now);
}

/* ---- out of the ring ---- */

/* The oldest record of a ring; NULL: it is empty. */
static const struct record *oldest(struct tap_ring *r)
{
    for (u64 tail = load_acquire(&r->tail); r->head != tail;) {
        const struct record *rec = (const struct record *)(r->bytes + (r->head & (r->size - 1)));
        if (!rec->skip)
            return rec;
        store_release(&r->head, r->head + rec->size);
    }
    return NULL;
}

static const struct record *oldest_of_all(struct tap *t, struct tap_ring **from)
{
    const struct record *best = NULL;
    for (unsigned i = 0; i < CPU_MAX; i++) {
        const struct record *rec = t->ring[i].bytes ? oldest(&t->ring[i]) : NULL;
        if (rec && (!best || rec->stamp < best->stamp)) {
            best = rec;
            *from = &t->ring[i];
        }
    }
    return best;
}

static void let_go(struct tap *t)
{
    struct tap_ring *r = t->taken;
    if (!r)
        return;
    const struct record *rec = (const struct record *)(r->bytes + (r->head & (r->size - 1)));
    t->taken = NULL;
    store_release(&r->head, r->head + rec->size);
}

static bool has_some(void *arg)
{
    struct tap_ring *from;
    return oldest_of_all(arg, &from);
}

int tap_next(struct tap *t, struct tap_packet *p, u64 until_ns)
{
    struct tap_ring *from = NULL;
    let_go(t);
    int err = waitq_wait(&t->reader, has_some, t, until_ns);
    if (err && err != -ETIMEDOUT)
        return err;
    const struct record *rec = oldest_of_all(t, &from);
    if (!rec)
        return 0;
    t->taken = from;
    *p = (struct tap_packet){.bytes = (const u8 *)(rec + 1),
                             .kept = rec->kept,
                             .len = rec->len,
                             .stamp = rec->stamp,
                             .ifindex = rec->ifindex,
                             .pkttype = rec->pkttype};
    return 1;
}

void tap_counts(const struct tap *t, u64 *matched, u64 *dropped)
{
    *matched = *dropped = 0;
    for (unsigned i = 0; i < CPU_MAX; i++) {
        *matched += load_relaxed(&t->ring[i].matched);
        *dropped += load_relaxed(&t->ring[i].dropped);
    }
}

/* ---- coming and going ---- */

static void free_tap(struct tap *t)
{
    for (unsigned i = 0; i < CPU_MAX; i++)
        mem_free(t->ring[i].bytes);
    mem_free(t);
}

struct tap *tap_open(struct net *net, const struct tap_how *how)
{
    struct tap *t = mem_zalloc(sizeof(*t));
    u64 share = max(how->ring / cpu_count(), (u32)RING_LEAST);
    conf_assert();
    if (!t)
        return NULL;
    t->how = *how;
    t->net = net;
    waitq_init(&t->reader);
    for (unsigned i = 0; i < cpu_count(); i++) {
        t->ring[i].size = 1u << log2_floor(share);
        t->ring[i].bytes = mem_alloc(t->ring[i].size);
        if (!t->ring[i].bytes) {
            free_tap(t);
            return NULL;
        }
    }
    if (how->dev)
        netdev_get(how->dev);
    t->next = taps(net)->first;
    store_release(&taps(net)->first, t);
    netdev_tapped(net, how->dev, 1);
    return t;
}

void tap_close(struct tap *t)
{
    struct tap **at = &taps(t->net)->first;
    conf_assert();
    netdev_tapped(t->net, t->how.dev, -1);
    while (*at != t)
        at = &(*at)->next;
    store_release(at, t->next);
    rcu_barrier(); /* nobody shows it anything any more */
    if (t->how.dev)
        netdev_put(t->how.dev);
    free_tap(t);
}

/* A fake virtio-net (contract: vnet_dev.h; virtio 1.2, 5.1).
 *
 * Honest unless a test writes into its rings: a frame that does not fit one buffer goes on in the next, each used entry
 * says what was written to it, and the header stands before the first alone.
 */
#include "host/vnet_dev.h"

#include <stdlib.h>
#include <string.h>

#define TYPE_NET 1
#define RX       0
#define TX       1
#define CTRL     2

static struct host_vnet *vnet_of(struct host_virtio *d)
{
    return d->arg;
}

static void keep(struct host_vnet *v, const struct host_virtio_chain *c)
{
    u8 all[HOST_VNET_HDR + HOST_VNET_FRAME];
    u32 n = 0, at = v->sent++ % HOST_VNET_KEPT;
    for (unsigned i = 0; i < c->n; i++) {
        u32 some = min(c->seg[i].len, (u32)sizeof(all) - n);
        memcpy(all + n, c->seg[i].p, some);
        n += some;
    }
    v->kept[at].len = n < HOST_VNET_HDR ? 0 : n - HOST_VNET_HDR;
    memcpy(v->kept[at].header, all, HOST_VNET_HDR);
    memcpy(v->kept[at].frame, all + HOST_VNET_HDR, v->kept[at].len);
}

void host_vnet_take(struct host_vnet *v)
{
    struct host_virtio_chain c;
    while (host_virtio_pop(&v->d, TX, &c)) {
        keep(v, &c);
        host_virtio_push(&v->d, TX, &c, 0);
    }
    host_virtio_irq(&v->d, TX);
}

/* {class, command, data}: what is remembered of it (5.1.6.5). False: it makes no sense. */
static bool obey(struct host_vnet *v, const u8 *p, u32 n)
{
    u32 stations, groups, id;
    switch (n < 2 ? ~0u : (u32)p[0] << 8 | p[1]) {
    case 0x0000: v->promisc = p[2]; return n == 3;
    case 0x0001: v->allmulti = p[2]; return n == 3;
    case 0x0100:
        if (n < 10)
            return false;
        stations = load_le32(p + 2);
        groups = load_le32(p + 6 + 6 * (stations & 0xff));
        if (n != 10 + 6 * (stations + groups))
            return false;
        if (groups)
            memcpy(v->group, p + n - 6, 6);
        v->groups = groups;
        if (stations)
            memcpy(v->station, p + 6, 6);
        v->stations = stations;
        return true;
    case 0x0401:
        v->rss_n = min(n - 2, (u32)sizeof(v->rss));
        memcpy(v->rss, p + 2, v->rss_n);
        return true;
    case 0x0200:
    case 0x0201:
        id = n == 4 ? load_le16(p + 2) : 4096;
        if (id >= 4096)
            return false;
        v->vlans[id / 32] = p[1] ? v->vlans[id / 32] & ~(1u << id % 32) : v->vlans[id / 32] | 1u << id % 32;
        return true;
    default: return true;
    }
}

static void command(struct host_vnet *v)
{
    struct host_virtio_chain c;
    while (host_virtio_pop(&v->d, CTRL, &c)) {
        v->commands++;
        *c.seg[c.n - 1].p = v->refuses || !obey(v, c.seg[0].p, c.seg[0].len);
        host_virtio_push(&v->d, CTRL, &c, 1);
    }
    host_virtio_irq(&v->d, CTRL);
}

static void kick(struct host_virtio *d, u16 q)
{
    if (q == TX && !vnet_of(d)->slow)
        host_vnet_take(vnet_of(d));
    if (q == CTRL)
        command(vnet_of(d));
}

void host_vnet_init(struct host_vnet *v, enum bus_kind kind, u64 features)
{
    memset(v, 0, sizeof(*v));
    host_virtio_init(&v->d, kind, TYPE_NET, features);
    v->d.kick = kick;
    v->d.arg = v;
    memcpy(v->d.config, "\x02\0\0\0\0\x07\x01", 7); /* the address, and that the link is up */
    for (unsigned i = 0; i < HOST_VNET_KEPT; i++)
        v->kept[i].frame = malloc(HOST_VNET_FRAME);
}

void host_vnet_end(struct host_vnet *v)
{
    for (unsigned i = 0; i < HOST_VNET_KEPT; i++)
        free(v->kept[i].frame);
}

static u32 room_of(const struct host_virtio_chain *c)
{
    u32 n = 0;
    for (unsigned i = 0; i < c->n; i++)
        n += c->seg[i].write ? c->seg[i].len : 0;
    return n;
}

bool host_vnet_deliver(struct host_vnet *v, const u8 header[HOST_VNET_HDR], const u8 *frame, u32 len)
{
    struct host_virtio_chain c[HOST_VIRTIO_SEGS];
    u8 all[HOST_VNET_HDR + HOST_VNET_FRAME];
    u32 n = 0, total = HOST_VNET_HDR + len, room = 0, at = 0;

    memcpy(all, header, HOST_VNET_HDR);
    memcpy(all + HOST_VNET_HDR, frame, len);
    while (room < total && n < HOST_VIRTIO_SEGS && host_virtio_pop(&v->d, RX, &c[n]))
        room += room_of(&c[n++]);
    if (!header[10] && !header[11])
        all[10] = (u8)n;
    for (u32 i = 0; i < n; i++) {
        u32 wrote = 0;
        for (unsigned k = 0; k < c[i].n && at < total; k++) {
            u32 some = c[i].seg[k].write ? min(c[i].seg[k].len, total - at) : 0;
            memcpy(c[i].seg[k].p, all + at, some);
            at += some;
            wrote += some;
        }
        host_virtio_push(&v->d, RX, &c[i], wrote);
    }
    host_virtio_irq(&v->d, RX);
    return room >= total;
}

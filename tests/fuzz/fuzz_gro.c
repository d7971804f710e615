/* Any frames through GRO and cut again: nothing crashes, nothing is lost, and what comes out is what went in: all of
 * it, the frames of each flow in their order.
 *
 * Frames one after the other: a byte of what is known of it (checksum, tag, large, when what is held goes on), a byte
 * of gso_size, a byte by how many units of 4 bytes its length is; then its bytes. What is shorter than a header is
 * filled up with the frame before it, its sequence number and id moved on: so that rows are found. */
#include "lib/plat.h"
#include "lib/string.h"
#include "net/dev/gro.h"
#include "net/skb/cksum.h"
#include "net/skb/gso.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"
#include "net/wire/eth.h"
#include "net/wire/ip6.h"
#include "net/wire/tcp.h"
#include "tests/unit/with_conf.h"

#define FRAMES 64u
#define LONG   1100u

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

struct frame {
    u32 len;
    u8 bytes[LONG];
    bool came;
};

static struct net *net;
static struct netdev *dev;
static struct gro *gro;
static struct frame due[FRAMES * 8];
static u32 due_n;

/* Whose frame it is, as far as the bytes say without options: 0: nobody's. */
static u32 flow(const struct frame *f)
{
    u32 at = ETH_HLEN, sum = 0;
    u16 type = load_be16(f->bytes + 12);
    for (; eth_is_vlan(type) && at < 22; at += VLAN_HLEN)
        type = load_be16(f->bytes + at + 2);
    const u8 *ip = f->bytes + at;
    u32 hlen = type == ETH_IP4 && ip[0] == 0x45 ? IP4_HLEN : type == ETH_IP6 ? IP6_HLEN : 0;
    u8 proto = hlen == IP4_HLEN ? ip[9] : ip[6];
    if (!hlen || f->len < at + hlen + 4 || (proto != IP_TCP && proto != IP_UDP))
        return 0;
    if (hlen == IP4_HLEN && (load_be16(ip + 6) & IP4_FRAGMENT))
        return 0;
    for (u32 i = 12; i < at; i++) /* tags */
        sum = sum * 31 + f->bytes[i];
    for (u32 i = hlen == IP4_HLEN ? 12 : 8; i < hlen + 4; i++) /* addresses, ports */
        sum = sum * 31 + ip[i];
    return (sum * 31 + proto) | 1;
}

static void came(struct skb *s)
{
    static struct frame f;
    if (!cksum_finish(s) && s->len > LONG)
        panic("a packet that nobody sent");
    f.len = s->len;
    skb_read(s, 0, f.bytes, s->len);
    u32 whose = flow(&f);
    for (u32 i = 0; i < due_n; i++) {
        if (due[i].came)
            continue;
        if (due[i].len == f.len && !memcmp(due[i].bytes, f.bytes, f.len)) {
            due[i].came = true;
            skb_free(s);
            return;
        }
        if (whose && flow(&due[i]) == whose)
            panic("a frame came out before one that went in earlier");
    }
    panic("a frame came out that never went in");
}

static void take(struct netdev *d, struct skbq *q)
{
    for (u32 i = 0; i < q->n; i++)
        if (!q->p[i]->gso) {
            came(q->p[i]);
        } else {
            for (struct skb *next, *p = gso_cut(q->p[i], i & 1); p; p = next) {
                next = p->next;
                came(p);
            }
        }
    q->n = 0;
}

static void start(void)
{
    static const struct netdev_ops ops = {.driver = "fuzz"};
    net = net_new();
    dev = netdev_new(&ops, 0, 1, 1);
    if (WITH_CONF(netdev_add(net, dev, "eth0")))
        panic("no device");
    dev->handler = take;
    gro = gro_new(dev);
    if (!gro)
        panic("no memory");
}

static void expect(struct skb *s)
{
    struct frame *f = &due[due_n++];
    *f = (struct frame){.len = s->len};
    skb_read(s, 0, f->bytes, s->len);
}

/* The frame before it, as the sender would go on: so much more in sequence, the next id, right checksums. */
static struct skb *go_on(const struct skb *last, u32 payload)
{
    struct skb *s = skb_copy((struct skb *)last);
    s->has = 0;
    s->cksum = CKSUM_NONE;
    if (skb_parse(s) || !(s->has & (SKB_TCP | SKB_UDP)) || (s->has & SKB_FRAGMENT))
        return s;
    u8 *l3 = (u8 *)s->buf + s->l3, *l4 = (u8 *)s->buf + s->l4;
    if (s->has & SKB_IP4) {
        store_be16(l3 + 4, (u16)(load_be16(l3 + 4) + 1));
        store_be16(l3 + 10, 0);
        be16 check = csum_fold(csum_bytes(l3, s->l4 - s->l3));
        memcpy(l3 + 10, &check, 2);
    }
    if (s->has & SKB_TCP)
        store_be32(l4 + 4, load_be32(l4 + 4) + payload);
    cksum_begin(s, s->l4_proto);
    cksum_finish(s);
    return s;
}

static u32 payload_of(struct skb *s)
{
    if (skb_parse(s) || !(s->has & SKB_TCP))
        return 0;
    return s->len - skb_at(s, s->l4) - tcp_hlen((void *)((u8 *)s->buf + s->l4));
}

/* As the device describes it: truthfully, since what it says of a checksum is believed. */
static void describe(struct skb *s, u8 how, u8 size)
{
    if ((how & 3) == 1 && !skb_parse(s) && (s->has & SKB_L4) && cksum_ok(s))
        s->cksum = CKSUM_VERIFIED;
    if ((how & 3) == 2 && !skb_parse(s) && (s->has & SKB_TCP) && !(s->has & SKB_FRAGMENT) && size) {
        s->gso = s->has & SKB_IP4 ? GSO_TCP4 : GSO_TCP6;
        s->gso_size = size;
        if (gso_frames(s) > 7 || !payload_of(s)) {
            s->gso = GSO_NONE;
            s->gso_size = 0;
        } else {
            cksum_begin(s, IP_TCP);
        }
    }
    if (how & 4)
        s->has = 0;
}

static void expect_all(struct skb *s)
{
    if (!s->gso) {
        expect(s);
        return;
    }
    for (struct skb *next, *p = gso_cut(skb_copy(s), false); p; p = next) {
        next = p->next;
        cksum_finish(p);
        expect(p);
        skb_free(p);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct skb *last = NULL;
    struct skbq q = {0};
    if (!net)
        start();
    due_n = 0;
    dev->features = n & 1 ? DEV_F_GRO | DEV_F_UDP_GRO : DEV_F_GRO;
    for (u32 frames = 0; n >= 3 && frames < FRAMES; frames++) {
        u8 how = p[0], size = p[1];
        u32 len = min((u32)p[2] * 4 + (how >> 6), (u32)n - 3);
        struct skb *s;
        if (len < ETH_HLEN && last) {
            s = go_on(last, payload_of(last));
        } else {
            s = skb_alloc(skb_pool_of(net));
            memcpy(memset(skb_put(s, max(len, ETH_HLEN)), 0, ETH_HLEN), p + 3, len);
        }
        p += 3 + len;
        n -= 3 + len;
        if (last)
            skb_free(last);
        last = skb_copy(s);
        describe(s, how, size);
        expect_all(s);
        skbq_add(&q, s);
        if (how & 8) {
            gro_rx(gro, &q, frames);
            q.n = 0;
        }
        if ((how & 0x30) == 0x30)
            gro_flush(gro);
    }
    gro_rx(gro, &q, 0);
    gro_flush(gro);
    if (last)
        skb_free(last);
    for (u32 i = 0; i < due_n; i++)
        if (!due[i].came)
            panic("a frame was lost");
    if (skb_pool_used(skb_pool_of(net)))
        panic("a packet that nobody freed");
    return 0;
}

/* ARP asked from a task (contract: arp_ask.h).
 *
 * Requests go straight to the device; answers are heard by a tap, beside net/ip/arp.c, which makes of them what it
 * will. A probe (RFC 5227 2.1.1) has 0.0.0.0 for its sender, so that it changes nobody's mind; another station that
 * probes for the same address at the same time has it before us.
 */
#include "net/sock/arp_ask.h"

#include "lib/conf.h"
#include "lib/string.h"
#include "net/dev/tx.h"
#include "net/ip/addr.h"
#include "net/skb/pool.h"
#include "net/wire/arp.h"

#define PROBES      3
#define PROBE_EVERY (100 * NS_PER_MS) /* RFC 5227's seconds are for machines without a server that looks, too */
#define PROBE_WAIT  (300 * NS_PER_MS)
#define RING        (16 * KIB)
#define SNAP        64u

struct arp_ask {
    struct net *net;
    u32 index;
    struct ipaddr whom;
    struct macaddr own;
    struct tap *tap;
    bool probing; /* others' probes for it count as well */
};

static const struct cbpf_insn only_arp[] = {
    {CBPF_LD | CBPF_H | CBPF_ABS, 0, 0, 12},
    {CBPF_JMP | CBPF_JEQ, 0, 1, ETH_ARP},
    {CBPF_RET, 0, 0, SNAP},
    {CBPF_RET, 0, 0, 0},
};

struct arp_ask *arp_ask_open(struct net *net, u32 index, const struct ipaddr *whom)
{
    struct arp_ask *a = mem_zalloc(sizeof(*a));
    if (!a)
        return NULL;
    *a = (struct arp_ask){.net = net, .index = index, .whom = *whom};
    conf_enter();
    struct netdev *dev = netdev_at(net, index);
    struct tap_how how = {.dev = dev, .insn = only_arp, .snaplen = SNAP, .ring = RING, .in = true};
    if (dev) {
        a->own = dev->mac;
        a->tap = tap_open(net, &how);
    }
    conf_leave();
    if (a->tap)
        return a;
    mem_free(a);
    return NULL;
}

void arp_ask_close(struct arp_ask *a)
{
    if (!a)
        return;
    conf_enter();
    tap_close(a->tap);
    conf_leave();
    mem_free(a);
}

static struct skb *make(struct arp_ask *a, struct netdev *dev, const struct arp_ask_how *how)
{
    static const struct macaddr everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    struct skb *s = skb_alloc(skb_pool_of(a->net));
    if (!s)
        return NULL;
    struct eth_hdr *e = skb_put(s, ETH_HLEN);
    struct arp_hdr *h = skb_put(s, sizeof(*h));
    *e = (struct eth_hdr){how->to ? *how->to : everybody, dev->mac, be16_of(ETH_ARP)};
    *h = (struct arp_hdr){.hw = be16_of(ARP_HW_ETHER),
                          .proto = be16_of(ETH_IP4),
                          .hw_len = 6,
                          .proto_len = 4,
                          .op = be16_of(how->reply ? ARP_REPLY : ARP_REQUEST),
                          .sha = dev->mac};
    if (how->reply)
        h->tha = dev->mac;
    memcpy(h->spa, how->src.b + ADDR4_AT, 4);
    memcpy(h->tpa, a->whom.b + ADDR4_AT, 4);
    s->type = ETH_ARP;
    s->l3 = (u16)(skb_off(s) + ETH_HLEN);
    return s;
}

int arp_ask_send(struct arp_ask *a, const struct arp_ask_how *how)
{
    softirq_off();
    struct netdev *dev = netdev_at(a->net, a->index);
    struct skb *s = dev ? make(a, dev, how) : NULL;
    a->probing = addr_is_any(&how->src);
    if (s) {
        struct skbq q = {.n = 1, .p = {s}};
        dev_tx(dev, &q);
    }
    softirq_on();
    return s ? 0 : dev ? -ENOBUFS : -ENODEV;
}

static bool is_about(const struct arp_ask *a, const struct tap_packet *p, struct arp_heard *h)
{
    const struct eth_hdr *e = (const struct eth_hdr *)p->bytes;
    const struct arp_hdr *arp = (const struct arp_hdr *)(p->bytes + ETH_HLEN);
    if (p->kept < ETH_HLEN + sizeof(*arp) || !arp_ok(arp, p->kept - ETH_HLEN))
        return false;
    struct ipaddr spa = addr_of4(arp->spa), tpa = addr_of4(arp->tpa);
    bool probes_it = a->probing && addr_is_any(&spa) && addr_eq(&tpa, &a->whom);
    if ((!addr_eq(&spa, &a->whom) && !probes_it) || mac_eq(&arp->sha, &a->own))
        return false;
    *h = (struct arp_heard){.mac = arp->sha,
                            .reply = be16_get(arp->op) == ARP_REPLY,
                            .to_all = mac_is_multicast(&e->dst),
                            .stamp = p->stamp};
    return true;
}

int arp_ask_next(struct arp_ask *a, struct arp_heard *h, u64 until_ns)
{
    struct tap_packet p;
    int n;
    while ((n = tap_next(a->tap, &p, until_ns)) > 0)
        if (is_about(a, &p, h))
            return 1;
    return n;
}

int arp_probe(struct net *net, u32 index, const struct ipaddr *whom, struct macaddr *who)
{
    struct arp_ask *a = arp_ask_open(net, index, whom);
    struct arp_ask_how how = {.src = ipaddr_of4(0, 0, 0, 0)};
    struct arp_heard h;
    int n = 0;

    if (!a)
        return -ENODEV;
    for (unsigned i = 0; i < PROBES && !n; i++) {
        n = arp_ask_send(a, &how);
        if (!n)
            n = arp_ask_next(a, &h, clock_ns() + (i + 1 < PROBES ? PROBE_EVERY : PROBE_WAIT));
    }
    if (n > 0)
        *who = h.mac;
    arp_ask_close(a);
    return n;
}

/* UDP over both families (RFC 768, RFC 1122 4.1, RFC 8200 8.1).
 *
 *     ip_local -> udp_rx -> the endpoint that fits best; to many: each that fits; none: the sender hears of it
 *     sock_send -> udp_tx -> ip_tx                      the checksum is the device's to fill in, where it can
 */
#include "net/wire/udp.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "net/ip/header.h"
#include "net/ip/ip.h"
#include "net/skb/cksum.h"
#include "net/skb/drop.h"
#include "net/skb/gso.h"
#include "net/skb/parse.h"
#include "net/sock/sock.h"

COUNTER(udp_in, "Udp.InDatagrams", "datagrams that a socket was given");
COUNTER(udp_no_ports, "Udp.NoPorts", "datagrams to a port that nobody has");
COUNTER(udp_in_errors, "Udp.InErrors", "datagrams that were broken, or found no room");
COUNTER(udp_out, "Udp.OutDatagrams", "datagrams that were sent");
COUNTER(udp_rcvbuf, "Udp.RcvbufErrors", "datagrams that found the queue of their socket full");
COUNTER(udp_sndbuf, "Udp.SndbufErrors", "datagrams that could not be sent for want of memory");
COUNTER(udp_in_csum, "Udp.InCsumErrors", "datagrams with a wrong checksum");
COUNTER(udp_ignored, "Udp.IgnoredMulti", "datagrams to many that nobody here listens to");
COUNTER(udp6_in, "Udp6.InDatagrams", "datagrams that a socket was given");
COUNTER(udp6_no_ports, "Udp6.NoPorts", "datagrams to a port that nobody has");
COUNTER(udp6_in_errors, "Udp6.InErrors", "datagrams that were broken, or found no room");
COUNTER(udp6_out, "Udp6.OutDatagrams", "datagrams that were sent");
COUNTER(udp6_rcvbuf, "Udp6.RcvbufErrors", "datagrams that found the queue of their socket full");
COUNTER(udp6_sndbuf, "Udp6.SndbufErrors", "datagrams that could not be sent for want of memory");
COUNTER(udp6_in_csum, "Udp6.InCsumErrors", "datagrams with a wrong checksum");
COUNTER(udp6_ignored, "Udp6.IgnoredMulti", "datagrams to many that nobody here listens to");

#define COUNT(net, f, what) ((f) == &ip_v4 ? count(net, udp_##what) : count(net, udp6_##what))

/* ---- in ---- */

static void deliver(struct net *net, struct sock *k, struct skb *s, const struct sock_from *from, u32 n,
                    const struct ip_family *f)
{
    if (sock_deliver(k, s, from, skb_at(s, s->l4) + UDP_HLEN, n)) {
        COUNT(net, f, in);
    } else {
        COUNT(net, f, in_errors);
        COUNT(net, f, rcvbuf);
    }
}

struct many {
    struct net *net;
    struct skb *s;
    const struct sock_from *from;
    u32 n;
    const struct ip_family *f;
};

static void give_copy(struct sock *k, void *arg)
{
    struct many *m = arg;
    struct skb *s = skb_copy(m->s);
    if (s)
        deliver(m->net, k, s, m->from, m->n, m->f);
    else
        drop_count(m->net, m->s->dev, DROP_NO_MEMORY, 1);
}

static void to_many(struct net *net, struct skb *s, const struct sock_ask *ask, const struct sock_from *from, u32 n,
                    const struct ip_family *f)
{
    struct many m = {net, s, from, n, f};
    if (sock_each(net, ask, give_copy, &m)) {
        skb_free(s);
    } else {
        COUNT(net, f, ignored);
        skb_drop(s, DROP_NO_SOCKET);
    }
}

/* So many bytes as it says are there; more, which IP brought and UDP does not know of, are cut off (RFC 768). */
static bool has_all(struct skb *s, u32 len)
{
    u32 at = skb_at(s, s->l4);
    if (len < UDP_HLEN || len > s->len - at)
        return false;
    if (len < s->len - at) {
        skb_trim(s, at + len);
        s->cksum = s->cksum == CKSUM_COMPLETE ? CKSUM_NONE : s->cksum;
    }
    return true;
}

static void one(struct netdev *dev, struct skb *s, const struct ip_family *f)
{
    struct net *net = dev_net(dev);
    struct sock_from from;
    const struct udp_hdr *h = skb_need(s, skb_at(s, s->l4), UDP_HLEN);
    bool whole = h && has_all(s, be16_get(h->len));

    if (!whole || !cksum_ok(s)) {
        COUNT(net, f, in_errors);
        if (whole)
            COUNT(net, f, in_csum);
        skb_drop(s, whole ? DROP_L4_CSUM : DROP_L4_HEADER);
        return;
    }
    sock_from_skb(&from, dev, s, f);
    from.port = be16_get(h->sport);
    u32 n = be16_get(h->len) - UDP_HLEN; /* the parser has seen that so much is there */
    struct sock_ask ask = {.kind = SOCK_UDP,
                           .family = f->index,
                           .local = from.to,
                           .remote = from.addr,
                           .port = be16_get(h->dport),
                           .rport = from.port,
                           .index = from.index};
    if ((s->flags & SKB_GROUP) || addr_is_multicast(&from.to)) {
        to_many(net, s, &ask, &from, n, f);
        return;
    }
    struct sock *k = sock_find(net, &ask);
    if (k) {
        deliver(net, k, s, &from, n, f);
    } else {
        COUNT(net, f, no_ports);
        ip_refuse(s, ICMP_ERR_PORT, 0, DROP_NO_SOCKET);
    }
}

/* Merged ones are the datagrams again that were sent. */
static void cut(struct netdev *dev, struct skb *s, const struct ip_family *f)
{
    struct skb *next = gso_cut(s, true);
    while ((s = next)) {
        next = s->next;
        enum drop_reason why = s->has & SKB_PARSED ? DROP_NOT : skb_parse(s);
        if (why || !(s->has & SKB_UDP))
            skb_drop(s, why ? why : DROP_L4_HEADER);
        else
            one(dev, s, f);
    }
}

static void udp_rx(struct netdev *dev, struct skbq *q, const struct ip_family *f)
{
    for (u32 i = 0; i < q->n; i++)
        if (unlikely(q->p[i]->gso))
            cut(dev, q->p[i], f);
        else
            one(dev, q->p[i], f);
    q->n = 0;
}

static void udp_error(struct net *net, const struct ip_error *e)
{
    const struct udp_hdr *h = (const struct udp_hdr *)e->l4; /* IP_ERROR_LEAST is its length */
    struct sock_ask ask = {.kind = SOCK_UDP,
                           .family = e->f->index,
                           .local = e->src,
                           .remote = e->dst,
                           .port = be16_get(h->sport),
                           .rport = be16_get(h->dport),
                           .index = e->index};
    struct sock *k = sock_find(net, &ask);
    if (k)
        sock_tell(k, e, ask.rport, e->l4 + UDP_HLEN, e->len - UDP_HLEN);
}

/* ---- out ---- */

/* The pseudo-header's sum stands in the field; whoever can sum up the rest does. */
static void leave_checksum(struct skb *s, const struct ip_send *how, const struct ip_family *f)
{
    struct udp_hdr *h = (struct udp_hdr *)s->data;
    u32 sum = csum_add(csum_bytes(how->src.b + f->at, f->bits / 8), csum_bytes(how->dst.b + f->at, f->bits / 8));
    sum = csum_add(sum, csum_add(csum_of_u16(IP_UDP), csum_of_u32(s->len)));
    h->check = csum_fold_plain(sum);
    s->l4 = (u16)skb_off(s);
    s->cksum = CKSUM_PARTIAL;
    s->csum_start = s->l4;
    s->csum_offset = offsetof(struct udp_hdr, check);
}

/* Who sends from: the source is part of the checksum. */
static int choose_source(struct net *net, struct ip_send *how)
{
    struct fib_result r = {0};
    struct ipaddr src;
    if (!addr_is_any(&how->src) || how->unnamed)
        return 0;
    int err = ip_find_way(net, how, &r, &src);
    if (!err)
        how->src = src;
    return err;
}

static int udp_tx(struct sock *k, struct skb *s, struct ip_send *how, u16 port)
{
    const struct ip_family *f = ip_family_of(&how->dst);
    u32 most = 65535 - UDP_HLEN - (f == &ip_v4 ? f->header : 0);
    int err = !port ? -EINVAL : s->len > most ? -EMSGSIZE : 0;

    how->proto = IP_UDP;
    if (!err)
        err = choose_source(k->net, how);
    if (err) {
        skb_free(s);
        return err;
    }
    struct udp_hdr *h = skb_push(s, UDP_HLEN);
    *h = (struct udp_hdr){be16_of(k->how.port), be16_of(port), be16_of((u16)s->len), be16_of(0)};
    leave_checksum(s, how, f);
    err = ip_tx(k->net, s, how);
    if (!err)
        COUNT(k->net, f, out);
    else if (err == -ENOBUFS)
        COUNT(k->net, f, sndbuf);
    return err;
}

L4(udp, IP_UDP, udp_rx, .error = udp_error);
SOCK_PROTO(udp, SOCK_UDP, udp_tx);

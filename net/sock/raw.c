/* Raw endpoints: all of one IP protocol, as it came; ICMP too. Each gets a copy. Linux: raw_local_deliver.
 *
 * The user's bytes go behind an IP header that the stack makes; ICMPv6's checksum is filled in, which nobody else could
 * (RFC 3542 3.1). What comes is what stands behind the IP headers.
 */
#include "net/ip/header.h"

#include "lib/csum.h"
#include "net/ip/icmp.h"
#include "net/skb/drop.h"
#include "net/sock/sock.h"

static int raw_tx(struct sock *k, struct skb *s, struct ip_send *how, u16 port)
{
    how->proto = (u8)k->how.port;
    if (how->proto == IP_ICMP6 && s->len >= ICMP_HLEN)
        return icmp_send(k->net, s, how);
    return ip_tx(k->net, s, how);
}

struct shown {
    const struct skb *s;
    const struct sock_from *from;
};

static void give_copy(struct sock *k, void *arg)
{
    const struct shown *it = arg;
    struct skb *s = skb_copy((struct skb *)it->s);
    if (s)
        sock_deliver(k, s, it->from, skb_at(it->s, it->s->l4), it->s->len - skb_at(it->s, it->s->l4));
    else
        drop_count(k->net, it->s->dev, DROP_NO_MEMORY, 1);
}

static bool raw_rx(struct netdev *dev, struct skb *s, const struct ip_family *f)
{
    struct sock_from from;
    struct shown it = {s, &from};
    if (likely(!sock_count(dev_net(dev), SOCK_RAW)))
        return false;
    sock_from_skb(&from, dev, s, f);
    struct sock_ask ask = {.kind = SOCK_RAW,
                           .family = f->index,
                           .local = from.to,
                           .remote = from.addr,
                           .port = s->l4_proto,
                           .index = from.index};
    return sock_each(dev_net(dev), &ask, give_copy, &it);
}

static void tell(struct sock *k, void *arg)
{
    const struct ip_error *e = arg;
    sock_tell(k, e, 0, e->l4, e->len);
}

static void raw_error(struct net *net, const struct ip_error *e)
{
    struct sock_ask ask = {.kind = SOCK_RAW,
                           .family = e->f->index,
                           .local = e->src,
                           .remote = e->dst,
                           .port = e->proto,
                           .index = e->index};
    if (unlikely(sock_count(net, SOCK_RAW)))
        sock_each(net, &ask, tell, (void *)e);
}

SOCK_PROTO(raw, SOCK_RAW, raw_tx);
IP_LOOK(raw, raw_rx, raw_error);

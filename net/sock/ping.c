/* Echo requests and their answers, of either family (Linux: net/ipv4/ping.c).
 *
 * The user's bytes begin with the ICMP header: of it the sequence number is his, type, id and checksum are filled in.
 * What comes is the answer from its ICMP header on, or, as an error, the request as far as it was quoted.
 */
#include "net/ip/icmp.h"

#include "lib/string.h"
#include "net/ip/header.h"
#include "net/skb/drop.h"
#include "net/sock/sock.h"

static int ping_tx(struct sock *k, struct skb *s, struct ip_send *how, u16 port)
{
    struct icmp_hdr *h = skb_need(s, 0, ICMP_HLEN);
    if (!h) {
        skb_free(s);
        return -EINVAL;
    }
    h->type = ipaddr_is4(&how->dst) ? ICMP_ECHO : ICMP6_ECHO;
    h->code = 0;
    h->id = be16_of(k->how.port);
    return icmp_send(k->net, s, how);
}

static void answered(struct netdev *dev, struct skb *s, const struct ip_family *f)
{
    struct sock_from from;
    u32 at = skb_at(s, s->l4);
    const struct icmp_hdr *h = skb_need(s, at, ICMP_HLEN);

    sock_from_skb(&from, dev, s, f);
    struct sock_ask ask = {.kind = SOCK_PING,
                           .family = f->index,
                           .local = from.to,
                           .remote = from.addr,
                           .port = h ? be16_get(h->id) : 0,
                           .index = from.index};
    struct sock *k = h ? sock_find(dev_net(dev), &ask) : NULL;
    if (k)
        sock_deliver(k, s, &from, at, s->len - at);
    else
        skb_drop(s, DROP_ICMP_TYPE);
}

static void answered4(struct netdev *dev, struct skb *s)
{
    answered(dev, s, &ip_v4);
}

static void answered6(struct netdev *dev, struct skb *s)
{
    answered(dev, s, &ip_v6);
}

static void ping_error(struct net *net, const struct ip_error *e)
{
    const struct icmp_hdr *h = (const struct icmp_hdr *)e->l4; /* IP_ERROR_LEAST is its length */
    struct sock_ask ask = {.kind = SOCK_PING,
                           .family = e->f->index,
                           .local = e->src,
                           .remote = e->dst,
                           .port = be16_get(h->id),
                           .index = e->index};
    struct sock *k = h->type == (e->f == &ip_v4 ? ICMP_ECHO : ICMP6_ECHO) ? sock_find(net, &ask) : NULL;
    if (k)
        sock_tell(k, e, 0, e->l4, e->len);
}

SOCK_PROTO(ping, SOCK_PING, ping_tx);
ICMP_TAKER(ping, IP_V4, ICMP_ECHO_REPLY, ICMP_ECHO_REPLY, answered4);
ICMP_TAKER(ping6, IP_V6, ICMP6_ECHO_REPLY, ICMP6_ECHO_REPLY, answered6);
ICMP_ASKER(ping, ping_error);

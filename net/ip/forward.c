/* On to somebody else: hops and MTU. Linux: ip_forward.
 *
 * Consumes each packet: to ip_out, or with an error to its sender. What is usual stays in the burst; what must be
 * looked at (the last hop, a shared buffer, options, too long, back by where it came) is seen to one by one, and what
 * it becomes goes in its place, so that packets of a flow keep their order. Never asks the table again, and never
 * waits.
 */
#include "lib/stats.h"
#include "lib/string.h"
#include "net/ip/frag.h"
#include "net/ip/header.h"
#include "net/ip/ip.h"
#include "net/ip/options.h"
#include "net/ip/redirect.h"
#include "net/skb/drop.h"
#include "net/skb/gso.h"
#include "net/skb/parse.h"
#include "net/skb/probe.h"

COUNTER(ip_forw_datagrams, "Ip.ForwDatagrams", "packets that went on");
COUNTER(ip6_forw_datagrams, "Ip6.OutForwDatagrams", "packets that went on");

/* Larger than its way on takes, merged ones by the frames that they become? */
static NOINLINE bool is_too_big(struct skb *s, u32 mtu)
{
    if (!s->gso)
        return true;
    if (!s->has && skb_parse(s))
        return true;
    return gso_frame_len(s) - skb_at(s, s->l3) > mtu;
}

/* Those so far go first: a packet and its flow's later ones stay in order. */
static void send_first(struct skbq *q, u32 n, const struct ip_family *f)
{
    struct skbq first = {.n = n};
    memcpy(first.p, q->p, n * sizeof(q->p[0]));
    if (n)
        ip_out(&first, f);
}

static void send_cut(struct skb *s, u32 mtu, const struct ip_family *f)
{
    const void *hop = s->route;
    struct skb *next = frag_cut(s, mtu);
    while ((s = next)) {
        struct skbq q = {0};
        for (; (s = next) && q.n < SKBQ_MOST; skbq_add(&q, s)) {
            next = s->next;
            s->route = (void *)hop;
        }
        ip_out(&q, f);
    }
}

/* What cannot go on as the others: consumed, unless the answer is true: it goes with them. n of q are to go before. */
static NOINLINE bool goes_on(struct netdev *in, struct skbq *q, u32 *n, struct skb *s, const struct ip_family *f)
{
    const struct hop *hop = s->route;
    u32 mtu = hop_mtu(hop);
    if (ip_hops(s, f) <= 1) {
        ip_refuse(s, ICMP_ERR_TTL, 0, DROP_IP_TTL);
        return false;
    }
    if (!skb_own(s)) {
        skb_drop(s, DROP_NO_MEMORY);
        return false;
    }
    bool fits = s->len - skb_at(s, s->l3) <= mtu || !is_too_big(s, mtu);
    if (!fits && ip_is_whole(s, f)) {
        ip_refuse(s, ICMP_ERR_TOO_BIG, mtu, DROP_IP_TOO_BIG);
        return false;
    }
    if (hop->dev == in)
        redirect_send(in, s, f);
    if (ip_has_options(s, f)) /* an error has quoted it as it came */
        options_forward(s, hop, f);
    if (fits)
        return true;
    ip_hop_dec(s, f);
    send_first(q, *n, f);
    *n = 0;
    send_cut(s, mtu, f);
    return false;
}

static inline __attribute__((always_inline)) void forward(struct netdev *in, struct skbq *q, const struct ip_family *f)
{
    struct net *net = dev_net(in);
    const struct hop *last = NULL;
    u32 n = 0, mtu = 0; /* of the last hop; 0 where it leads back, which wants a look, too */

    u32 packets = unlikely(skbq_probe(q)) ? 0 : q->n;
    if (f == &ip_v4)
        count_n(net, ip_forw_datagrams, packets);
    else
        count_n(net, ip6_forw_datagrams, packets);
    for (u32 i = 0; i < q->n; i++) {
        struct skb *s = q->p[i];
        const struct hop *hop = s->route;
        if (hop != last) {
            last = hop;
            mtu = hop->dev == in ? 0 : hop_mtu(hop);
        }
        bool usual = ip_hops(s, f) > 1 && !skb_shared(s) && !ip_has_options(s, f) && s->len - skb_at(s, s->l3) <= mtu;
        if (unlikely(!usual)) {
            u32 before = n; /* whose address is given away: not the count that the loop works with */
            bool on = goes_on(in, q, &before, s, f);
            n = before;
            if (!on)
                continue;
        }
        ip_hop_dec(s, f);
        q->p[n++] = s;
    }
    q->n = n;
    if (n)
        ip_out(q, f);
}

/* A body for each family: in one function the compiler would make one body of both, which asks again and again. */
static NOINLINE void forward4(struct netdev *in, struct skbq *q)
{
    forward(in, q, &ip_v4);
}

static NOINLINE void forward6(struct netdev *in, struct skbq *q)
{
    forward(in, q, &ip_v6);
}

void ip_forward(struct netdev *in, struct skbq *q, const struct ip_family *f)
{
    if (f == &ip_v4)
        forward4(in, q);
    else
        forward6(in, q);
}

/* For this machine: groups, fragments, and whose protocol it is. Linux: ip_local_deliver.
 *
 * Runs of the same protocol go up as a burst, in their order; a datagram that a fragment completes goes up in that
 * fragment's place. What nobody takes is refused with an error to its sender. A probe ends here, delivered or refused,
 * and waits nowhere.
 */
#include "lib/stats.h"
#include "net/dev/rx.h"
#include "net/ip/ext.h"
#include "net/ip/ip.h"
#include "net/ip/ip_dev.h"
#include "net/ip/mcast.h"
#include "net/ip/reasm.h"
#include "net/skb/drop.h"
#include "net/skb/parse.h"
#include "net/skb/probe.h"

COUNTER(ip_in_delivers, "Ip.InDelivers", "packets that a protocol here was given");
COUNTER(ip_in_unknown, "Ip.InUnknownProtos", "packets of a protocol that nobody here takes");
COUNTER(ip6_in_delivers, "Ip6.InDelivers", "packets that a protocol here was given");
COUNTER(ip6_in_unknown, "Ip6.InUnknownProtos", "packets of a protocol that nobody here takes");

static const struct l4 *find(u8 proto, const struct ip_family *f)
{
    SET_FOREACH(l4, const struct l4, p)
        if (p->proto == proto && (!p->only || p->only == f->af))
            return p;
    return NULL;
}

/* Those who look on are shown all of them; what a protocol does not take is theirs. */
static bool show(struct netdev *dev, struct skb *s, const struct ip_family *f)
{
    bool taken = false;
    SET_FOREACH(ip_look, const struct ip_look, l)
        taken |= l->rx(dev, s, f);
    return taken;
}

/* Nobody takes its protocol; of IPv6 "none" is one that nobody has to (RFC 8200 4.7). */
static void refuse(struct skb *s, const struct ip_family *f)
{
    if (f == &ip_v6 && s->l4_proto == IP_NONE)
        skb_drop(s, DROP_IP_NO_PROTO);
    else
        ip_refuse(s, ICMP_ERR_PROTOCOL, f == &ip_v4 ? 0 : ext_named_at(s), DROP_IP_NO_PROTO);
}

static void refuse_run(struct netdev *dev, struct skbq *run, const struct ip_family *f)
{
    for (u32 i = 0; i < run->n; i++) {
        if (show(dev, run->p[i], f)) {
            skb_free(run->p[i]);
            continue;
        }
        if (f == &ip_v4)
            count(dev_net(dev), ip_in_unknown);
        else
            count(dev_net(dev), ip6_in_unknown);
        refuse(run->p[i], f);
    }
}

static void hand_on(struct netdev *dev, u8 proto, struct skbq *run, const struct ip_family *f)
{
    const struct l4 *p = find(proto, f);
    struct skb *probe = skbq_probe(run);
    if (!run->n)
        return;
    if (probe) {
        probe_note(probe, "ip_local", "protocol %u: %s", proto, p ? "taken here" : "nobody here takes it");
        if (p)
            probe_delivered(probe, dev->port.name);
        else
            refuse(probe, f);
        run->n = 0;
        return;
    }
    if (!p) {
        refuse_run(dev, run, f);
    } else {
        if (f == &ip_v4)
            count_n(dev_net(dev), ip_in_delivers, run->n);
        else
            count_n(dev_net(dev), ip6_in_delivers, run->n);
        for (u32 i = 0; i < run->n; i++)
            show(dev, run->p[i], f);
        p->rx(dev, run, f);
    }
    run->n = 0;
}

/* DROP_NOT: it can go up. */
static enum drop_reason check(struct netdev *dev, struct skb *s, const struct ip_family *f)
{
    struct ipaddr dst = ip_addr(ip_dst_key(s, f), f);
    if (addr_is_multicast(&dst) && !mcast_has(dev, &dst))
        return DROP_IP_NOT_JOINED;
    enum drop_reason why = s->has & SKB_PARSED ? DROP_NOT : skb_parse(s);
    if (why)
        return why;
    return s->has & (SKB_L4 | SKB_FRAGMENT) ? DROP_NOT : DROP_L4_HEADER;
}

/* False: s was consumed. A whole packet's fragment header is forgotten. */
static bool pass_exts(struct skb *s, bool *fragment)
{
    if (!ext_rx(s, fragment))
        return false;
    if (!*fragment)
        s->has &= ~SKB_FRAGMENT;
    return true;
}

/* s, or the datagram that it completes, fit to go up; NULL: it was consumed. */
static struct skb *ready(struct netdev *dev, struct skb *s, const struct ip_family *f)
{
    enum drop_reason why = check(dev, s, f);
    bool fragment = s->has & SKB_FRAGMENT;
    if (f == &ip_v6 && why != DROP_IP_NOT_JOINED && ext_has(s) && !pass_exts(s, &fragment))
        return NULL;
    if (!why && (s->flags & SKB_PROBE) && fragment) {
        probe_note(s, "reasm", "a fragment: it would wait for the others");
        probe_delivered(s, dev->port.name);
        return NULL;
    }
    if (!why && fragment) {
        s = reasm_rx(dev, s, f);
        why = s ? check(dev, s, f) : DROP_NOT;
        if (s && f == &ip_v6 && ext_has(s) && !pass_exts(s, &fragment))
            return NULL;
    }
    if (!why)
        return s;
    skb_drop(s, why);
    return NULL;
}

void ip_local(struct netdev *dev, struct skbq *q, const struct ip_family *f)
{
    struct skbq run;
    u8 proto = 0;

    run.n = 0;

    for (u32 i = 0; i < q->n; i++) {
        struct skb *s = ready(dev, q->p[i], f);
        if (!s)
            continue;
        if (run.n && s->l4_proto != proto)
            hand_on(dev, proto, &run, f);
        proto = s->l4_proto;
        skbq_add(&run, s);
    }
    q->n = 0;
    hand_on(dev, proto, &run, f);
}

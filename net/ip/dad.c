/* Duplicate addresses (contract: dad.h). Linux: addrconf_dad_*, arp_notify.
 *
 * What is to be sent for an address, and when, stands in it: probes first, then announcements. A probe carries a number
 * that only we know, so that one of our own that comes back is no other station's (RFC 7527).
 */
#include "net/ip/dad.h"

#include "lib/conf.h"
#include "lib/rand.h"
#include "lib/sysctl.h"
#include "net/ip/addr.h"
#include "net/ip/ip_dev.h"
#include "net/ip/mcast_report.h"
#include "net/ip/ndp.h"
#include "net/ip/tend.h"
#include "net/wire/ndp.h"

#define ANNOUNCE_EVERY (2 * NS_PER_S) /* RFC 5227 1.1: ANNOUNCE_INTERVAL, ANNOUNCE_NUM 2 */

static const struct ip_family *family_of(const struct ifaddr *a)
{
    return ip_family_of(&a->addr);
}

static const struct ip_conf *conf_of(const struct ifaddr *a)
{
    return ip_conf(a->on->dev, family_of(a));
}

static bool asks(const struct ifaddr *a)
{
    const struct ip_conf *c = conf_of(a);
    return family_of(a)->probe && !(a->flags & IFA_NODAD) && c->dad_transmits > 0 && c->accept_dad > 0;
}

void dad_begin(struct ifaddr *a)
{
    struct netdev *dev = a->on->dev;
    u32 flags = a->flags & ~(IFA_TENTATIVE | IFA_OPTIMISTIC | IFA_DADFAILED);

    a->probes = a->announces = 0;
    a->ask_at = clock_ns();
    if (dev->type == DEV_TYPE_LOOPBACK) {
        store_relaxed(&a->flags, flags);
        return;
    }
    a->announces = family_of(a) == &ip_v4 ? 2 : 1;
    if (asks(a)) {
        a->probes = (u8)conf_of(a)->dad_transmits;
        rand_bytes(a->nonce, sizeof(a->nonce));
        flags |= IFA_TENTATIVE;
        if (conf_of(a)->optimistic_dad)
            flags |= IFA_OPTIMISTIC;
        else /* RFC 4862 5.4.2: those of a link that comes up do not ask all at once */
            a->ask_at += rand_below(NS_PER_S);
    }
    store_relaxed(&a->flags, flags);
    tend_soon(dev_net(dev));
}

void dad_announce(struct netdev *dev)
{
    conf_assert();
    for (enum ip_index f = 0; f < IP_FAMILIES; f++)
        for (struct ifaddr *a = ifaddr_first(dev, ip_family(f)); a; a = ifaddr_next(a))
            if (!(a->flags & IFA_TENTATIVE) && dev->type != DEV_TYPE_LOOPBACK) {
                a->announces = f == IP_V4 ? 2 : 1;
                a->ask_at = clock_ns();
            }
    tend_soon(dev_net(dev));
}

/* ---- by time ---- */

static void step(struct ifaddr *a, u64 now)
{
    if (a->probes) {
        a->probes--;
        family_of(a)->probe(a);
        a->ask_at = now + a->on->neigh[family_of(a)->index].retrans;
        return;
    }
    if (a->flags & IFA_TENTATIVE) {
        store_relaxed(&a->flags, a->flags & ~(IFA_TENTATIVE | IFA_OPTIMISTIC));
        ifaddr_tell(a);
        if (addr_is_link_local(&a->addr)) /* RFC 3590 4: what was told from nobody counts for little */
            mcast_report_up(a->on->dev, IP_V6);
    }
    if (a->announces) {
        a->announces--;
        family_of(a)->announce(a);
        a->ask_at = now + ANNOUNCE_EVERY;
    }
}

static bool has_to_ask(const struct ifaddr *a)
{
    return a->probes || a->announces || (a->flags & (IFA_TENTATIVE | IFA_DADFAILED)) == IFA_TENTATIVE;
}

static u64 dad_due(struct net *net, u64 now)
{
    u64 next = TEND_NEVER;
    for (struct netdev *dev = NULL; (dev = netdev_next(net, dev));)
        for (enum ip_index f = 0; (dev->flags & DEV_UP) && f < IP_FAMILIES; f++)
            for (struct ifaddr *a = ifaddr_first(dev, ip_family(f)); a; a = ifaddr_next(a)) {
                if (has_to_ask(a) && a->ask_at <= now)
                    step(a, now);
                if (has_to_ask(a))
                    next = min(next, a->ask_at);
            }
    return next;
}

TEND(dad, dad_due);

/* ---- another has it ---- */

static void another_has(struct netdev *dev, struct skb *s)
{
    const struct ndp_msg *m = skb_need(s, skb_at(s, s->l4), sizeof(*m)); /* it was there in softirq */
    struct ifaddr *a = m ? ifaddr_find(dev, &m->target, -1) : NULL;
    if (!a || (a->flags & (IFA_TENTATIVE | IFA_DADFAILED)) != IFA_TENTATIVE)
        return; /* gone, settled or failed meanwhile */
    log_write(LOG_ERR, "%s: %pI is another station's: it is not used", dev->port.name, &a->addr);
    a->probes = a->announces = 0;
    if (a->flags & IFA_PERMANENT)
        ifaddr_fail(a);
    else
        ifaddr_del(dev, a);
}

void dad_heard(struct netdev *dev, struct skb *s)
{
    tend_skb(dev, s, another_has);
}

#define CONF6(field) SYSCTL_PER(struct ip_conf, field), .place = ip_conf6_place, .list = ip_conf_list

SYSCTL(accept_dad, .name = "net.ipv6.conf.*.accept_dad", CONF6(accept_dad), .high = 1, .def = 1,
       .help = "1: ask whether another station has an address of ours");
SYSCTL(dad_transmits, .name = "net.ipv6.conf.*.dad_transmits", CONF6(dad_transmits), .high = 255, .def = 1,
       .help = "how often it is asked for; 0: never");
SYSCTL(optimistic_dad, .name = "net.ipv6.conf.*.optimistic_dad", CONF6(optimistic_dad), .high = 1, .def = 1,
       .help = "1: an address is used while it is asked for");

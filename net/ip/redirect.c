/* Redirects that are sent (contract: redirect.h). Linux: ip_rt_send_redirect, ndisc_send_redirect.
 *
 * A packet that leaves where it came in, and whose sender is on that link itself, could have gone to its next hop
 * directly. Its sender hears of it up to redirect_number times, each time after twice as long a pause, and then no more
 * until it has been silent for redirect_silence. Senders share buckets by their keyed hash, so that nobody's packets
 * make memory.
 */
#include "net/ip/redirect.h"

#include "lib/hash.h"
#include "lib/rand.h"
#include "lib/sysctl.h"
#include "net/ip/header.h"
#include "net/ip/icmp.h"
#include "net/ip/ifaddr.h"
#include "net/ip/ip_dev.h"
#include "net/ip/rule.h"
#include "net/skb/probe.h"

#define SENDERS 1024u /* buckets */

struct redirect_net {
    u64 load, silence; /* ns: the first pause; after which it begins anew */
    u32 number;
    struct hash_key key;
    struct spinlock lock; /* the buckets */
    struct {
        u64 last; /* ns */
        u32 sent;
    } sender[SENDERS];
};

static int start(struct net *net, void *slot)
{
    struct redirect_net *rn = slot;
    rand_bytes(&rn->key, sizeof(rn->key));
    return 0;
}

NET_SLOT(redirect_net, struct redirect_net, start, NULL);

SYSCTL(redirect_load, .name = "net.ipv4.route.redirect_load", SYSCTL_NET(redirect_net, struct redirect_net, load),
       .unit = NS_PER_MS, .def = 20, .help = "ms between the first redirect to a sender and the second (IPv6, too)");
SYSCTL(redirect_number, .name = "net.ipv4.route.redirect_number", SYSCTL_NET(redirect_net, struct redirect_net, number),
       .def = 9, .high = 30, .help = "redirects to a sender that does not heed them (IPv6, too)");
SYSCTL(redirect_silence, .name = "net.ipv4.route.redirect_silence",
       SYSCTL_NET(redirect_net, struct redirect_net, silence), .unit = NS_PER_MS, .def = 20480,
       .help = "ms after which redirects to a sender begin anew (IPv6, too)");

/* Is it time for one more to that sender? */
static bool may_send(struct net *net, const struct ipaddr *to, u64 now)
{
    struct redirect_net *rn = NET_GET(net, struct redirect_net, redirect_net);
    u32 i = siphash13_fixed(&rn->key, to, sizeof(*to)) % SENDERS;
    bool may = false;
    spin_lock(&rn->lock);
    u64 *last = &rn->sender[i].last;
    u32 *sent = &rn->sender[i].sent;
    if (*last && now > *last + rn->silence)
        *sent = 0;
    if (*sent >= rn->number) {
        *last = now; /* it goes on, and so does the silence */
    } else if (!*sent || now > *last + (rn->load << *sent)) {
        may = true;
        *last = now;
        ++*sent;
    }
    spin_unlock(&rn->lock);
    return may;
}

static bool allowed(const struct netdev *dev, const struct ip_family *f, const struct ipaddr *src,
                    const struct ipaddr *to, const struct ipaddr *dst)
{
    const struct ip_conf *c = ip_conf(dev, f), *all = ip_conf_all(dev, f);
    if (f == &ip_v4)
        return (c->send_redirects || all->send_redirects) &&
               (c->shared_media || all->shared_media || ifaddr_same_net(dev, src, to));
    return addr_is_link_local(to) || addr_eq(to, dst); /* RFC 4861 8.2: a router by its link-local address */
}

/* Does it stand on that link itself? */
static bool is_neighbour(struct net *net, const struct netdev *dev, const struct ipaddr *a, const struct ip_family *f)
{
    struct fib_flow flow = {.src = addr_fill(a, 0, false), .dst = *a};
    struct fib_result r;
    if (addr_is_link_local(a) && f == &ip_v6)
        return true;
    if (fib_lookup(net, f->index, &flow, &r) || r.route->key.type != ROUTE_UNICAST)
        return false;
    for (u32 i = 0; i < r.route->hops; i++)
        if (r.route->hop[i].dev == dev && !r.route->hop[i].has_via)
            return true;
    return false;
}

void redirect_send(struct netdev *in, struct skb *s, const struct ip_family *f)
{
    const struct hop *hop = s->route;
    struct net *net = dev_net(in);
    struct ipaddr src = ip_addr(ip_src_key(s, f), f), dst = ip_addr(ip_dst_key(s, f), f);
    struct ipaddr to = hop->has_via ? hop->via : dst;

    if (ip_family_of(&to) != f || !allowed(in, f, &src, &to, &dst) || !icmp_may_tell(s, f, ICMP_ERR_REDIRECT) ||
        !is_neighbour(net, in, &src, f))
        return;
    if (unlikely(s->flags & SKB_PROBE))
        probe_note(s, "redirect", "its sender is told that %pI is nearer", &to);
    else if (may_send(net, &src, clock_ns()))
        f->redirect(in, s, &to);
}

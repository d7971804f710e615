/* Endpoints: made, ended, sent through; groups (contract: sock.h).
 *
 * What an endpoint is never changes while others can find it, so readers need no lock. It ends by leaving the table,
 * waiting for those who found it before, and only then giving its memory back. A datagram that is sent is copied into
 * an skb and is the protocol's from there on: nothing waits, nothing is tried again.
 */
#include "net/sock/sock.h"

#include "lib/conf.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/mcast.h"
#include "net/skb/drop.h"
#include "net/skb/pool.h"
#include "net/sock/sock_port.h"

#define LONGEST 65535u

static const struct sock_proto *find_proto(enum sock_kind kind)
{
    SET_FOREACH(sock_proto, const struct sock_proto, p)
        if (p->kind == kind)
            return p;
    return NULL;
}

static u32 power_of_two(u32 n)
{
    u32 size = 4096;
    while (size < n)
        size *= 2;
    return size;
}

/* Nobody can be bound to what is not ours; a group or a broadcast address may be, to hear it alone. */
static bool is_ours(struct net *net, const struct ipaddr *a)
{
    rcu_enter();
    bool ours = addr_is_any(a) || addr_is_multicast(a) || addr_is_limited_broadcast(a) || ip_is_local(net, a);
    rcu_exit();
    return ours;
}

int sock_open(struct net *net, const struct sock_how *how, struct sock **made)
{
    const struct sock_proto *proto = find_proto(how->kind);
    int err = -ENOMEM;

    if (!proto)
        return -EOPNOTSUPP;
    if (!is_ours(net, &how->local))
        return -EADDRNOTAVAIL;
    struct sock *k = mem_zalloc(sizeof(*k));
    if (!k)
        return -ENOMEM;
    *k = (struct sock){.net = net, .proto = proto, .how = *how};
    k->size = power_of_two(min(how->room ? how->room : SOCK_ROOM, SOCK_ROOM_MAX));
    waitq_init(&k->readers);
    if (!how->rx && !(k->ring = mem_alloc(k->size)))
        goto free_sock;
    err = port_take(k);
    if (err)
        goto free_ring;
    *made = k;
    return 0;

free_ring:
    mem_free(k->ring);
free_sock:
    mem_free(k);
    return err;
}

void sock_close(struct sock *k)
{
    if (!k)
        return;
    while (k->groups)
        sock_leave(k, k->group[0].index, &k->group[0].group);
    port_leave(k);
    rcu_barrier(); /* who found it before is done with it */
    mem_free(k->ring);
    mem_free(k);
}

/* ---- groups ---- */

int sock_join(struct sock *k, u32 index, const struct ipaddr *group)
{
    int err = -ENODEV;
    if (!addr_is_multicast(group))
        return -EINVAL;
    conf_enter();
    struct netdev *dev = netdev_at(k->net, index);
    if (dev)
        err = k->groups < SOCK_GROUPS ? mcast_join(dev, group) : -ENOBUFS;
    if (!err)
        k->group[k->groups++] = (struct sock_group){*group, index};
    conf_leave();
    return err;
}

int sock_leave(struct sock *k, u32 index, const struct ipaddr *group)
{
    int err = -EADDRNOTAVAIL;
    conf_enter();
    for (u32 i = 0; i < k->groups; i++) {
        if (k->group[i].index != index || !addr_eq(&k->group[i].group, group))
            continue;
        struct netdev *dev = netdev_at(k->net, index);
        if (dev) /* with the device its groups went, too */
            mcast_leave(dev, &k->group[i].group);
        k->group[i] = k->group[--k->groups];
        err = 0;
        break;
    }
    conf_leave();
    return err;
}

/* ---- out ---- */

/* Fills in what the endpoint says where the call does not. */
static int address(struct sock *k, const struct sock_to *to, struct ip_send *how, u16 *port)
{
    u32 index = to->index ? to->index : k->how.index;
    bool named = !addr_is_any(&to->addr);
    *how = (struct ip_send){.src = addr_is_any(&to->src) ? k->how.local : to->src,
                            .dst = named ? to->addr : k->how.remote,
                            .dev = index ? netdev_at(k->net, index) : NULL,
                            .mark = to->mark,
                            .tos = to->tos,
                            .hops = to->hops,
                            .whole = to->whole,
                            .unnamed = to->unnamed};
    *port = named ? to->port : k->how.rport;
    if (addr_is_any(&how->dst))
        return -EDESTADDRREQ;
    if (index && !how->dev)
        return -ENODEV;
    if (k->how.families && !(k->how.families >> ip_family_of(&how->dst)->index & 1))
        return -EOPNOTSUPP;
    if (addr_is_any(&how->src) || addr_is_multicast(&how->src) || addr_is_limited_broadcast(&how->src))
        how->src = addr_fill(&how->dst, 0, false);
    else if (ipaddr_is4(&how->src) != ipaddr_is4(&how->dst))
        return -EINVAL;
    if (!how->hops && addr_is_multicast(&how->dst))
        how->hops = 1; /* RFC 1112 6.1 */
    return 0;
}

int sock_source(struct sock *k, const struct sock_to *to, struct ipaddr *src, u32 *mtu)
{
    struct ip_send how;
    struct fib_result r = {0};
    u16 port;

    softirq_off();
    int err = address(k, to, &how, &port);
    if (!err)
        err = ip_find_way(k->net, &how, &r, src);
    if (!err)
        *mtu = ip_way_mtu(k->net, &r, how.dev);
    softirq_on();
    return err;
}

int sock_send(struct sock *k, const struct sock_to *to, const void *p, size_t n)
{
    struct ip_send how;
    u16 port;

    int told = load_relaxed(&k->error);
    if (told && atomic_cas(&k->error, told, 0))
        return told;
    if (n > LONGEST)
        return -EMSGSIZE;
    softirq_off();
    int err = address(k, to, &how, &port);
    struct skb *s = err ? NULL : skb_alloc(skb_pool_of(k->net));
    if (!err && !s)
        err = -ENOBUFS;
    if (!err && skb_append(s, p, (u32)n)) {
        skb_free(s);
        err = -ENOBUFS;
    }
    if (!err)
        err = k->proto->tx(k, s, &how, port);
    softirq_on();
    return err;
}

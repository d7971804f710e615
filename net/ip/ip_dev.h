/* What IP knows of a device: its switches by Linux's names, and its addresses (net/ip/ifaddr.h).
 *
 *     struct ip_dev *id = dev->ip;              there from netdev_add to the last netdev_put
 *     id->conf[IP_V4].forwarding                net.ipv4.conf.eth0.forwarding
 *
 * A device begins with what `default` says at that moment; `all` joins in where ip_conf_* says how.
 */
#ifndef NET_IP_IP_DEV_H
#define NET_IP_IP_DEV_H

#include "net/dev/netdev.h"
#include "net/ip/bucket.h"
#include "net/ip/family.h"

struct ifaddr;
struct mcast;
struct neigh_proxy;

struct slaac_conf { /* net/ip/slaac.h; times in s */
    i32 accept_ra, defrtr, pinfo, take_mtu, min_hop_limit, route_min_bits, route_max_bits;
    i32 autoconf, addr_gen_mode, max_addresses;
    i32 use_tempaddr, temp_valid, temp_preferred;
    i32 solicitations, interval, max_interval, delay;
    i32 mtu, hops; /* as was heard; 0: nothing was */
};

struct ip_conf { /* one family's switches of one device; those that it does not have stay 0 */
    i32 forwarding;
    i32 rp_filter; /* 0, 1 strict, 2 loose */
    i32 accept_local;
    i32 route_localnet;
    i32 log_martians;
    i32 send_redirects, accept_redirects, secure_redirects, shared_media;
    i32 ignore_linkdown; /* hops without a carrier are taken by nobody */
    i32 accept_source_route;
    i32 arp_ignore, arp_announce, arp_notify, arp_accept, proxy_neigh, proxy_pvlan, drop_gratuitous;
    i32 promote_secondaries;
    i32 disabled;      /* disable_ipv6 */
    i32 hop_limit;     /* of what this machine sends */
    i32 group_version; /* of IGMP or MLD; 0: as routers have it */
    i32 accept_dad, dad_transmits, optimistic_dad;
    struct slaac_conf slaac;
};

struct mcast_query { /* net/ip/mcast.h: of one family of a device, what was heard of queriers */
    u64 until[3];    /* ns: versions 1 and 2 are spoken until then; [0] is unused */
    u64 general_at;  /* ns: when a general query is to be answered; 0: none is */
};

struct neigh_conf { /* net.ipv4.neigh.X, net.ipv6.neigh.X: times in ns */
    u64 base_reachable, delay_first_probe, retrans, gc_stale, locktime;
    u32 ucast_solicit, mcast_solicit, unres_qlen_bytes;
};

struct slaac_limit { /* how many advertisements are heeded: net/ip/slaac.c */
    struct spinlock lock;
    struct bucket strangers, routers; /* routers: who has answered as one */
};

struct ip_dev {
    struct netdev *dev;
    struct ip_conf conf[IP_FAMILIES];
    struct neigh_conf neigh[IP_FAMILIES];
    struct ifaddr *addrs[IP_FAMILIES];        /* net/ip/ifaddr.h */
    struct neigh_proxy *proxies[IP_FAMILIES]; /* net/ip/neigh_proxy.h */
    struct mcast *groups;                     /* net/ip/mcast.h */
    struct mcast_query query[IP_FAMILIES];
    struct mcast_left *left; /* likewise: groups that were left, left_n of them */
    u32 left_n;
    bool in_all_routers; /* ff02::2 is joined: net/ip/ra.c */
    struct ra *ra;       /* net/ip/ra.h; NULL: it advertises nothing */
    struct slaac *slaac; /* net/ip/slaac.h; NULL: nothing was heard yet */
    struct slaac_limit limit;
    bool had_carrier; /* when its routes were last told: net/ip/fib_dev.c */
    u64 defended;     /* ns: when it was last told that another uses an address of ours */
};

struct ip_net {
    struct ip_conf all[IP_FAMILIES], first[IP_FAMILIES]; /* first: "default" */
    struct neigh_conf neigh[IP_FAMILIES];                /* "default" */
    struct netdev *lo;                                   /* what is for this machine itself; NULL: not there yet */
    u8 ttl;                                              /* net.ipv4.ip_default_ttl */
};
NET_SLOT_USE(ip_net);

/* For SYSCTL: .place and .list of net.ipv{4,6}.conf.*; star is "all", "default" or a device. */
void *ip_conf4_place(struct net *net, const char *star);
void *ip_conf6_place(struct net *net, const char *star);
void ip_conf_list(struct net *net, void (*offer)(void *arg, const char *name), void *arg);

int ip_dev_begin(struct netdev *dev);
void ip_dev_end(struct netdev *dev);

static inline struct ip_net *ip_net(struct net *net)
{
    return NET_GET(net, struct ip_net, ip_net);
}

static inline const struct ip_conf *ip_conf(const struct netdev *dev, const struct ip_family *f)
{
    return &dev->ip->conf[ip_index(f)];
}

static inline const struct ip_conf *ip_conf_all(const struct netdev *dev, const struct ip_family *f)
{
    return &ip_net(dev_net(dev))->all[ip_index(f)];
}

/* Is a way by a device without a carrier none? */
static inline bool ip_ignores_linkdown(const struct netdev *dev, const struct ip_family *f)
{
    return dev->ip && (ip_conf(dev, f)->ignore_linkdown || ip_conf_all(dev, f)->ignore_linkdown);
}

static inline i32 ip_rp_filter(const struct netdev *dev) /* the stricter of the two */
{
    return max(ip_conf(dev, &ip_v4)->rp_filter, ip_conf_all(dev, &ip_v4)->rp_filter);
}

#endif

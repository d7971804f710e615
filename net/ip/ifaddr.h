/* Addresses on interfaces, and the routes that come with them.
 *
 *     struct ifaddr want = {.addr = 10.1.0.1, .bits = 24, ...};
 *     err = ifaddr_add(dev, &want);              in dev->ip->addrs[], in the table of local routes, its net in main
 *     err = ifaddr_del(dev, &a->addr, bits);     and out again
 *
 * An IPv4 address in the net of an earlier one is that one's secondary: with it it goes, or takes its place where
 * promote_secondaries says so. Routes are there while the device is up. Changed by tasks under conf_lock.
 */
#ifndef NET_IP_IFADDR_H
#define NET_IP_IFADDR_H

#include "lib/notify.h"
#include "net/ip/ip_dev.h"

/* flags: Linux's numbers */
#define IFA_SECONDARY     0x01u /* of IPv6: temporary */
#define IFA_NODAD         0x02u
#define IFA_OPTIMISTIC    0x04u
#define IFA_DADFAILED     0x08u
#define IFA_DEPRECATED    0x20u
#define IFA_TENTATIVE     0x40u
#define IFA_PERMANENT     0x80u
#define IFA_MANAGETEMP    0x100u
#define IFA_NOPREFIXROUTE 0x200u

#define IFA_FOREVER (~0ull)

/* who made it: Linux's numbers */
#define IFAPROT_LO 1u /* 127.0.0.1, ::1 */
#define IFAPROT_RA 2u
#define IFAPROT_LL 3u /* fe80:: and the station's MAC address */

struct ifaddr {
    struct ifaddr *next; /* of its family on its device */
    struct rcu_head rcu;
    struct ip_dev *on;
    struct ipaddr addr, peer; /* peer: the address itself where there is none */
    struct ipaddr broadcast;  /* any: none */
    u8 bits;                  /* of the net: peer's */
    u8 scope;
    u8 proto; /* who made it: IFAPROT_*; 0: whoever configures this machine */
    u32 flags;
    u32 metric;                       /* of its net's route; 0: what the family has */
    u64 valid_until, preferred_until; /* ns of clock_ns; IFA_FOREVER */
    u64 created, updated;             /* ns */
    u64 ask_at;                       /* ns: net/ip/dad.h, as those that follow: when the next of them is due */
    u8 probes, announces;             /* how many are to be sent */
    bool anycast;                     /* by it dev has the address of all routers of its net: net/ip/anycast.h */
    u8 nonce[6];                      /* in probes */
    u64 preferred_most;               /* ns: of a temporary one, whatever is advertised (RFC 8981 3.4) */
    char label[PORT_NAME];
};

static inline struct ifaddr *ifaddr_first(const struct netdev *dev, const struct ip_family *f) /* readers */
{
    return load_acquire(&dev->ip->addrs[f->index]);
}

static inline struct ifaddr *ifaddr_next(const struct ifaddr *a)
{
    return load_acquire(&a->next);
}

static inline bool ifaddr_usable(const struct ifaddr *a) /* may it be a source, and does it answer? */
{
    u32 flags = load_relaxed(&a->flags);
    return !(flags & IFA_DADFAILED) && (!(flags & IFA_TENTATIVE) || (flags & IFA_OPTIMISTIC));
}

/* A copy of *want; -EEXIST, -EINVAL, -ENOMEM; -EDOM: the first address of its net has another scope. */
int ifaddr_add(struct netdev *dev, const struct ifaddr *want);
/* Lifetimes, flags and metric as *want says; -ENOENT: there is no such address. */
int ifaddr_change(struct netdev *dev, const struct ifaddr *want);
int ifaddr_del(struct netdev *dev, struct ifaddr *a);
void ifaddr_fail(struct ifaddr *a);       /* another station has it: it stays, but its routes go */
void ifaddr_tell(const struct ifaddr *a); /* its flags or lifetimes are others now: the feed is told */
struct ifaddr *ifaddr_find(const struct netdev *dev, const struct ipaddr *addr,
                           int bits); /* bits -1: whatever; readers */

/* Which of dev's addresses speaks to dst, within a scope of `scope` or nearer; NULL: none. Readers. */
const struct ifaddr *ifaddr_source(const struct netdev *dev, const struct ip_family *f, const struct ipaddr *dst,
                                   u8 scope);
const struct ifaddr *ifaddr_link_local(const struct netdev *dev);  /* fe80::, that can be used; NULL: none. Readers. */
bool ifaddr_has(const struct netdev *dev, const struct ipaddr *a); /* is it dev's own? readers */

/* Are both in the net of one of dev's addresses? readers */
bool ifaddr_same_net(const struct netdev *dev, const struct ipaddr *a, const struct ipaddr *b);

/* ---- with the device: net/ip/watch.c ---- */
void ifaddr_dev_up(struct netdev *dev);
void ifaddr_dev_down(struct netdev *dev);
void ifaddr_dev_end(struct netdev *dev);

enum ifaddr_event { IFADDR_EVENT_NEW, IFADDR_EVENT_GONE };
struct ifaddr_notice { /* the data of an event, whose type is enum ifaddr_event */
    u32 index;
    struct ifaddr a; /* pointers in it mean nothing */
};
struct notify_feed *ifaddr_feed(struct net *net);

#endif

/* Tables of routes: prefixes, and what is done under each. Linux: the FIB.
 *
 *     struct fib_table *t = fib_table(net, IP_V4, TABLE_MAIN, true);
 *     err = fib_add(t, &prefix, &want, FIB_NEW);             fib_del(t, &prefix, &match)
 *
 *     u32 value = fib_find(t, key)  -> route_at(net, value)  -> the first route there that fits the packet
 *
 * Under a prefix may stand several routes, of different TOS and metric; one with no fitting route is as if it were not
 * there, and the next shorter is asked. Readers, in softirq context or between rcu_enter and rcu_exit, see each prefix
 * as it was before or after a change. Changes are made by tasks under conf_lock.
 */
#ifndef NET_IP_FIB_H
#define NET_IP_FIB_H

#include "lib/byteorder.h"
#include "lib/lpm.h"
#include "lib/net.h"
#include "lib/notify.h"
#include "net/ip/route.h"

#define TABLE_DEFAULT 253u
#define TABLE_MAIN    254u
#define TABLE_LOCAL   255u

struct fib_table {
    struct fib_table *next; /* by id */
    struct net *net;
    const struct ip_family *family;
    u32 id;
    u64 prefixes, routes;
    u64 version;          /* another one after each change: what was found before may no longer be so */
    u64 wide;             /* prefixes shorter than an address; of the table of local ones */
    struct spinlock lock; /* who changes lpm, or asks it what only a writer may */
    struct lpm lpm;
};

/* The table; NULL: there is none, and it was not wished, or there is no memory. Once made it stays. Under conf_lock, or
 * while the net is made. */
struct fib_table *fib_table(struct net *net, enum ip_index family, u32 id, bool make);

enum fib_how {             /* ip route: */
               FIB_NEW,    /* add: -EEXIST where one of that TOS and metric stands */
               FIB_APPEND, /* append: behind those of that TOS and metric; -EEXIST where the same stands */
               FIB_PREPEND,
               FIB_REPLACE, /* replace: in the place of the first of that TOS and metric, or new */
               FIB_CHANGE,  /* change: -ENOENT where there is none */
               FIB_JOIN,    /* append of IPv6: with the hops of the first of that metric where both have gateways */
};
int fib_add(struct fib_table *t, const struct ipprefix *p, const struct route_want *w, enum fib_how how);

struct fib_match { /* which one is meant; of each: whatever, where it is not said */
    bool has_tos, has_type, has_scope, has_proto, has_metric, has_prefsrc;
    bool one; /* `hop` is one that was named: of IPv4 the route's first, of IPv6 any, which alone is taken out */
    struct route_key key;  /* nhid 0: whatever */
    u16 hops;              /* 0: any */
    const struct hop *hop; /* dev NULL, via any: not said */
};
int fib_del(struct fib_table *t, const struct ipprefix *p, const struct fib_match *m); /* the first; -ESRCH */

/* ---- readers ---- */

/* What stands under the longest prefix shorter than `below` bits that covers the key (of bits + 1: any); 0: nothing. */
u32 fib_find_shorter(struct fib_table *t, const u8 *key, unsigned below);
/* The first route that fits the TOS and has a live hop, or needs none; NULL: none. *bits: of its prefix. */
struct route *fib_find(struct fib_table *t, const u8 *key, u8 tos, unsigned *bits);

/* Calls fn for each route of each prefix in the order of addresses, under conf_lock; fn may delete what it is given.
 * Not 0 ends it, and is returned. */
int fib_walk(struct fib_table *t, int (*fn)(struct fib_table *t, const struct ipprefix *p, struct route *r, void *arg),
             void *arg);
struct fib_table *fib_next(struct net *net, enum ip_index family, const struct fib_table *last); /* by id */

/* For who may wait between two routes: some of them at a time, each counted. Of IPv4 in the order of addresses, of IPv6
 * prefixes stand behind those within them, as Linux lists either. */
struct fib_entry {
    struct ipprefix prefix;
    struct route *r; /* route_put */
};
struct fib_cursor { /* zeroed at first */
    bool begun;
    u32 open; /* prefixes of IPv6 that wait for those within them */
    struct lpm_route at, within[129];
};
#define FIB_UNDER   64u /* routes of one prefix at most */
#define FIB_ENTRIES 128u
u32 fib_read(struct fib_table *t, struct fib_cursor *c, struct fib_entry to[FIB_ENTRIES]); /* 0: that was all */

/* All of them, without a lock while fn looks at one; false ends it. 0, -ENOMEM. Task. */
int fib_each(struct fib_table *t, bool (*fn)(struct fib_table *t, const struct fib_entry *e, void *arg), void *arg);

/* All routes by a next hop object go. 0, -ENOMEM. */
int fib_del_nexthop(struct net *net, u32 nhid);

/* A device went down: what led through it alone goes. Came up: what died with it lives again. */
void fib_dev_down(struct net *net, struct netdev *dev);
void fib_dev_up(struct net *net, struct netdev *dev);

/* An address is no longer this machine's: routes of IPv4's main table that prefer it as a source go, as on Linux. */
void fib_addr_gone(struct net *net, const struct ipaddr *a);
/* All routes go, those without a device, too: net/net.c, when the net ends. Task, under conf_lock, as those above. */
void fib_end(struct net *net);

/* Could the address be in the table of local ones, as an address or a broadcast? False: it is not. Readers. */
#define FIB_FILTER_BITS 4096u
struct fib_filter { /* a bit that is 0 says no */
    struct rcu_head rcu;
    u64 word[FIB_FILTER_BITS / 64];
};

/* What packets ask for. Readers; each NULL while there is none. */
struct fib_view {
    struct fib_table *main, *local;
    struct fib_filter *filter;
    bool plain; /* the rules are those that there are at first: local and main are all that need be asked */
};
struct fib_views {
    struct fib_view of[IP_FAMILIES];
};
NET_SLOT_USE(fib_views);

static inline struct fib_view *fib_view(struct net *net, enum ip_index family)
{
    return &NET_GET(net, struct fib_views, fib_views)->of[family];
}

static inline struct fib_table *fib_main(struct net *net, enum ip_index family)
{
    return load_acquire(&fib_view(net, family)->main);
}

static inline struct fib_table *fib_local(struct net *net, enum ip_index family)
{
    return load_acquire(&fib_view(net, family)->local);
}

static inline const struct fib_filter *fib_filter(struct net *net, enum ip_index family)
{
    return load_acquire(&fib_view(net, family)->filter);
}

static inline u32 fib_filter_bit(enum ip_index family, const u8 *key)
{
    if (family == IP_V4)
        return load_le32(key) * 0x9e3779b1u >> 20;
    u64 high = load_le64(key + 8);
    return (u32)((load_le64(key) ^ (high << 32 | high >> 32)) * 0x9fb21c651e98df25 >> 52);
}

static inline bool fib_maybe_local(const struct fib_filter *f, enum ip_index family, const u8 *key)
{
    u32 bit = fib_filter_bit(family, key);
    return f && load_relaxed(&f->word[bit / 64]) >> bit % 64 & 1;
}

enum fib_event { FIB_EVENT_NEW, FIB_EVENT_REPLACED, FIB_EVENT_GONE };
#define FIB_NOTICE_HOPS 8u
struct fib_notice { /* the data of an event, whose type is enum fib_event */
    u32 table;
    struct ipprefix prefix;
    struct route_key key;
    u16 hops; /* the first FIB_NOTICE_HOPS of which are here */
    struct {
        u32 index; /* of the device */
        struct ipaddr via;
        u16 weight;
        u8 flags;
    } hop[FIB_NOTICE_HOPS];
};
struct notify_feed *fib_feed(struct net *net);

#endif

/* Policy rules: which table a packet is looked up in (Linux: fib_rules), and so the whole answer: fib_lookup.
 *
 *     struct fib_flow f = {...};  struct fib_result r;
 *     int err = fib_lookup(net, &f, &r);      0; what the route or the rule says otherwise; -ENETUNREACH: none matches
 *
 * Rules are asked by priority; a table without a fitting route, or with one of type throw, leaves it to the next rule.
 * Of each family there are at first 0: local, 32766: main, and of IPv4 32767: default.
 */
#ifndef NET_IP_RULE_H
#define NET_IP_RULE_H

#include "net/ip/fib.h"
#include "net/ip/multipath.h"

struct fib_result {
    struct route *route;
    const struct hop *hop; /* NULL: the route has none */
    struct fib_table *table;
    unsigned bits; /* of the prefix */
};

/* -EINVAL: blackhole, -EHOSTUNREACH: unreachable, -EACCES: prohibit; -ENETUNREACH. Readers. */
int fib_lookup(struct net *net, enum ip_index family, const struct fib_flow *f, struct fib_result *r);

enum rule_action { /* Linux's numbers */
                   RULE_LOOKUP = 1,
                   RULE_GOTO = 2,
                   RULE_NOP = 3,
                   RULE_BLACKHOLE = 6,
                   RULE_UNREACHABLE = 7,
                   RULE_PROHIBIT = 8,
};

struct rule {
    u32 priority;
    u8 action; /* enum rule_action */
    u8 proto;  /* who made it: enum route_proto */
    bool not ;
    bool has_from, has_to, has_uid;
    struct ipprefix from, to; /* bits 0: whatever */
    char iif[PORT_NAME], oif[PORT_NAME];
    u32 mark, mark_mask;    /* mask 0: whatever */
    u8 tos, ipproto;        /* 0: whatever */
    u16 sport[2], dport[2]; /* from, to; 0, 0: whatever */
    u32 uid[2];
    i32 suppress_bits;  /* a route of no more than so many is no answer; -1: every one is */
    i32 suppress_group; /* nor is one that leads out by a device of this group; -1: likewise */
    u32 table;          /* RULE_LOOKUP */
    u32 target;         /* RULE_GOTO: a priority */
};

#define RULES_MOST 1024u

int rule_start(
    struct net *net); /* the first ones, and their tables: net/net.c; -ENOMEM. Before that nothing has a route. */

int rule_add(struct net *net, enum ip_index family, const struct rule *r); /* -EEXIST, -EINVAL: a jump back, -ENOMEM */
/* The first that is as `r` in all that `said` has set; which fields those are is told by a rule with them not 0. */
int rule_del(struct net *net, enum ip_index family, const struct rule *r, bool any_priority); /* -ENOENT */
int rule_flush(struct net *net, enum ip_index family);                                        /* all but 0: local */
u32 rule_free_priority(struct net *net, enum ip_index family); /* just before the first one behind 0 */
bool rule_ready(struct net *net); /* false: a net that only joins devices; nothing below does anything for it */
u32 rule_count(struct net *net, enum ip_index family);
const struct rule *rule_at(struct net *net, enum ip_index family, u32 i); /* under conf_lock, by priority */

#endif

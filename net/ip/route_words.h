/* A route as it is typed behind `ip route add` and kin: words to a request, without a look at the stack. */
#ifndef NET_IP_ROUTE_WORDS_H
#define NET_IP_ROUTE_WORDS_H

#include "lib/iproute.h"
#include "net/ip/route.h"
#include "net/ip/rt_names.h"

struct hop_words {
    const char *dev; /* NULL: not said */
    struct ipaddr via;
    bool has_via;
    u16 weight; /* from 1 */
    u8 flags;
};

#define HOP_WORDS_FEW 8u

struct route_words {
    u8 family; /* 4, 6; 0: "default" alone was said */
    bool has_dst, has_table, has_type, has_scope, has_tos, has_metric, has_proto, has_src;
    bool nexthops; /* hops are those behind "nexthop"; else at most one */
    struct ipprefix dst;
    u32 table;
    struct route_key key; /* family and defaults apart */
    u32 hops;
    struct hop_words *hop; /* few, or memory */
    struct hop_words few[HOP_WORDS_FEW];
};

bool route_words_read(struct ip_words *w, struct rt_names *names, struct route_words *r); /* false: w->status */
void route_words_end(struct route_words *r);

/* ---- words that stand in other commands too; each reads the value ---- */
bool route_word_is_table(const char *word);
bool route_word_is_proto(const char *word);
bool route_word_is_metric(const char *word);
bool route_word_is_tos(const char *word);
void route_word_tos(struct ip_words *w, u8 *tos);
void route_word_via(struct ip_words *w, u8 family, struct ipaddr *via); /* with "inet6" in front, or not */

#endif

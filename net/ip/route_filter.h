/* Which routes ip route show, save and flush are about: the words, and whether one fits. A part of net/ip/cmd_route.c.
 */
#ifndef NET_IP_ROUTE_FILTER_H
#define NET_IP_ROUTE_FILTER_H

#include "lib/iproute.h"
#include "net/ip/fib.h"
#include "net/ip/rt_names.h"

enum route_within { WITHIN_EXACT, WITHIN_ROOT, WITHIN_MATCH };

struct route_filter {
    u8 family;
    bool all, has_prefix, has_via, has_src, has_type, has_scope, has_proto, has_metric, has_tos, has_nhid, cached;
    enum route_within how;
    struct ipprefix prefix;
    u32 table, metric, nhid;
    u8 type, scope, proto, tos;
    const char *dev;
    struct ipaddr via, src;
    u32 hide;
};

/* All words that are left. */
void route_filter_read(struct ip_words *w, struct rt_names *names, struct route_filter *f);
bool route_filter_fits(const struct route_filter *f, const struct ipprefix *p, const struct route *r);

#endif

/* One route as iproute2 shows it: what `ip route`, `ip route get` and `ip monitor` print.
 *
 *     struct route_shown s = {.prefix = p, .key = r->key, .table = t->id};
 *     route_show_hops(&s, r, room, n);       its hops, as they are now
 *     route_show(w, names, &s);
 */
#ifndef NET_IP_ROUTE_SHOW_H
#define NET_IP_ROUTE_SHOW_H

#include "lib/iproute.h"
#include "net/ip/route.h"
#include "net/ip/rt_names.h"

struct hop_shown {
    const char *dev; /* "": it is gone */
    struct ipaddr via;
    u16 weight;
    u8 flags; /* HOP_* */
};

/* What was asked for by name is the same in every line, and left out. */
#define HIDE_DEV    0x01u
#define HIDE_VIA    0x02u
#define HIDE_TABLE  0x04u
#define HIDE_PROTO  0x08u
#define HIDE_SCOPE  0x10u
#define HIDE_METRIC 0x20u
#define HIDE_TOS    0x40u
#define HIDE_SRC    0x80u

struct route_asked {           /* what `ip route get` says besides */
    const struct ipaddr *from; /* NULL: it was not said */
    const struct ipaddr *src;  /* chosen; NULL: it was said, or is nobody's */
    const char *iif;           /* NULL: this machine sends */
    u32 mark, uid;
    bool local, broadcast, multicast, redirect;
    bool cached;              /* it is one of what is remembered, that nobody asked for */
    bool redirected, expires; /* it is an exception (net/ip/exception.h): */
    u32 left;                 /* s that it has */
};

struct route_shown {
    struct ipprefix prefix;
    struct route_key key;
    u32 table, hops;
    const struct hop_shown *hop;
    u32 hide; /* HIDE_* */
    bool deleted;
    const struct route_asked *asked; /* NULL: it is the route itself */
};

struct exception_view;
void route_show_exception(struct route_asked *a, const struct exception_view *v); /* what it is for, and for how long */

#define ROUTE_SHOW_HOPS 32u

/* s->hop: in `room` of ROUTE_SHOW_HOPS, or, where those are too few, in memory that the caller frees if it is not
 * room; NULL: none is left. */
struct hop_shown *route_show_hops(struct route_shown *s, const struct route *r, struct hop_shown *room);
void route_show(const struct ip_words *w, struct rt_names *names, const struct route_shown *s);

#endif

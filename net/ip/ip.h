/* The stages of IP, in the order in which a packet meets them, and what upper protocols enter themselves into.
 *
 *     ip_rx -> route -+-> ip_local -> L4 protocol
 *                     +-> ip_forward -> ip_out -> neighbour -> dev_tx
 *     ip_tx (this machine's own) -------^
 *
 * Each takes a burst of one family, l3 and type set, and consumes it. skb->route is the struct hop that the packet
 * leaves by, good within the round.
 */
#ifndef NET_IP_IP_H
#define NET_IP_IP_H

#include "lib/set.h"
#include "net/ip/family.h"
#include "net/ip/rule.h"

void ip_forward(struct netdev *in, struct skbq *q, const struct ip_family *f);
void ip_local(struct netdev *in, struct skbq *q, const struct ip_family *f);
void ip_out(struct skbq *q, const struct ip_family *f);

/* ---- what this machine sends ---- */
enum ip_whole {
    IP_MAY_CUT,       /* by us and by others */
    IP_WHOLE,         /* nobody may; what is longer than the MTU is refused */
    IP_WHOLE_IF_FITS, /* nobody else may, but we do it where it is longer than the MTU */
};

struct ip_send {
    struct ipaddr src, dst; /* src any: chosen by the route and the device */
    struct netdev *dev;     /* leaves by it; NULL: by the route's */
    u32 mark;
    u8 proto, tos, hops; /* hops 0: as the machine is set */
    u8 whole;            /* enum ip_whole */
    u8 *options;         /* IPv4: options_n bytes of options; NULL: none */
    u8 options_n;
    bool unnamed; /* src any is meant so: who asks for an address has none yet */
};
/* s has its L4 part from data on, with room for headers in front; its checksum is right but for what depends on the
 * source, which *src tells (may be NULL). Consumes s. Softirq. 0, or why not. */
int ip_route_out(struct net *net, const struct ip_send *how, struct fib_result *r, struct ipaddr *src);
/* The same, and to many by a named device, where no route is needed; r->route is NULL then. */
int ip_find_way(struct net *net, const struct ip_send *how, struct fib_result *r, struct ipaddr *src);
u32 ip_way_mtu(struct net *net, const struct fib_result *r, const struct netdev *dev); /* dev: how->dev */
int ip_tx(struct net *net, struct skb *s, const struct ip_send *how);

/* Is it one of this machine's addresses? Readers. */
bool ip_is_local(struct net *net, const struct ipaddr *a);
/* The type of the route that the table of local ones has for it; 0: none. Readers. */
enum route_type ip_own_type(struct net *net, const struct ipaddr *a);

/* ---- protocols above ---- */
struct ip_error { /* what an ICMP error says of a packet that this machine sent */
    const struct ip_family *f;
    struct ipaddr by;       /* who says so */
    struct ipaddr src, dst; /* of the packet */
    u32 index;              /* of the device that it came by */
    u8 type, code, proto;
    u8 hops;      /* that the error had left */
    bool hard;    /* nothing will come of it, however often it is tried (RFC 1122 4.2.3.9) */
    int err;      /* -errno: what Linux's sockets say of it */
    u32 info;     /* too big: the MTU; otherwise 0 */
    u32 length;   /* of the packet, as its header says */
    const u8 *l4; /* the packet behind its IP headers, as far as it was quoted: */
    u32 len;      /* at least IP_ERROR_LEAST */
};
#define IP_ERROR_LEAST 8u

struct l4 {
    u8 proto; /* enum ip_proto */
    u8 only;  /* 4 or 6: of that family alone; 0: of both */
    void (*rx)(struct netdev *in, struct skbq *q, const struct ip_family *f); /* consumes q: parsed, l4 set */
    void (*error)(struct net *net, const struct ip_error *e);                 /* (optional) softirq */
};
#define L4(id, proto_, ...)                                                \
    static const struct l4 l4_##id = {.proto = proto_, .rx = __VA_ARGS__}; \
    SET_ADD(l4, l4_##id)

/* Who looks at all that goes up, whatever its protocol, and at errors about all that went out (raw sockets). Those who
 * look do not consume: true says that somebody took it, so that a protocol nobody else takes is not refused. */
struct ip_look {
    bool (*rx)(struct netdev *in, struct skb *s, const struct ip_family *f);
    void (*error)(struct net *net, const struct ip_error *e);
};
#define IP_LOOK(id, rx_, error_)                              \
    static const struct ip_look ip_look_##id = {rx_, error_}; \
    SET_ADD(ip_look, ip_look_##id)

#endif

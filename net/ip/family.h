/* All in which IPv4 and IPv6 differ, beside their headers (net/ip/header.h): two const instances, v4.c and v6.c. What
 * is new in one of them is a new member here, never an `if (v6)` elsewhere.
 */
#ifndef NET_IP_FAMILY_H
#define NET_IP_FAMILY_H

#include "lib/ipaddr.h"
#include "net/skb/reason.h"

struct ifaddr;
struct neigh;
struct netdev;
struct skb;

enum ip_index { IP_V4, IP_V6, IP_FAMILIES };

/* What an ICMP error says; the types and codes of either family stand in its map. */
enum icmp_error {
    ICMP_ERR_NET,        /* no route */
    ICMP_ERR_HOST,       /* no neighbour, or a route that says unreachable */
    ICMP_ERR_PROHIBIT,   /* a route that says so */
    ICMP_ERR_PROTOCOL,   /* nobody takes this protocol */
    ICMP_ERR_PORT,       /* nor this port */
    ICMP_ERR_TOO_BIG,    /* argument: the MTU */
    ICMP_ERR_TTL,        /* hops used up */
    ICMP_ERR_REASSEMBLY, /* not all fragments came in time */
    ICMP_ERR_PARAM,      /* argument: the byte that is wrong */
    ICMP_ERR_OPTION,     /* likewise: an option that is not known (IPv6) */
    ICMP_ERR_CHAIN,      /* the first fragment has not all headers (IPv6) */
    ICMP_ERR_SOURCE,     /* the source is beyond what its scope allows */
    ICMP_ERR_REDIRECT,   /* nothing is wrong, but a gateway is nearer */
    ICMP_ERRORS
};

struct icmp_says {
    u8 type, code;
};

struct ip_family {
    enum ip_index index;
    u8 af;            /* 4 or 6 */
    const char *name; /* "inet" */
    u16 ethertype;
    u8 bits;   /* of an address */
    u8 at;     /* where they begin in struct ipaddr */
    u8 header; /* the least */
    u8 icmp;   /* enum ip_proto */
    u32 mtu_least;
    struct icmp_says says[ICMP_ERRORS];

    /* Asks for n's MAC address: to all, or to it alone where its last address is known. Softirq, no lock of n held. */
    void (*solicit)(struct neigh *n, bool to_it);
    /* The address of dev that speaks to dst (RFC 6724), of IPv4 to anybody where dst is NULL; false: it has none.
     * Readers. */
    bool (*source)(const struct netdev *dev, const struct ipaddr *dst, struct ipaddr *src);
    /* All on its link are told that a is ours. Task, under conf_lock. */
    void (*announce)(struct ifaddr *a);
    /* (optional) They are asked whether they have it. Likewise. NULL: they are told at once. */
    void (*probe)(struct ifaddr *a);
    /* s's sender, who is on dev's link, is told that `to` is the next hop for its destination. Softirq. */
    void (*redirect)(struct netdev *dev, struct skb *s, const struct ipaddr *to);
};

extern const struct ip_family ip_v4, ip_v6;

/* s, which is consumed, goes no further, and its sender is told so, where he may be told. Softirq; net/ip/icmp.c. */
void ip_refuse(struct skb *s, enum icmp_error err, u32 arg, enum drop_reason why);

static inline const struct ip_family *ip_family(enum ip_index i)
{
    return i == IP_V4 ? &ip_v4 : &ip_v6;
}

static inline const struct ip_family *ip_family_of(const struct ipaddr *a)
{
    return ipaddr_is4(a) ? &ip_v4 : &ip_v6;
}

static inline const u8 *ip_key(const struct ipaddr *a) /* the address as it stands on the wire */
{
    return a->b + ip_family_of(a)->at;
}

/* Known where f is known: the members are another file's. */
static inline enum ip_index ip_index(const struct ip_family *f)
{
    return f == &ip_v4 ? IP_V4 : IP_V6;
}

#endif

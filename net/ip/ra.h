/* A router for its LAN: what it advertises (RFC 4861 6.2, RFC 4191, RFC 8106), as `weir ra` says (net/ip/cmd_ra.c).
 *
 *     the first three 16 s apart -> every max/3 .. max -> one with lifetime 0: it is none any more
 *                                        ^--- sooner where a host asks, but not within 3 s of the last
 *
 * Only while the device forwards.
 */
#ifndef NET_IP_RA_H
#define NET_IP_RA_H

#include "net/ip/ip_dev.h"
#include "net/wire/ndp.h"

#define RA_MOST    8u /* of prefixes, of routes, of resolvers */
#define RA_DOMAINS 4u
#define RA_BYTES   1232u /* of a message: fits into the least MTU */

struct ra_conf { /* times in s */
    u32 interval;
    i64 lifetime; /* -1: three intervals */
    u32 mtu, hop_limit, reachable, retrans;
    u8 pref; /* enum ndp_pref */
    bool managed, other;
    u32 prefixes, routes, servers, domains;
    struct ra_prefix {
        struct ipprefix p;
        u32 valid, preferred;
        bool off_link, no_autoconf;
    } prefix[RA_MOST];
    struct ra_route {
        struct ipprefix p;
        u32 lifetime;
    } route[RA_MOST];
    struct ipaddr server[RA_MOST];
    char domain[RA_DOMAINS][254];
};

void ra_defaults(struct ra_conf *c);
/* Task, under conf_lock. -EMSGSIZE: more than a message holds; -EINVAL: the loopback device; -ENOMEM */
int ra_set(struct netdev *dev, const struct ra_conf *c);
int ra_off(struct netdev *dev);                        /* -ENOENT */
const struct ra_conf *ra_of(const struct netdev *dev); /* NULL: it advertises nothing */
void ra_dev_end(struct netdev *dev);

#endif

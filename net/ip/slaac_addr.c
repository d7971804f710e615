/* Addresses that come of advertised prefixes (contract: slaac_part.h): one by the station's EUI-64, and where
 * use_tempaddr says so, temporary ones (RFC 4862 5.5.3, RFC 8981). Linux: addrconf_prefix_rcv, manage_tempaddrs.
 *
 *     created        preferred_most, at the latest        valid_until
 *        |---- preferred ----|------- deprecated -------------|          a temporary address; the next one is made
 *                         ^ REGEN_ADVANCE before                         while it is preferred still
 */
#include "lib/conf.h"
#include "lib/rand.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/route.h"
#include "net/ip/slaac_part.h"
#include "net/ip/tend.h"
#include "net/wire/eth.h"

#define TWO_HOURS     (7200 * NS_PER_S)
#define REGEN_ADVANCE (5 * NS_PER_S) /* RFC 8981 3.8, of one probe and three tries */
#define MAX_DESYNC    600u           /* s, likewise; at most a tenth of the preferred lifetime here */

static bool is_temporary(const struct ifaddr *a)
{
    return a->flags & IFA_SECONDARY;
}

static bool is_ours(const struct ifaddr *a, const struct ipaddr *prefix)
{
    return a->proto == IFAPROT_RA && a->scope == SCOPE_GLOBAL && addr_same_bits(&a->addr, prefix, 64);
}

static bool has_room(const struct netdev *dev)
{
    i32 n = 0, most = slaac_conf(dev)->max_addresses;
    for (const struct ifaddr *a = ifaddr_first(dev, &ip_v6); a; a = ifaddr_next(a))
        n += a->proto == IFAPROT_RA;
    return !most || n < most;
}

static int add(struct netdev *dev, struct ifaddr *a)
{
    a->peer = a->addr;
    a->broadcast = ipaddr_of4(0, 0, 0, 0);
    a->bits = 64;
    a->scope = SCOPE_GLOBAL;
    a->proto = IFAPROT_RA;
    if (!has_room(dev)) {
        slaac_too_many(dev);
        return -ENOSPC;
    }
    return ifaddr_add(dev, a);
}

static u64 after(u64 from, u64 ns)
{
    return from > IFA_FOREVER - ns ? IFA_FOREVER : from + ns;
}

/* RFC 8981 3.4: for a public address. */
static void add_temporary(struct netdev *dev, const struct ifaddr *public, u64 now)
{
    const struct slaac_conf *c = slaac_conf(dev);
    u64 preferred = (u64)c->temp_preferred * NS_PER_S, valid = (u64)c->temp_valid * NS_PER_S;
    u64 desync = rand_below(min((u64)MAX_DESYNC * NS_PER_S, preferred / 10) + 1);
    struct ifaddr a = {.addr = public->addr, .flags = IFA_SECONDARY};
    if (preferred <= desync + REGEN_ADVANCE)
        return; /* it would have to be made anew at once (RFC 8981 3.4, 5) */
    a.preferred_most = now + preferred - desync;
    a.preferred_until = min(public->preferred_until, a.preferred_most);
    a.valid_until = min(public->valid_until, now + valid);
    if (a.preferred_until <= now + REGEN_ADVANCE)
        return;
    for (u32 tries = 0; tries < 3; tries++) {
        rand_bytes(a.addr.b + 8, 8);
        bool reserved = !load_be64(a.addr.b + 8) || load_be64(a.addr.b + 8) >> 7 == 0x1fbffffffffffffull; /* RFC 5453 */
        if (!reserved && add(dev, &a) != -EEXIST)
            return;
    }
}

/* Is there one that will be preferred for a while? */
static bool has_temporary(struct netdev *dev, const struct ipaddr *prefix, u64 now)
{
    for (const struct ifaddr *a = ifaddr_first(dev, &ip_v6); a; a = ifaddr_next(a))
        if (is_ours(a, prefix) && is_temporary(a) && a->preferred_until > now + REGEN_ADVANCE)
            return true;
    return false;
}

static bool wants_temporary(const struct netdev *dev, const struct ifaddr *public, u64 now)
{
    return slaac_conf(dev)->use_tempaddr > 0 && !is_temporary(public) && public->proto == IFAPROT_RA &&
           public->scope == SCOPE_GLOBAL && public->preferred_until > now + REGEN_ADVANCE &&
           !(public->flags & IFA_DADFAILED);
}

u64 slaac_addr_due(struct netdev *dev, u64 now)
{
    u64 next = TEND_NEVER;
    for (struct ifaddr *a = ifaddr_first(dev, &ip_v6); a; a = ifaddr_next(a)) {
        if (wants_temporary(dev, a, now) && !has_temporary(dev, &a->addr, now))
            add_temporary(dev, a, now);
        if (slaac_conf(dev)->use_tempaddr > 0 && is_temporary(a) && a->preferred_until != IFA_FOREVER &&
            a->preferred_until > now + REGEN_ADVANCE)
            next = min(next, a->preferred_until - REGEN_ADVANCE);
    }
    return next;
}

/* RFC 4862 5.5.3 e: nobody shortens what is valid by one advertisement to less than two hours. */
static u64 new_valid(const struct ifaddr *a, u64 said, u64 now)
{
    if (said > now + TWO_HOURS || said > a->valid_until)
        return said;
    return a->valid_until <= now + TWO_HOURS ? a->valid_until : now + TWO_HOURS;
}

static void prolong(struct netdev *dev, const struct ifaddr *a, u64 valid, u64 preferred, u64 now)
{
    struct ifaddr want = *a;
    want.valid_until = new_valid(a, valid, now);
    want.preferred_until = preferred;
    if (is_temporary(a)) {
        const struct slaac_conf *c = slaac_conf(dev);
        want.valid_until = min(want.valid_until, after(a->created, (u64)c->temp_valid * NS_PER_S));
        want.preferred_until = min(preferred, a->preferred_most);
    }
    want.preferred_until = min(want.preferred_until, want.valid_until);
    want.flags &= ~IFA_DEPRECATED;
    if (want.preferred_until <= now)
        want.flags |= IFA_DEPRECATED;
    ifaddr_change(dev, &want);
}

void slaac_addr_heard(struct netdev *dev, const struct ndp_prefix *p, u64 now)
{
    u64 valid = slaac_until(be32_get(p->valid), now), preferred = slaac_until(be32_get(p->preferred), now);
    struct ifaddr a = {.addr = addr_link_local(&dev->mac), .valid_until = valid, .preferred_until = preferred};
    bool had = false;

    if (p->bits != 64 || mac_is_zero(&dev->mac) || slaac_conf(dev)->addr_gen_mode)
        return;
    for (const struct ifaddr *old = ifaddr_first(dev, &ip_v6); old; old = ifaddr_next(old))
        if (is_ours(old, &p->prefix)) {
            had |= !is_temporary(old);
            prolong(dev, old, valid, preferred, now);
        }
    if (had || !be32_get(p->valid))
        return;
    memcpy(a.addr.b, p->prefix.b, 8);
    if (preferred <= now)
        a.flags |= IFA_DEPRECATED;
    if (slaac_conf(dev)->use_tempaddr > 0)
        a.flags |= IFA_MANAGETEMP;
    add(dev, &a); /* -EEXIST: the administrator's */
}

/* Which of a device's addresses speaks to a destination: ifaddr_source (net/ip/ifaddr.h).
 *
 * IPv4: the first whose net the destination is in, or else the first (Linux: inet_select_addr). IPv6: the rules of
 * RFC 6724 5, each asked where those before it see no difference; 4 (home addresses) and 5 (the device that it leaves
 * by) have nothing to decide here.
 */
#include "net/ip/source.h"
#include "net/ip/addr.h"
#include "net/ip/dad.h"
#include "net/ip/ifaddr.h"

u8 source_label(const struct ipaddr *a) /* RFC 6724 2.1, the longest first */
{
    static const struct {
        struct ipprefix p;
        u8 label;
    } table[] = {
        {{{{[15] = 1}}, 128}, 0}, {{{{[10] = 0xff, 0xff}}, 96}, 4}, {{{{0}}, 96}, 3},           {{{{0x20, 1}}, 32}, 5},
        {{{{0x20, 2}}, 16}, 2},   {{{{0x3f, 0xfe}}, 16}, 12},       {{{{0xfe, 0xc0}}, 10}, 11}, {{{{0xfc}}, 7}, 13},
        {{{{0}}, 0}, 1}};
    u32 i = 0;
    while (i + 1 < ARRAY_LEN(table)) {
        unsigned n = 0, bits = table[i].p.bits;
        while (n < bits && !((a->b[n / 8] ^ table[i].p.addr.b[n / 8]) & (0x80 >> n % 8)))
            n++;
        if (n == bits)
            break;
        i++;
    }
    return table[i].label;
}

u8 source_scope(const struct ipaddr *a) /* RFC 6724 3.1: as of multicast, RFC 4291 2.7 */
{
    if (a->b[0] == 0xff)
        return a->b[1] & 15;
    if (addr_is_link_local(a) || addr_is_loopback(a))
        return 2;
    return a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0xc0 ? 5 : 14;
}

static unsigned common_bits(const struct ifaddr *a, const struct ipaddr *dst) /* RFC 6724 2.2 */
{
    unsigned n = 0;
    while (n < a->bits && addr_same_bits(&a->addr, dst, n + 1))
        n++;
    return n;
}

/* > 0: a is better than b. */
static int compare(const struct ifaddr *a, const struct ifaddr *b, const struct ipaddr *dst)
{
    int sa = source_scope(&a->addr), sb = source_scope(&b->addr), to = source_scope(dst);
    int same = addr_eq(&a->addr, dst) - addr_eq(&b->addr, dst);
    if (same) /* 1 */
        return same;
    if (sa != sb) /* 2 */
        return sa < sb ? (sa < to ? -1 : 1) : (sb < to ? 1 : -1);
    int deprecated = !!(b->flags & IFA_DEPRECATED) - !!(a->flags & IFA_DEPRECATED);
    if (deprecated) /* 3 */
        return deprecated;
    int label = (source_label(&a->addr) == source_label(dst)) - (source_label(&b->addr) == source_label(dst));
    if (label) /* 6 */
        return label;
    int temporary = !!(a->flags & IFA_SECONDARY) - !!(b->flags & IFA_SECONDARY);
    if (temporary) /* 7, or the other way round, as use_tempaddr says */
        return ip_conf(a->on->dev, &ip_v6)->slaac.use_tempaddr >= 2 ? temporary : -temporary;
    return (int)common_bits(a, dst) - (int)common_bits(b, dst); /* 8 */
}

static const struct ifaddr *of_v6(const struct netdev *dev, const struct ipaddr *dst, u8 scope)
{
    const struct ifaddr *best = NULL;
    for (const struct ifaddr *a = ifaddr_first(dev, &ip_v6); a; a = ifaddr_next(a))
        if (a->scope <= scope && ifaddr_usable(a) && (!best || (dst && compare(a, best, dst) > 0)))
            best = a;
    return best;
}

static const struct ifaddr *of_v4(const struct netdev *dev, const struct ipaddr *dst, u8 scope)
{
    const struct ifaddr *first = NULL;
    for (const struct ifaddr *a = ifaddr_first(dev, &ip_v4); a; a = ifaddr_next(a)) {
        if (a->scope > scope || (a->flags & IFA_SECONDARY))
            continue;
        if (!dst || addr_same_bits(&a->peer, dst, a->bits))
            return a;
        first = first ? first : a;
    }
    return first;
}

const struct ifaddr *ifaddr_source(const struct netdev *dev, const struct ip_family *f, const struct ipaddr *dst,
                                   u8 scope)
{
    return f == &ip_v4 ? of_v4(dev, dst, scope) : of_v6(dev, dst, scope);
}

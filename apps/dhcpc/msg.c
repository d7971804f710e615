/* DHCP messages (contract: msg.h). The layout is BOOTP's (RFC 951):
 *
 *     op htype hlen hops | xid | secs flags | ciaddr yiaddr siaddr giaddr | chaddr 16 | sname 64 | file 128 | cookie |
 * options
 *
 * Options may go on in `file` and `sname` (52), and one that is given several times is one in pieces (RFC 3396).
 * Whatever becomes a word of a command or a line of a file is an address, a number, or a name of letters, digits, - and
 * .
 */
#include "apps/dhcpc/msg.h"

#include "lib/bitmap.h"
#include "lib/byteorder.h"
#include "lib/string.h"

#define AT_XID     4u
#define AT_SECS    8u
#define AT_FLAGS   10u
#define AT_CIADDR  12u
#define AT_YIADDR  16u
#define AT_CHADDR  28u
#define AT_SNAME   44u
#define AT_FILE    108u
#define AT_COOKIE  236u
#define AT_OPTIONS 240u
#define COOKIE     0x63825363u
#define BROADCAST  0x8000u

enum option {
    OPT_PAD = 0,
    OPT_MASK = 1,
    OPT_ROUTER = 3,
    OPT_DNS = 6,
    OPT_DOMAIN = 15,
    OPT_MTU = 26,
    OPT_BROADCAST = 28,
    OPT_NTP = 42,
    OPT_REQUESTED = 50,
    OPT_LEASE = 51,
    OPT_OVERLOAD = 52,
    OPT_TYPE = 53,
    OPT_SERVER = 54,
    OPT_ASKS = 55,
    OPT_MESSAGE = 56,
    OPT_LONGEST = 57,
    OPT_RENEW = 58,
    OPT_REBIND = 59,
    OPT_VENDOR = 60,
    OPT_CLIENT = 61,
    OPT_SEARCH = 119,
    OPT_ROUTES = 121,
    OPT_END = 255,
};

/* ---- ours ---- */

static u8 *put(u8 *p, u8 code, const void *v, u8 n)
{
    p[0] = code;
    p[1] = n;
    memcpy(p + 2, v, n);
    return p + 2 + n;
}

static u8 *put_addr(u8 *p, u8 code, const struct ipaddr *a)
{
    return load_le32(a->b + 12) ? put(p, code, a->b + 12, 4) : p;
}

u32 dhcp_build(u8 *to, u32 size, const struct dhcp_want *w)
{
    static const u8 asks[] = {OPT_ROUTES, OPT_MASK,  OPT_ROUTER, OPT_DNS,    OPT_DOMAIN, OPT_MTU,
                              OPT_NTP,    OPT_LEASE, OPT_RENEW,  OPT_REBIND, OPT_SEARCH};
    u8 type = (u8)w->type, client[7] = {1}, longest[2];

    memset(to, 0, size);
    to[0] = 1;
    to[1] = 1; /* Ethernet */
    to[2] = 6;
    store_be32(to + AT_XID, w->xid);
    store_be16(to + AT_SECS, w->secs);
    store_be16(to + AT_FLAGS, w->broadcast ? BROADCAST : 0);
    memcpy(to + AT_CIADDR, w->ciaddr.b + 12, 4);
    memcpy(to + AT_CHADDR, w->mac.b, 6);
    store_be32(to + AT_COOKIE, COOKIE);
    u8 *p = put(to + AT_OPTIONS, OPT_TYPE, &type, 1);
    memcpy(client + 1, w->mac.b, 6);
    p = put(p, OPT_CLIENT, client, sizeof(client));
    p = put_addr(p, OPT_REQUESTED, &w->requested);
    p = put_addr(p, OPT_SERVER, &w->server);
    if (w->type == DHCP_DISCOVER || w->type == DHCP_REQUEST) {
        store_be16(longest, DHCP_LONGEST);
        p = put(p, OPT_LONGEST, longest, 2);
        p = put(p, OPT_ASKS, asks, sizeof(asks));
        p = put(p, OPT_VENDOR, "weir", 4);
    }
    if (w->why)
        p = put(p, OPT_MESSAGE, w->why, (u8)min(strlen(w->why), (size_t)255));
    *p++ = OPT_END;
    return max((u32)(p - to), DHCP_SHORTEST);
}

/* ---- theirs ---- */

struct gather {
    u8 code;
    u8 *to;
    u32 size, n;
    bool found;
};

static void gather_area(struct gather *g, const u8 *p, u32 n)
{
    for (u32 at = 0; at < n && p[at] != OPT_END;) {
        if (p[at] == OPT_PAD) {
            at++;
            continue;
        }
        if (at + 2 > n || p[at + 1] > n - at - 2)
            return;
        if (p[at] == g->code) {
            u32 some = min((u32)p[at + 1], g->size - g->n);
            memcpy(g->to + g->n, p + at + 2, some);
            g->n += some;
            g->found = true;
        }
        at += 2u + p[at + 1];
    }
}

/* All pieces of an option, as much as there is room for; -1: it is not there. */
static i32 option(const u8 *p, u32 n, u8 code, void *to, u32 size)
{
    u8 overload = 0;
    struct gather o = {.code = OPT_OVERLOAD, .to = &overload, .size = 1}, g = {.code = code, .to = to, .size = size};
    gather_area(&o, p + AT_OPTIONS, n - AT_OPTIONS);
    gather_area(&g, p + AT_OPTIONS, n - AT_OPTIONS);
    if (overload & 1)
        gather_area(&g, p + AT_FILE, AT_COOKIE - AT_FILE);
    if (overload & 2)
        gather_area(&g, p + AT_SNAME, AT_FILE - AT_SNAME);
    return g.found ? (i32)g.n : -1;
}

static struct ipaddr addr_at(const u8 *p)
{
    return ipaddr_of4(p[0], p[1], p[2], p[3]);
}

/* One station's: not 0/8, 127/8, a group, or what is beyond. */
static bool is_station(const struct ipaddr *a)
{
    return a->b[12] && a->b[12] != 127 && a->b[12] < 224;
}

static u8 read_addrs(const u8 *p, u32 n, u8 code, struct ipaddr *to)
{
    u8 raw[4 * DHCP_FEW], k = 0;
    i32 len = option(p, n, code, raw, sizeof(raw));
    for (i32 at = 0; at + 4 <= len; at += 4) {
        to[k] = addr_at(raw + at);
        k += is_station(&to[k]);
    }
    return k;
}

static u32 read_u32(const u8 *p, u32 n, u8 code, u32 other)
{
    u8 raw[4];
    return option(p, n, code, raw, 4) == 4 ? load_be32(raw) : other;
}

/* The bits of a mask; -1: it has holes, or is none. */
static int mask_bits(u32 mask)
{
    u32 holes = ~mask;
    return mask && !(holes & (holes + 1)) ? 32 - (int)bits_count(holes) : -1;
}

static u8 read_bits(const u8 *p, u32 n, const struct ipaddr *addr)
{
    int bits = mask_bits(read_u32(p, n, OPT_MASK, 0));
    if (bits > 0)
        return (u8)bits;
    return addr->b[12] < 128 ? 8 : addr->b[12] < 192 ? 16 : 24; /* by its class, as of old */
}

/* RFC 3442: bits, as many bytes of the prefix as they fill, the router. */
static u8 read_routes(const u8 *p, u32 n, struct dhcp_route *to)
{
    u8 raw[255], k = 0;
    i32 len = option(p, n, OPT_ROUTES, raw, sizeof(raw));
    for (i32 at = 0; at < len && k < DHCP_ROUTES;) {
        u8 bits = raw[at++], bytes = (u8)((bits + 7) / 8), net[4] = {0};
        if (bits > 32 || at + bytes + 4 > len)
            break;
        memcpy(net, raw + at, bytes);
        u32 v = load_be32(net) & (bits ? ~0u << (32 - bits) : 0);
        store_be32(net, v);
        struct ipaddr via = addr_at(raw + at + bytes);
        at += bytes + 4;
        if (is_station(&via) || !load_le32(via.b + 12))
            to[k++] = (struct dhcp_route){{addr_at(net), bits}, via};
    }
    return k;
}

static bool is_name(char c)
{
    return char_is_alnum(c) || c == '-' || c == '.' || c == '_';
}

/* A name, without what cannot stand in one; ends at the first such byte being 0 or the option's end. */
static void read_name(const u8 *p, u32 n, char *to, u32 size)
{
    u8 raw[DHCP_NAME - 1];
    i32 len = option(p, n, OPT_DOMAIN, raw, min(size - 1, (u32)sizeof(raw)));
    u32 k = 0;
    for (i32 i = 0; i < len && raw[i]; i++) {
        if (!is_name((char)raw[i])) {
            k = 0;
            break;
        }
        to[k++] = (char)raw[i];
    }
    to[k] = 0;
}

/* One name of DNS's form at raw[at], appended; where the next begins, or -1: it is broken. */
static i32 read_labels(const u8 *raw, i32 len, i32 at, char *to, u32 size, u32 *k)
{
    i32 next = -1;
    for (u32 jumps = 0; at < len;) {
        u8 n = raw[at];
        if (n >= 0xc0) { /* a pointer back: RFC 1035 4.1.4 */
            if (at + 1 >= len || ++jumps > 16)
                return -1;
            next = next < 0 ? at + 2 : next;
            at = (n & 0x3f) << 8 | raw[at + 1];
            continue;
        }
        if (n > 63 || at + 1 + n > len)
            return -1;
        if (!n)
            return next < 0 ? at + 1 : next;
        if (*k + n + 2 >= size)
            return -1;
        if (*k && to[*k - 1] != ' ')
            to[(*k)++] = '.';
        for (u8 i = 0; i < n; i++) {
            if (!is_name((char)raw[at + 1 + i]) || raw[at + 1 + i] == '.')
                return -1;
            to[(*k)++] = (char)raw[at + 1 + i];
        }
        at += 1 + n;
    }
    return -1;
}

/* RFC 3397: names behind each other, with blanks between. */
static void read_search(const u8 *p, u32 n, char *to)
{
    u8 raw[255];
    i32 len = option(p, n, OPT_SEARCH, raw, sizeof(raw));
    u32 k = 0;
    for (i32 at = 0; at >= 0 && at < len;) {
        u32 before = k;
        if (k)
            to[k++] = ' ';
        at = read_labels(raw, len, at, to, DHCP_SEARCH, &k);
        if (at < 0 || k == before + (before != 0))
            k = before;
    }
    to[k] = 0;
}

static void read_times(const u8 *p, u32 n, struct dhcp_lease *l)
{
    l->seconds = max(read_u32(p, n, OPT_LEASE, DHCP_LEASE_IF), 10u);
    if (l->seconds == DHCP_FOREVER) {
        l->renew = l->rebind = DHCP_FOREVER;
        return;
    }
    l->renew = read_u32(p, n, OPT_RENEW, l->seconds / 2);
    l->rebind = read_u32(p, n, OPT_REBIND, (u32)((u64)l->seconds * 7 / 8));
    if (!l->renew || l->renew >= l->rebind || l->rebind >= l->seconds) { /* RFC 2131 4.4.5 */
        l->renew = l->seconds / 2;
        l->rebind = (u32)((u64)l->seconds * 7 / 8);
    }
}

static void read_lease(const u8 *p, u32 n, struct dhcp_lease *l)
{
    u8 raw[2];
    l->bits = read_bits(p, n, &l->addr);
    read_times(p, n, l);
    l->routers = read_addrs(p, n, OPT_ROUTER, l->router);
    l->dns = read_addrs(p, n, OPT_DNS, l->dns_at);
    l->ntp = read_addrs(p, n, OPT_NTP, l->ntp_at);
    l->routes = read_routes(p, n, l->route);
    if (option(p, n, OPT_MTU, raw, 2) == 2 && load_be16(raw) >= 68) /* RFC 2132 5.1 */
        l->mtu = load_be16(raw);
    read_name(p, n, l->domain, sizeof(l->domain));
    read_search(p, n, l->search);
}

static void read_why(const u8 *p, u32 n, char *to, u32 size)
{
    i32 len = option(p, n, OPT_MESSAGE, to, size - 1);
    for (i32 i = 0; i < len; i++)
        if (to[i] < ' ' || to[i] > '~')
            to[i] = '?';
    to[max(len, 0)] = 0;
}

bool dhcp_read(const u8 *p, u32 n, const struct dhcp_want *w, struct dhcp_msg *m)
{
    u8 type = 0, server[4] = {0};

    *m = (struct dhcp_msg){0};
    if (n < AT_OPTIONS || p[0] != 2 || p[1] != 1 || p[2] != 6 || load_be32(p + AT_COOKIE) != COOKIE)
        return false;
    if (load_be32(p + AT_XID) != w->xid || memcmp(p + AT_CHADDR, w->mac.b, 6))
        return false;
    if (option(p, n, OPT_TYPE, &type, 1) != 1 || (type != DHCP_OFFER && type != DHCP_ACK && type != DHCP_NAK))
        return false;
    m->type = (enum dhcp_type)type;
    if (option(p, n, OPT_SERVER, server, 4) != 4)
        return false;
    m->lease.server = addr_at(server);
    if (!is_station(&m->lease.server))
        return false;
    if (type == DHCP_NAK) {
        read_why(p, n, m->why, sizeof(m->why));
        return true;
    }
    m->lease.addr = addr_at(p + AT_YIADDR);
    if (!is_station(&m->lease.addr))
        return false;
    read_lease(p, n, &m->lease);
    return true;
}

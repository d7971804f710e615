/* Any bytes as a DHCP server's answer: what the client takes of it are addresses of stations, prefixes without host
 * bits, times in their order, and names that can stand in a file and behind a command.
 */
#include "apps/dhcpc/msg.h"
#include "host/host.h"
#include "lib/byteorder.h"
#include "lib/plat.h"
#include "lib/string.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void check_station(const struct ipaddr *a)
{
    if (!ipaddr_is4(a) || !a->b[12] || a->b[12] == 127 || a->b[12] >= 224)
        panic("no station's address");
}

static void check_all(const struct ipaddr *a, u8 n)
{
    if (n > DHCP_FEW)
        panic("%u addresses", n);
    for (u8 i = 0; i < n; i++)
        check_station(&a[i]);
}

static void check_text(const char *s, size_t size, const char *more)
{
    if (strnlen(s, size) == size)
        panic("no end");
    for (; *s; s++)
        if (!char_is_alnum(*s) && !strchr(more, *s))
            panic("a name with '%c'", *s);
}

static void check_lease(const struct dhcp_lease *l)
{
    check_station(&l->addr);
    check_station(&l->server);
    if (!l->bits || l->bits > 32 || (l->mtu && l->mtu < 68))
        panic("/%u, MTU %u", l->bits, l->mtu);
    if (l->seconds != DHCP_FOREVER && !(l->renew && l->renew < l->rebind && l->rebind < l->seconds))
        panic("%u %u %u", l->renew, l->rebind, l->seconds);
    check_all(l->router, l->routers);
    check_all(l->dns_at, l->dns);
    check_all(l->ntp_at, l->ntp);
    for (u8 i = 0; i < l->routes; i++) {
        const struct dhcp_route *r = &l->route[i];
        u32 a = load_be32(r->to.addr.b + 12);
        if (r->to.bits > 32 || (r->to.bits < 32 && a << r->to.bits))
            panic("a prefix of %x/%u", a, r->to.bits);
        if (load_be32(r->via.b + 12))
            check_station(&r->via);
    }
    check_text(l->domain, sizeof(l->domain), "-._");
    check_text(l->search, sizeof(l->search), "-._ ");
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static u8 copy[2000];
    struct dhcp_want w = {.type = DHCP_DISCOVER, .xid = 0x01020304, .mac = {{2, 0, 0, 0, 0, 1}}};
    struct dhcp_msg m;

    if (n > sizeof(copy))
        return 0;
    memcpy(copy, p, n);
    if (n >= 240) { /* an answer to us: the rest is what is asked for */
        memcpy(copy, "\x02\x01\x06", 3);
        store_be32(copy + 4, w.xid);
        memcpy(copy + 28, w.mac.b, 6);
        store_be32(copy + 236, 0x63825363);
    }
    if (!dhcp_read(copy, (u32)n, &w, &m))
        return 0;
    if (m.type != DHCP_NAK)
        check_lease(&m.lease);
    check_text(m.why, sizeof(m.why), " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");
    return 0;
}

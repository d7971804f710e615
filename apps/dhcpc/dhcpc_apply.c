/* Leases made configuration (contract: dhcpc_apply.h).
 *
 *     ip addr replace A/P broadcast + dev X valid_lft N preferred_lft N          at each ACK
 *     ip route replace default via G dev X proto dhcp metric 200 + X's number    when it is new
 *
 * The kernel's own clock ends an address that nobody prolongs. What fails is told in the log, and the rest goes on.
 */
#include "apps/dhcpc/dhcpc_apply.h"

#include "lib/fmt.h"
#include "lib/script.h"
#include "lib/string.h"
#include "net/sock/resolv.h"

#define LINE 256u

static int run_script(struct net *net, const char *line, char *said, size_t size)
{
    struct script_env env;
    struct out_mem m;
    out_mem_init(&m, said, size, false);
    script_env_init(&env, net, &m.out, &m.out, NULL);
    int status = script_text(&env, line, strlen(line));
    script_env_free(&env);
    return status;
}

static apply_runner *runner = run_script;

apply_runner *apply_run_by(apply_runner *fn)
{
    apply_runner *before = runner;
    runner = fn ? fn : run_script;
    return before;
}

static void PRINTF(2, 3) run(struct dhcpc *d, const char *format, ...)
{
    char line[LINE], said[160] = "";
    va_list ap;
    va_start(ap, format);
    fmt_v(line, sizeof(line), format, ap);
    va_end(ap);
    if (runner(d->net, line, said, sizeof(said)))
        log_write(LOG_WARN, "dhcp: %s: `%s`: %.*s", d->link.name, line, (int)strcspn(said, "\n"), said);
}

void apply_up(struct dhcpc *d)
{
    if (!d->link.up)
        run(d, "ip link set dev %s up", d->link.name);
}

static const char *lifetime(u32 seconds, char to[16])
{
    if (seconds == DHCP_FOREVER)
        return "forever";
    fmt(to, 16, "%u", seconds);
    return to;
}

static bool same_net(const struct dhcp_lease *l, const struct ipaddr *a)
{
    u32 mask = l->bits ? ~0u << (32 - l->bits) : 0;
    return !((load_be32(l->addr.b + 12) ^ load_be32(a->b + 12)) & mask);
}

/* To where, by whom: the classless ones where there are any, and then no others (RFC 3442). */
static void route(struct dhcpc *d, const struct ipprefix *to, const struct ipaddr *via)
{
    u32 metric = APPLY_METRIC + d->link.index;
    char where[FMT_IPADDR_MAX + 4];
    if (to->bits)
        fmt(where, sizeof(where), "%pI/%u", &to->addr, to->bits);
    else
        str_copy(where, sizeof(where), "default");
    if (!load_le32(via->b + 12)) {
        run(d, "ip route replace %s dev %s proto dhcp scope link metric %u", where, d->link.name, metric);
        return;
    }
    if (!same_net(&d->lease, via)) /* a router beyond the net is on the link all the same */
        run(d, "ip route replace %pI dev %s proto dhcp scope link metric %u", via, d->link.name, metric);
    run(d, "ip route replace %s via %pI dev %s proto dhcp metric %u", where, via, d->link.name, metric);
}

static void routes(struct dhcpc *d)
{
    const struct dhcp_lease *l = &d->lease;
    static const struct ipprefix everywhere;
    for (u8 i = 0; i < l->routes; i++)
        route(d, &l->route[i].to, &l->route[i].via);
    if (!l->routes && l->routers) /* of several the first is preferred (RFC 2132 3.5), the others would hide */
        route(d, &everywhere, &l->router[0]);
}

static void names(struct dhcpc *d)
{
    const struct dhcp_lease *l = &d->lease;
    char text[RESOLV_TEXT], owner[LINK_NAME + 8], line[DHCP_SEARCH + 16];

    fmt(owner, sizeof(owner), "%s.dhcp", d->link.name);
    fmt(text, sizeof(text), "# %s: by DHCP from %pI\n", d->link.name, &l->server);
    if (l->search[0] || l->domain[0]) {
        fmt(line, sizeof(line), "search %s\n", l->search[0] ? l->search : l->domain);
        str_append(text, sizeof(text), line);
    }
    for (u8 i = 0; i < l->dns; i++) {
        fmt(line, sizeof(line), "nameserver %pI\n", &l->dns_at[i]);
        str_append(text, sizeof(text), line);
    }
    if (resolv_put(d->net, owner, l->dns || l->domain[0] || l->search[0] ? text : ""))
        log_write(LOG_WARN, "dhcp: %s: no room in /etc/resolv.conf", d->link.name);
}

/* Why the address is what it is. */
static void say(struct dhcpc *d)
{
    const struct dhcp_lease *l = &d->lease;
    char life[16], text[160];
    fmt(text, sizeof(text), "%s: %pI/%u by DHCP from %pI, %s%s%s", d->link.name, &l->addr, l->bits, &l->server,
        l->seconds == DHCP_FOREVER ? "" : "for ", lifetime(l->seconds, life), l->seconds == DHCP_FOREVER ? "" : " s");
    if (l->routers) {
        char more[64];
        fmt(more, sizeof(more), ", gateway %pI", &l->router[0]);
        str_append(text, sizeof(text), more);
    }
    if (l->dns) {
        char more[64];
        fmt(more, sizeof(more), ", DNS %pI", &l->dns_at[0]);
        str_append(text, sizeof(text), more);
    }
    log_write(LOG_NOTICE, "%s", text);
}

void apply_lease(struct dhcpc *d, const struct dhcp_lease *had)
{
    const struct dhcp_lease *l = &d->lease;
    char life[16];
    bool same = had && !memcmp(&had->addr, &l->addr, sizeof(l->addr)) && had->bits == l->bits;

    if (had && !same)
        run(d, "ip addr del %pI/%u dev %s", &had->addr, had->bits, d->link.name);
    if (l->mtu && l->mtu >= 576 && l->mtu != d->link.mtu)
        run(d, "ip link set dev %s mtu %u", d->link.name, l->mtu);
    run(d, "ip addr replace %pI/%u broadcast + dev %s valid_lft %s preferred_lft %s", &l->addr, l->bits, d->link.name,
        lifetime(l->seconds, life), lifetime(l->seconds, life));
    if (!same || memcmp(had->router, l->router, sizeof(l->router)) || memcmp(had->route, l->route, sizeof(l->route)))
        routes(d);
    names(d);
    if (!same)
        say(d);
}

void apply_nothing(struct dhcpc *d)
{
    char owner[LINK_NAME + 8];
    fmt(owner, sizeof(owner), "%s.dhcp", d->link.name);
    run(d, "ip addr del %pI/%u dev %s", &d->lease.addr, d->lease.bits, d->link.name); /* and its routes with it */
    resolv_put(d->net, owner, "");
}

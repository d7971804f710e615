/* Sources of IPv6 (RFC 6724): the examples of its section 10.1, and each rule alone. */
#include "net/ip/source.h"

#include "lib/check.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/ifaddr.h"
#include "net/ip/route.h"
#include "tests/unit/net/ip/lan.h"

struct has {
    const char *prefix; /* NULL: no more */
    u32 flags;
};

static void have(struct lan *l, const struct has *h)
{
    struct ipprefix p = {.bits = 0};
    CHECK_EQ(parse_prefix(h->prefix, &p, NULL), 0);
    struct ifaddr a = {.addr = p.addr,
                       .peer = p.addr,
                       .broadcast = ipaddr_of4(0, 0, 0, 0),
                       .bits = p.bits,
                       .scope = addr_is_link_local(&p.addr) ? SCOPE_LINK : SCOPE_GLOBAL,
                       .flags = h->flags | IFA_NODAD,
                       .valid_until = IFA_FOREVER,
                       .preferred_until = IFA_FOREVER};
    CHECK_EQ(WITH_CONF(ifaddr_add(l->dev, &a)), 0);
}

TEST(source_of_ipv6)
{
    static const struct {
        const char *dst;
        struct has has[3];
        i32 use_tempaddr;
        const char *source;
    } t[] = {
        /* RFC 6724 10.1 */
        {"2001:db8:1::1", {{"2001:db8:3::1/64", 0}, {"fe80::1/64", 0}}, 0, "2001:db8:3::1"},
        {"ff05::1", {{"2001:db8:3::1/64", 0}, {"fe80::1/64", 0}}, 0, "2001:db8:3::1"},
        {"2001:db8:1::1", {{"2001:db8:1::1/64", IFA_DEPRECATED}, {"2001:db8:2::1/64", 0}}, 0, "2001:db8:1::1"},
        {"fe80::1", {{"fe80::2/64", IFA_DEPRECATED}, {"2001:db8:1::1/64", 0}}, 0, "fe80::2"},
        {"2001:db8:1::1", {{"2001:db8:1::2/64", 0}, {"2001:db8:3::2/64", 0}}, 0, "2001:db8:1::2"},
        {"2002:c633:6401::1",
         {{"2002:c633:6401::d5e3:7953:13eb:22e8/64", IFA_SECONDARY}, {"2001:db8:1::2/64", 0}},
         0,
         "2002:c633:6401::d5e3:7953:13eb:22e8"},
        {"2001:db8:1::d5e3:0:0:1",
         {{"2001:db8:1::2/64", 0}, {"2001:db8:1::d5e3:7953:13eb:22e8/64", IFA_SECONDARY}},
         2,
         "2001:db8:1::d5e3:7953:13eb:22e8"},
        /* and without the wish for temporary ones */
        {"2001:db8:1::d5e3:0:0:1",
         {{"2001:db8:1::2/64", 0}, {"2001:db8:1::d5e3:7953:13eb:22e8/64", IFA_SECONDARY}},
         1,
         "2001:db8:1::2"},
        /* rule 3 */
        {"2001:db8:9::1", {{"2001:db8:9::5/64", IFA_DEPRECATED}, {"2001:db8:2::1/64", 0}}, 0, "2001:db8:2::1"},
        /* rule 6: unique local to unique local */
        {"fd00:2::1", {{"2001:db8:1::1/64", 0}, {"fd00:1::1/64", 0}}, 0, "fd00:1::1"},
        {"2001:db8:9::1", {{"fd00:1::1/64", 0}, {"2001:db8:1::1/64", 0}}, 0, "2001:db8:1::1"},
        /* rule 8 goes no further than the source's own prefix */
        {"2001:db8:1::2:3", {{"2001:db8:1::1/64", 0}, {"2001:db8:1::2:1/64", 0}}, 0, NULL},
    };
    for (u32 i = 0; i < ARRAY_LEN(t); i++) {
        struct lan l;
        lan_start(&l);
        lan_set(&l, "net.ipv6.conf.eth0.disable_ipv6", "1"); /* without those that it makes itself */
        for (u32 k = 0; k < 3 && t[i].has[k].prefix; k++)
            have(&l, &t[i].has[k]);
        l.dev->ip->conf[IP_V6].slaac.use_tempaddr = t[i].use_tempaddr;
        struct ipaddr dst = lan_addr(t[i].dst), want = lan_addr(t[i].source ? t[i].source : "::");
        const struct ifaddr *a = ifaddr_source(l.dev, &ip_v6, &dst, SCOPE_LINK);
        const struct ifaddr *first = ifaddr_first(l.dev, &ip_v6);
        if (!a || (t[i].source ? !addr_eq(&a->addr, &want) : a != first))
            test_failed(__FILE__, __LINE__, "case %u", i);
        lan_end(&l);
    }
}

TEST(source_labels_and_scopes)
{
    static const struct {
        const char *addr;
        u8 label, scope;
    } t[] = {{"::1", 0, 2},      {"2001:db8::1", 1, 14}, {"2002::1", 2, 14}, {"::1.2.3.4", 3, 14},
             {"2001::1", 5, 14}, {"3ffe::1", 12, 14},    {"fec0::1", 11, 5}, {"fd00::1", 13, 14},
             {"fe80::1", 1, 2},  {"ff0e::1", 1, 14},     {"ff02::1", 1, 2}};
    for (u32 i = 0; i < ARRAY_LEN(t); i++) {
        struct ipaddr a = lan_addr(t[i].addr);
        if (source_label(&a) != t[i].label || source_scope(&a) != t[i].scope)
            test_failed(__FILE__, __LINE__, "%s: %u, %u", t[i].addr, source_label(&a), source_scope(&a));
    }
}

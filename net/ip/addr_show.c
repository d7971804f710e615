/* One address as iproute2 shows it (contract: addr_show.h). */
#include "net/ip/addr_show.h"

#include "net/ip/addr.h"
#include "net/ip/rt_names.h"

u32 addr_flags(const struct ifaddr *a, u64 now)
{
    return a->flags | (a->preferred_until != IFA_FOREVER && a->preferred_until <= now ? IFA_DEPRECATED : 0);
}

static void show_who(struct out *o, const struct ifaddr *a)
{
    out_fmt(o, "local", "%pI", &a->addr);
    if (!addr_eq(&a->addr, &a->peer)) {
        out_text(o, " peer ");
        out_fmt(o, "address", "%pI", &a->peer);
    }
    out_u64(o, "prefixlen", "/%llu ", a->bits);
    if (a->metric)
        out_u64(o, "metric", "metric %llu ", a->metric);
}

static void show_flags(struct out *o, const struct ifaddr *a, u32 flags)
{
    static const struct {
        u32 flag;
        const char *name, *text;
    } names[] = {
        {IFA_NODAD, "nodad", "nodad "},
        {IFA_OPTIMISTIC, "optimistic", "optimistic "},
        {IFA_DADFAILED, "dadfailed", "dadfailed "},
        {IFA_DEPRECATED, "deprecated", "deprecated "},
        {IFA_TENTATIVE, "tentative", "tentative "},
        {IFA_PERMANENT, "dynamic", "dynamic "}, /* where it is not set */
        {IFA_MANAGETEMP, "mngtmpaddr", "mngtmpaddr "},
        {IFA_NOPREFIXROUTE, "noprefixroute", "noprefixroute "},
    };
    flags ^= IFA_PERMANENT;
    if (flags & IFA_SECONDARY)
        ipaddr_is4(&a->addr) ? out_bool(o, "secondary", "secondary ", true)
                             : out_bool(o, "temporary", "temporary ", true);
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (flags & names[i].flag)
            out_bool(o, names[i].name, names[i].text, true);
}

static void show_lifetime(struct out *o, const char *key, u64 until, u64 now)
{
    u64 left = until > now ? (until - now + NS_PER_S - 1) / NS_PER_S : 0;
    if (until != IFA_FOREVER)
        out_u64(o, key, "%llusec", left);
    else if (o->json)
        out_u64(o, key, NULL, UINT32_MAX);
    else
        out_text(o, "forever");
}

void addr_show(const struct ip_words *w, const struct addr_shown *s, bool named)
{
    const struct ifaddr *a = &s->a;
    struct out *o = w->c->out;
    char name[RT_NAME];
    u64 now = clock_ns();

    out_object(o, NULL);
    if (named) {
        out_u64(o, "index", "%llu: ", s->index);
        out_str(o, "dev", "%s", s->dev);
    }
    out_str(o, "family", "    %s ", ip_family_of(&a->addr)->name);
    show_who(o, a);
    if (ipaddr_is4(&a->addr) && !addr_is_any(&a->broadcast)) {
        out_text(o, "brd ");
        out_fmt(o, "broadcast", "%pI", &a->broadcast);
        out_text(o, " ");
    }
    out_str(o, "scope", "scope %s ", rt_scope_name(a->scope, name));
    show_flags(o, a, addr_flags(a, now));
    if (a->label[0])
        out_str(o, "label", "%s", a->label);
    out_text(o, "%s       valid_lft ", w->newline);
    show_lifetime(o, "valid_life_time", a->valid_until, now);
    out_text(o, " preferred_lft ");
    show_lifetime(o, "preferred_life_time", a->preferred_until, now);
    out_text(o, "\n");
    out_end(o);
}

void addr_show_brief(const struct ip_words *w, const struct addr_shown *s)
{
    out_object(w->c->out, NULL);
    show_who(w->c->out, &s->a);
    out_end(w->c->out);
}

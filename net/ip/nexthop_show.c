/* Next hop objects as iproute2 shows them, and as the commands that make them (contract: nexthop_show.h).
 *
 * An object without a gateway reaches its own link: of IPv4 that is said to be of scope host, as on Linux. Of a weight
 * nothing is said where it is 1. What is printed was copied before; no lock is held while it is.
 */
#include "net/ip/nexthop_show.h"

#include "lib/conf.h"
#include "net/ip/addr.h"
#include "net/ip/hop_check.h"
#include "net/ip/rt_names.h"

static void show_group(struct out *o, const struct nexthop_shown *s)
{
    out_text(o, "group ");
    out_array(o, "group");
    for (u32 i = 0; i < s->members; i++) {
        const struct nexthop_member *m = &s->member[i];
        out_object(o, NULL);
        out_u64(o, "id", i ? "/%llu" : "%llu", m->id);
        if (m->weight > 1)
            out_u64(o, "weight", ",%llu", m->weight);
        out_end(o);
    }
    out_end(o);
    out_text(o, " ");
}

static bool is_plain(const struct nexthop_shown *s)
{
    return !s->group && !s->blackhole;
}

static u8 scope_of(const struct nexthop_shown *s)
{
    if (!is_plain(s))
        return SCOPE_GLOBAL;
    return addr_is_any(&s->via) && s->af == 4 ? SCOPE_HOST : SCOPE_LINK;
}

void nexthop_show(const struct ip_words *w, const struct nexthop_shown *s, const char *key, bool deleted)
{
    struct out *o = w->c->out;
    char buf[RT_NAME];

    out_object(o, key);
    if (deleted)
        out_bool(o, "deleted", "Deleted ", true);
    out_u64(o, "id", "id %llu ", s->id);
    if (s->group)
        show_group(o, s);
    if (is_plain(s) && !addr_is_any(&s->via)) {
        out_text(o, "via ");
        out_fmt(o, "gateway", "%pI", &s->via);
        out_text(o, " ");
    }
    if (is_plain(s))
        out_str(o, "dev", "dev %s ", s->dev);
    if (is_plain(s) || w->details)
        out_str(o, "scope", "scope %s ", rt_scope_name(scope_of(s), buf));
    if (s->blackhole) {
        out_text(o, "blackhole ");
        out_null(o, "blackhole");
    }
    if (s->proto || w->details)
        out_str(o, "protocol", "proto %s ", rt_proto_name(s->proto, buf));
    out_array(o, "flags");
    if (s->flags & HOP_ONLINK)
        out_str(o, NULL, "%s ", "onlink");
    out_end(o);
    out_end(o);
}

/* ---- the commands that make them ---- */

/* It was when the object was made; the address that made it so may be gone. */
static bool is_reached(struct net *net, const struct nexthop_shown *s)
{
    struct route_key k = {.family = s->af == 6 ? IP_V6 : IP_V4, .type = ROUTE_UNICAST};
    struct hop h = {.via = s->via, .has_via = true, .weight = 1};
    conf_enter();
    h.dev = netdev_find(net, s->dev);
    bool reached = h.dev && hop_is_reached(net, TABLE_MAIN, &k, &h);
    conf_leave();
    return reached;
}

static void dump_one(struct net *net, struct out *o, const struct nexthop_shown *s)
{
    char buf[RT_NAME];
    bool onlink = s->flags & HOP_ONLINK;
    out_text(o, "ip %snexthop add id %u", s->af == 6 ? "-6 " : "", s->id);
    for (u32 i = 0; i < s->members; i++)
        out_text(o, "%s%u,%u", i ? "/" : " group ", s->member[i].id, s->member[i].weight);
    if (s->blackhole)
        out_text(o, " blackhole");
    if (is_plain(s) && !addr_is_any(&s->via))
        out_text(o, " via %pI", &s->via);
    if (is_plain(s) && !addr_is_any(&s->via) && !onlink)
        onlink = !is_reached(net, s);
    if (is_plain(s)) {
        out_text(o, " dev ");
        out_word(o, s->dev);
    }
    out_text(o, "%s", onlink ? " onlink" : "");
    if (s->proto)
        out_text(o, " proto %s", rt_proto_name(s->proto, buf));
    out_text(o, "\n");
}

void nexthop_dump(struct net *net, struct out *o)
{
    for (int groups = 0; groups < 2; groups++) { /* which come behind those that are in them */
        struct nexthop_shown *s;
        for (u32 id = 1; id && (s = nexthop_copy(net, id)); mem_free(s)) {
            id = s->id + 1;
            if (s->group == groups)
                dump_one(net, o, s);
        }
    }
}

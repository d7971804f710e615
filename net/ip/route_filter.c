/* Which routes are meant (contract: route_filter.h). iproute2: iproute_list_flush_or_save, filter_nlmsg.
 *
 *     [root | match | exact] P   table T   dev IF   via A   src A   metric N   proto P   scope S   type T   tos N nhid
 * N
 *
 * What is asked for is not printed with each route again (hide), as there.
 */
#include "net/ip/route_filter.h"

#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/route_show.h"
#include "net/ip/route_words.h"

static void read_prefix(struct ip_words *w, struct route_filter *f, const char *word)
{
    f->how = str_eq(word, "root") ? WITHIN_ROOT : str_eq(word, "match") ? WITHIN_MATCH : WITHIN_EXACT;
    if (f->how != WITHIN_EXACT || str_eq(word, "exact") || str_eq(word, "to"))
        word = ip_value(w);
    f->has_prefix = word && ip_prefix(w, word, f->family, &f->prefix);
    if (f->has_prefix && !ip_is_default(word))
        f->family = ip_family_of(&f->prefix.addr)->af;
}

static void read_table(struct ip_words *w, struct rt_names *names, struct route_filter *f)
{
    const char *word = ip_value(w);
    if (!word)
        return;
    f->all = str_eq(word, "all");
    f->cached = str_eq(word, "cache");
    f->hide &= f->all ? ~HIDE_TABLE : ~0u;
    if (!f->all && !f->cached && !rt_table_id(names, word, &f->table))
        ip_invalid(w, word, "table id value is invalid\n");
}

static void read_number(struct ip_words *w, bool (*of)(const char *, u8 *), const char *why, bool *has, u8 *to)
{
    const char *word = ip_value(w);
    *has = true;
    if (word && !str_eq(word, "all") && !of(word, to))
        ip_invalid(w, word, why);
    *has = word && !str_eq(word, "all");
}

static void read_filter_word(struct ip_words *w, struct rt_names *names, struct route_filter *f, const char *word)
{
    if (route_word_is_table(word)) {
        read_table(w, names, f);
    } else if ((strlen(word) > 1 && ip_is(word, "cached")) || ip_is(word, "cloned")) {
        f->cached = true;
    } else if (route_word_is_tos(word)) {
        f->has_tos = true;
        route_word_tos(w, &f->tos);
        f->hide |= HIDE_TOS;
    } else if (route_word_is_metric(word)) {
        f->has_metric = true;
        ip_u32(w, "\"metric\" value is invalid\n", 0, UINT32_MAX, &f->metric);
        f->hide |= HIDE_METRIC;
    } else if (route_word_is_proto(word)) {
        read_number(w, rt_proto_of, "invalid \"protocol\"\n", &f->has_proto, &f->proto);
        f->hide |= f->has_proto ? HIDE_PROTO : 0;
    } else if (str_eq(word, "scope")) {
        read_number(w, rt_scope_of, "invalid \"scope\"\n", &f->has_scope, &f->scope);
        f->hide |= f->has_scope ? HIDE_SCOPE : 0;
    } else if (str_eq(word, "type")) {
        read_number(w, rt_type_of, "node type value is invalid\n", &f->has_type, &f->type);
    } else if (str_eq(word, "dev") || str_eq(word, "oif")) {
        f->dev = ip_value(w);
        f->hide |= HIDE_DEV;
    } else if (str_eq(word, "via")) {
        route_word_via(w, f->family, &f->via);
        f->has_via = true;
        f->hide |= HIDE_VIA;
    } else if (str_eq(word, "nhid")) {
        f->has_nhid = true;
        ip_u32(w, "\"id\" value is invalid\n", 0, UINT32_MAX, &f->nhid);
    } else if (str_eq(word, "src")) {
        f->has_src = ip_addr(w, ip_value(w), f->family, &f->src);
        f->hide |= HIDE_SRC;
    } else if (str_eq(word, "vrf") || str_eq(word, "realms") || str_eq(word, "from") || str_eq(word, "iif") ||
               str_eq(word, "mark")) {
        ip_invalid(w, word, "no route here has it");
    } else {
        read_prefix(w, f, word);
    }
}

void route_filter_read(struct ip_words *w, struct rt_names *names, struct route_filter *f)
{
    *f = (struct route_filter){.family = w->family, .table = TABLE_MAIN, .hide = HIDE_TABLE};
    for (const char *word; (word = ip_word(w));)
        read_filter_word(w, names, f, word);
    if (f->has_prefix && f->family == 6 && !f->prefix.bits)
        f->prefix.addr = (struct ipaddr){{0}};
    if (!f->family && !f->all)
        f->family = 4;
}

static bool prefix_fits(const struct route_filter *f, const struct ipprefix *p)
{
    switch (f->how) {
    case WITHIN_ROOT: return p->bits >= f->prefix.bits && prefix_has(&f->prefix, &p->addr);
    case WITHIN_MATCH: return p->bits <= f->prefix.bits && prefix_has(p, &f->prefix.addr);
    default: return p->bits == f->prefix.bits && addr_eq(&p->addr, &f->prefix.addr);
    }
}

static bool hop_fits(const struct route_filter *f, const struct route *r)
{
    const struct hop *h = r->hops == 1 ? &r->hop[0] : NULL;
    bool lo = f->dev && r->key.family == IP_V6 && !r->hops && str_eq(f->dev, "lo");
    return (!f->dev || lo || (h && str_eq(h->dev->port.name, f->dev))) &&
           (!f->has_via || (h && addr_eq(&h->via, &f->via)));
}

bool route_filter_fits(const struct route_filter *f, const struct ipprefix *p, const struct route *r)
{
    const struct route_key *k = &r->key;
    return (!f->has_prefix || (ip_family_of(&f->prefix.addr) == ip_family_of(&p->addr) && prefix_fits(f, p))) &&
           (!f->has_tos || k->tos == f->tos) && (!f->has_metric || k->metric == f->metric) &&
           (!f->has_proto || k->proto == f->proto) && (!f->has_scope || k->scope == f->scope) &&
           (!f->has_type || k->type == f->type) && (!f->has_nhid || k->nhid == f->nhid) &&
           (!f->has_src || addr_eq(&k->prefsrc, &f->src)) && hop_fits(f, r);
}

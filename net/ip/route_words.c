/* A route as it is typed (contract: route_words.h).
 *
 * Words come in any order; the first address says of which family the route is, "default" takes that of the others.
 * Hops behind "nexthop" are read last, as iproute2 reads them. What iproute2 knows and a route here does not have is
 * refused by name.
 */
#include "net/ip/route_words.h"

#include "lib/parse.h"
#include "lib/string.h"
#include "net/ip/addr.h"

#define WEIGHT_MOST 256u

bool route_word_is_table(const char *word)
{
    return ip_is(word, "table");
}

bool route_word_is_proto(const char *word)
{
    return strlen(word) > 1 && ip_is(word, "protocol");
}

bool route_word_is_metric(const char *word)
{
    return str_eq(word, "metric") || str_eq(word, "priority") || str_eq(word, "preference");
}

bool route_word_is_tos(const char *word)
{
    return str_eq(word, "tos") || str_eq(word, "dsfield");
}

void route_word_tos(struct ip_words *w, u8 *tos)
{
    const char *word = ip_value(w);
    u64 v;
    char hex[8];
    if (!word)
        return;
    /* iproute2 reads it as hexadecimal, with 0x or without */
    if (str_copy(hex, sizeof(hex), word) >= sizeof(hex) || parse_hex(hex, &v, NULL) || v > 255)
        ip_invalid(w, word, "\"tos\" value is invalid\n");
    else
        *tos = (u8)v;
}

void route_word_via(struct ip_words *w, u8 family, struct ipaddr *via)
{
    const char *word = ip_value(w);
    if (word && *word == 'i' && (str_eq(word, "inet") || str_eq(word, "inet6"))) {
        family = str_eq(word, "inet") ? 4 : 6;
        word = ip_value(w);
    }
    ip_addr(w, word, family, via);
}

/* What iproute2 knows, and no route here has. */
static bool is_elsewhere(const char *word)
{
    static const char *const words[] = {
        "as",
        "from",
        "expires",
        "reordering",
        "rtt",
        "window",
        "cwnd",
        "rto_min",
        "features",
        "quickack",
        "congctl",
        "rttvar",
        "ssthresh",
        "realms",
        "encap",
        "pervasive",
        "vrf",
        "fastopen_no_cookie",
        "ttl-propagate",
        "offload",
    };
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(word, words[i]))
            return true;
    return false;
}

static u8 af_of(const struct ipaddr *a)
{
    return ip_family_of(a)->af;
}

static void learn_family(struct route_words *r, const struct ipaddr *a)
{
    r->family = r->family ? r->family : af_of(a);
}

/* ---- one hop ---- */

static void read_via(struct ip_words *w, struct route_words *r, struct hop_words *h)
{
    route_word_via(w, r->family, &h->via);
    h->has_via = !w->status;
    if (h->has_via)
        learn_family(r, &h->via);
}

static void read_weight(struct ip_words *w, struct hop_words *h)
{
    u32 weight = 0;
    ip_u32(w, "\"weight\" is invalid\n", 1, WEIGHT_MOST, &weight);
    h->weight = (u16)weight;
}

/* Behind one "nexthop", up to the next or the end. */
static void read_nexthop(struct ip_words *w, struct route_words *r, struct hop_words *h)
{
    bool any = false;
    *h = (struct hop_words){.weight = 1};
    for (const char *word; (word = ip_word(w)); any = true) {
        if (str_eq(word, "via")) {
            read_via(w, r, h);
        } else if (str_eq(word, "dev")) {
            h->dev = ip_value(w);
        } else if (str_eq(word, "weight")) {
            read_weight(w, h);
        } else if (str_eq(word, "onlink")) {
            h->flags |= HOP_ONLINK;
        } else if (str_eq(word, "nexthop") && any) {
            w->at--;
            return;
        } else {
            ip_fail(w, IP_WRONG, "Error: \"nexthop\" or end of line is expected instead of \"%s\"", word);
        }
    }
}

static void read_nexthops(struct ip_words *w, struct route_words *r)
{
    u32 n = 1;
    for (int i = w->at; i < w->c->argc; i++)
        n += str_eq(w->c->argv[i], "nexthop");
    if (n > HOP_WORDS_FEW && !(r->hop = mem_alloc(n * sizeof(*r->hop)))) {
        r->hop = r->few;
        ip_answer(w, -ENOMEM);
        return;
    }
    r->nexthops = true;
    r->hops = 0;
    do {
        read_nexthop(w, r, &r->hop[r->hops++]);
    } while (!w->status && w->at < w->c->argc && w->at++);
}

/* The one hop of a route without "nexthop". */
static struct hop_words *the_hop(struct route_words *r)
{
    if (!r->hops)
        r->few[r->hops++] = (struct hop_words){.weight = 1};
    return r->few;
}

/* ---- the route ---- */

static void read_src(struct ip_words *w, struct route_words *r)
{
    r->has_src = ip_addr(w, ip_value(w), r->family, &r->key.prefsrc);
    if (r->has_src)
        learn_family(r, &r->key.prefsrc);
}

static bool read_metric_of(struct ip_words *w, struct route_words *r, const char *word)
{
    static const char *const names[ROUTE_METRICS] = {[METRIC_MTU] = "mtu",
                                                     [METRIC_ADVMSS] = "advmss",
                                                     [METRIC_INITCWND] = "initcwnd",
                                                     [METRIC_INITRWND] = "initrwnd",
                                                     [METRIC_HOPLIMIT] = "hoplimit"};
    char why[40] = "\"";
    for (u32 i = 0; i < ROUTE_METRICS; i++) {
        if (!str_eq(word, names[i]))
            continue;
        if (w->at < w->c->argc && str_eq(w->c->argv[w->at], "lock") && i != METRIC_INITCWND && i != METRIC_INITRWND) {
            r->key.locked |= 1u << i;
            w->at++;
        }
        str_append(why, sizeof(why), word);
        str_append(why, sizeof(why), "\" value is invalid\n");
        ip_u32(w, why, 0, i == METRIC_HOPLIMIT ? 255 : UINT32_MAX, &r->key.metrics[i]);
        return true;
    }
    return false;
}

static void read_table(struct ip_words *w, struct rt_names *names, struct route_words *r)
{
    const char *word = ip_value(w);
    r->has_table = true;
    if (word && (!rt_table_id(names, word, &r->table) || !r->table))
        ip_invalid(w, word, "\"table\" value is invalid\n");
}

static void read_proto(struct ip_words *w, struct route_words *r)
{
    const char *word = ip_value(w);
    r->has_proto = true;
    if (word && !rt_proto_of(word, &r->key.proto))
        ip_invalid(w, word, "\"protocol\" value is invalid\n");
}

static void read_scope(struct ip_words *w, struct route_words *r)
{
    const char *word = ip_value(w);
    r->has_scope = true;
    if (word && !rt_scope_of(word, &r->key.scope))
        ip_invalid(w, word, "invalid \"scope\" value\n");
}

static void read_pref(struct ip_words *w)
{
    const char *word = ip_value(w);
    if (word && (str_eq(word, "low") || str_eq(word, "high")))
        ip_invalid(w, word, "routes here have no preference but medium");
    else if (word && !str_eq(word, "medium"))
        ip_invalid(w, word, "\"pref\" value is invalid\n");
}

static void read_prefix(struct ip_words *w, struct route_words *r, const char *word)
{
    if (r->has_dst) {
        ip_fail(w, IP_WRONG, "Error: either \"to\" is duplicate, or \"%s\" is a garbage.", word);
        return;
    }
    r->has_dst = ip_prefix(w, word, r->family, &r->dst);
    if (r->has_dst && (r->dst.bits || !ip_is_default(word)))
        learn_family(r, &r->dst.addr);
}

static void read_dst(struct ip_words *w, struct route_words *r, const char *word)
{
    if (str_eq(word, "to"))
        word = ip_value(w);
    if (word && rt_type_of(word, &r->key.type)) {
        r->has_type = true;
        word = ip_value(w);
    }
    if (word && is_elsewhere(word))
        ip_invalid(w, word, "no route here has it");
    else if (word)
        read_prefix(w, r, word);
}

/* A word that says something of the route as a whole; false: it is another. */
static bool read_of_route(struct ip_words *w, struct rt_names *names, struct route_words *r, const char *word)
{
    if (str_eq(word, "src")) {
        read_src(w, r);
    } else if (route_word_is_tos(word)) {
        r->has_tos = true;
        route_word_tos(w, &r->key.tos);
    } else if (route_word_is_metric(word)) {
        r->has_metric = true;
        ip_u32(w, "\"metric\" value is invalid\n", 0, UINT32_MAX, &r->key.metric);
    } else if (str_eq(word, "nhid")) {
        ip_u32(w, "\"id\" value is invalid\n", 0, UINT32_MAX, &r->key.nhid);
    } else if (str_eq(word, "scope")) {
        read_scope(w, r);
    } else if (route_word_is_proto(word)) {
        read_proto(w, r);
    } else if (route_word_is_table(word)) {
        read_table(w, names, r);
    } else if (str_eq(word, "pref")) {
        read_pref(w);
    } else {
        return read_metric_of(w, r, word);
    }
    return true;
}

bool route_words_read(struct ip_words *w, struct rt_names *names, struct route_words *r)
{
    memset(r, 0, offsetof(struct route_words, few));
    r->family = w->family;
    r->hop = r->few;
    for (const char *word; (word = ip_word(w));) {
        if (char_is_digit(*word)) /* no keyword begins with one */
            read_prefix(w, r, word);
        else if (str_eq(word, "via"))
            read_via(w, r, the_hop(r));
        else if (str_eq(word, "dev") || str_eq(word, "oif"))
            the_hop(r)->dev = ip_value(w);
        else if (str_eq(word, "onlink"))
            the_hop(r)->flags |= HOP_ONLINK;
        else if (str_eq(word, "nexthop"))
            read_nexthops(w, r);
        else if (!read_of_route(w, names, r, word))
            read_dst(w, r, word);
    }
    if (r->has_dst && !r->dst.bits) /* "default" is of the family that the rest is of */
        r->dst.addr = r->family == 6 ? (struct ipaddr){{0}} : ipaddr_of4(0, 0, 0, 0);
    return !w->status;
}

void route_words_end(struct route_words *r)
{
    if (r->hop != r->few)
        mem_free(r->hop);
    r->hop = r->few;
}

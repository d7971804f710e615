/* ip rule: which table a packet is looked up in.
 *
 *     ip [-4 | -6] [-d] [-j [-p]] rule [show] [SELECTOR ...] [table T] [priority N]
 *     ip rule add | del [not] [from P] [to P] [iif IF] [oif IF] [fwmark N[/MASK]] [tos N] [ipproto P] [sport N[-M]]
 *         [dport N[-M]] [uidrange N-M] [priority N] [suppress_prefixlength N]
 *         [suppress_ifgroup N] [proto P]
 *         [lookup T | goto N | nop | blackhole | unreachable | prohibit]
 *     ip rule flush      ip rule save: the commands that make them again
 */
#include "lib/conf.h"
#include "lib/fmt.h"
#include "lib/iproute.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/dev/updown.h"
#include "net/ip/addr.h"
#include "net/ip/route_words.h"
#include "net/ip/rule.h"

enum verb { LIST, LST, SHOW, ADD, DELETE, FLUSH, SAVE, HELP };
static const char *const verbs[] = {"list", "lst", "show", "add", "delete", "flush", "save", "help"};

/* ---- words ---- */

struct request {
    struct rule r;
    u8 family;
    bool has_priority, has_proto, has_tos, any;
};

static void read_prefix(struct ip_words *w, bool *has, struct ipprefix *p)
{
    const char *word = ip_value(w);
    if (ip_prefix(w, word, w->family, p))
        *has = p->bits;
}

static void read_mark(struct ip_words *w, struct rule *r)
{
    const char *word = ip_value(w);
    char mark[16];
    if (!word)
        return;
    const char *slash = strchr(word, '/');
    r->mark_mask = UINT32_MAX;
    if (str_copy_n(mark, sizeof(mark), word, slash ? (size_t)(slash - word) : strlen(word)) >= sizeof(mark) ||
        parse_u32(mark, 0, UINT32_MAX, &r->mark, NULL))
        ip_invalid(w, word, "fwmark value is invalid\n");
    else if (slash && parse_u32(slash + 1, 0, UINT32_MAX, &r->mark_mask, NULL))
        ip_invalid(w, slash + 1, "fwmask value is invalid\n");
}

/* "80", "80-90": the last in `to`. */
static bool read_range(const char *word, u32 *from, u32 *to)
{
    char text[16];
    const char *dash = strchr(word, '-');
    if (str_copy_n(text, sizeof(text), word, dash ? (size_t)(dash - word) : strlen(word)) >= sizeof(text) ||
        parse_u32(text, 0, UINT32_MAX, from, NULL))
        return false;
    *to = *from;
    return !dash || !parse_u32(dash + 1, 0, UINT32_MAX, to, NULL);
}

static void read_ports(struct ip_words *w, const char *name, u16 range[2])
{
    const char *word = ip_value(w);
    u32 from, to;
    if (!word)
        return;
    if (!read_range(word, &from, &to) || from > 65535 || to > 65535) {
        ip_invalid(w, word, "invalid port range\n");
        return;
    }
    if (!from || to < from || to == 65535)
        ip_fail(w, IP_REFUSED, "Error: Invalid %s range.", name);
    range[0] = (u16)from;
    range[1] = (u16)to;
}

static void read_uids(struct ip_words *w, struct rule *r)
{
    const char *word = ip_value(w);
    if (!word)
        return;
    r->has_uid = true;
    if (!strchr(word, '-') || !read_range(word, &r->uid[0], &r->uid[1]))
        ip_invalid(w, word, "invalid UID range\n");
    else if (r->uid[0] > r->uid[1])
        ip_fail(w, IP_REFUSED, "Error: Invalid uid range.");
}

static void read_dev(struct ip_words *w, char name[PORT_NAME])
{
    const char *word = ip_value(w);
    if (word && !dev_name_ok(word))
        ip_invalid(w, word, "not a valid ifname");
    else if (word)
        str_copy(name, PORT_NAME, word);
}

static void read_action(struct ip_words *w, struct rule *r, const char *word)
{
    static const struct {
        const char *word;
        u8 action;
    } actions[] = {{"nop", RULE_NOP},
                   {"blackhole", RULE_BLACKHOLE},
                   {"unreachable", RULE_UNREACHABLE},
                   {"prohibit", RULE_PROHIBIT},
                   {"unicast", RULE_LOOKUP}};
    if (str_eq(word, "type"))
        word = ip_value(w);
    for (unsigned i = 0; word && i < ARRAY_LEN(actions); i++)
        if (str_eq(word, actions[i].word)) {
            r->action = actions[i].action;
            return;
        }
    if (word)
        ip_fail(w, IP_WRONG, "Error: argument \"%s\" is wrong: Failed to parse rule type", word);
}

static void read_goto(struct ip_words *w, struct rule *r)
{
    r->action = RULE_GOTO;
    ip_u32(w, "invalid target\n", 0, UINT32_MAX, &r->target);
}

static void read_table(struct ip_words *w, struct rt_names *names, struct rule *r)
{
    const char *word = ip_value(w);
    if (word && !rt_table_id(names, word, &r->table))
        ip_invalid(w, word, "invalid table ID\n");
    r->action = r->action ? r->action : RULE_LOOKUP;
}

static bool is_priority(const char *word)
{
    return str_eq(word, "priority") || str_eq(word, "preference") || str_eq(word, "pref") || str_eq(word, "order");
}

static void read_group(struct ip_words *w, struct rule *r)
{
    const char *word = ip_value(w);
    u32 v = 0;
    if (word && !str_eq(word, "default") && parse_u32(word, 0, INT32_MAX, &v, NULL))
        ip_invalid(w, word, "Invalid \"suppress_ifgroup\" value\n");
    r->suppress_group = (i32)v;
}

/* What says which packets; false: it is another word. */
static bool read_selector(struct ip_words *w, struct request *q, const char *word)
{
    struct rule *r = &q->r;
    u32 v = 0;
    if (str_eq(word, "not")) {
        r->not = true;
    } else if (str_eq(word, "from")) {
        read_prefix(w, &r->has_from, &r->from);
    } else if (str_eq(word, "to")) {
        read_prefix(w, &r->has_to, &r->to);
    } else if (str_eq(word, "iif") || str_eq(word, "dev")) {
        read_dev(w, r->iif);
    } else if (str_eq(word, "oif")) {
        read_dev(w, r->oif);
    } else if (str_eq(word, "fwmark")) {
        read_mark(w, r);
    } else if (route_word_is_tos(word)) {
        const char *value = w->at < w->c->argc ? w->c->argv[w->at] : NULL;
        if (value && (parse_hex(value, &(u64){0}, NULL)))
            ip_invalid(w, value, "TOS value is invalid\n");
        else
            route_word_tos(w, &r->tos);
    } else if (str_eq(word, "ipproto")) {
        word = ip_value(w);
        if (word && !rt_ipproto_of(word, &r->ipproto))
            ip_invalid(w, word, "Invalid \"ipproto\" value\n");
    } else if (str_eq(word, "sport") || str_eq(word, "dport")) {
        read_ports(w, word, *word == 's' ? r->sport : r->dport);
    } else if (str_eq(word, "uidrange")) {
        read_uids(w, r);
    } else if (str_eq(word, "suppress_prefixlength") || str_eq(word, "sup_pl")) {
        ip_u32(w, "suppress_prefixlength value is invalid\n", 0, 128, &v);
        r->suppress_bits = (i32)v;
    } else if (str_eq(word, "suppress_ifgroup") || str_eq(word, "sup_group")) {
        read_group(w, r);
    } else {
        return false;
    }
    return true;
}

static void read_words(struct ip_words *w, struct rt_names *names, struct request *q, bool shows)
{
    struct rule *r = &q->r;
    for (const char *word; (word = ip_word(w)); q->any = true) {
        if (is_priority(word)) {
            q->has_priority = true;
            ip_u32(w, "preference value is invalid\n", 0, UINT32_MAX, &r->priority);
        } else if (route_word_is_table(word) || str_eq(word, "lookup")) {
            read_table(w, names, r);
        } else if (str_eq(word, "goto")) {
            read_goto(w, r);
        } else if (route_word_is_proto(word)) {
            word = ip_value(w);
            q->has_proto = true;
            if (word && !rt_proto_of(word, &r->proto))
                ip_invalid(w, word, "\"protocol\" value is invalid\n");
        } else if (str_eq(word, "realms") || str_eq(word, "tun_id") || str_eq(word, "l3mdev") || str_eq(word, "nat") ||
                   str_eq(word, "map-to")) {
            ip_invalid(w, word, "no rule here has it");
        } else if (!read_selector(w, q, word)) {
            if (shows)
                r->has_to = ip_prefix(w, word, w->family == 6 ? 6 : 4, &r->to) && r->to.bits;
            else
                read_action(w, r, word);
        }
    }
}

/* ---- act; under conf_lock ---- */

static enum ip_index family_of(const struct request *q)
{
    return q->family == 6 ? IP_V6 : IP_V4;
}

static int wrong_family(struct ip_words *w, const struct request *q)
{
    bool v4 = q->family != 6;
    if (q->r.has_from && ipaddr_is4(&q->r.from.addr) != v4)
        return ip_fail(w, IP_REFUSED, "Error: Invalid source address.");
    if (q->r.has_to && ipaddr_is4(&q->r.to.addr) != v4)
        return ip_fail(w, IP_REFUSED, "Error: Invalid destination address.");
    return 0;
}

static int add(struct ip_words *w, struct request *q)
{
    struct rule *r = &q->r;
    if (q->family != 6 && (r->tos & 3))
        return ip_fail(w, IP_REFUSED, "Error: Invalid dsfield (tos): ECN bits must be 0.");
    if (q->family != 6 && (r->tos & 0xe0))
        return ip_fail(w, IP_REFUSED, "Error: Invalid tos.");
    if (!r->action || (r->action == RULE_LOOKUP && !r->table)) { /* "unicast", or nothing: as Linux */
        r->action = RULE_LOOKUP;
        r->table = TABLE_MAIN;
    }
    if (!q->has_priority)
        r->priority = rule_free_priority(w->c->net, family_of(q));
    if (r->action == RULE_GOTO && r->target <= r->priority)
        return ip_fail(w, IP_REFUSED, "Error: Backward goto not supported.");
    return ip_answer(w, rule_add(w->c->net, family_of(q), r));
}

static int change(struct ip_words *w, struct request *q, enum verb verb)
{
    int status = wrong_family(w, q);
    if (status)
        return status;
    if (verb == ADD)
        return add(w, q);
    return ip_answer(w, rule_del(w->c->net, family_of(q), &q->r, !q->has_priority));
}

/* All rules of a family, copied; NULL: no memory. */
static struct rule *copy(struct net *net, enum ip_index f, u32 *n)
{
    conf_enter();
    *n = rule_count(net, f);
    struct rule *all = mem_alloc(max(*n, 1u) * sizeof(*all));
    for (u32 i = 0; all && i < *n; i++)
        all[i] = *rule_at(net, f, i);
    conf_leave();
    return all;
}

static bool in_prefix(const struct ipprefix *p, const struct rule *r, bool from)
{
    const struct ipprefix *is = from ? &r->from : &r->to;
    return (from ? r->has_from : r->has_to) && is->bits >= p->bits && prefix_has(p, &is->addr);
}

static bool fits(const struct request *q, const struct rule *r)
{
    const struct rule *m = &q->r;
    return (!q->has_priority || r->priority == m->priority) && (!m->has_from || in_prefix(&m->from, r, true)) &&
           (!m->has_to || in_prefix(&m->to, r, false)) && (!m->table || r->table == m->table) &&
           (!m->mark_mask || (r->mark == m->mark && r->mark_mask == m->mark_mask)) && (!m->tos || r->tos == m->tos) &&
           (!m->iif[0] || str_eq(r->iif, m->iif)) && (!m->oif[0] || str_eq(r->oif, m->oif)) &&
           (!m->ipproto || r->ipproto == m->ipproto) && (!q->has_proto || r->proto == m->proto) &&
           (!m->sport[1] || !memcmp(r->sport, m->sport, sizeof(r->sport))) &&
           (!m->dport[1] || !memcmp(r->dport, m->dport, sizeof(r->dport))) && (!m->not || r->not ) &&
           (!m->has_uid || (r->has_uid && !memcmp(r->uid, m->uid, sizeof(r->uid))));
}

/* ---- print ---- */

static void show_prefix(struct out *o, const char *keyword, const char *key, const char *len, const struct ipprefix *p)
{
    out_text(o, "%s ", keyword);
    out_fmt(o, key, "%pI", &p->addr);
    if (p->bits != ipaddr_bits(&p->addr))
        out_u64(o, len, "/%llu", p->bits);
    out_text(o, " ");
}

static void show_dev(struct net *net, struct out *o, bool in, const char *name)
{
    conf_enter();
    bool there = netdev_find(net, name);
    conf_leave();
    out_str(o, in ? "iif" : "oif", in ? "iif %s " : "oif %s ", name);
    if (there)
        return;
    out_text(o, "[detached] ");
    out_null(o, in ? "iif_detached" : "oif_detached");
}

static void show_mark(struct out *o, const struct rule *r)
{
    char text[16];
    fmt(text, sizeof(text), "0x%x", r->mark);
    out_str(o, "fwmark", "fwmark %s", text);
    fmt(text, sizeof(text), "0x%x", r->mark_mask);
    if (r->mark_mask != UINT32_MAX)
        out_str(o, "fwmask", "/%s", text);
    out_text(o, " ");
}

static void show_ports(struct out *o, bool source, const u16 range[2])
{
    if (!range[0] && !range[1])
        return;
    out_text(o, source ? "sport " : "dport ");
    if (range[0] == range[1]) {
        out_u64(o, source ? "sport" : "dport", "%llu ", range[0]);
        return;
    }
    out_u64(o, source ? "sport_start" : "dport_start", "%llu", range[0]);
    out_u64(o, source ? "sport_end" : "dport_end", "-%llu ", range[1]);
}

static void show_selectors(struct net *net, struct out *o, const struct rule *r)
{
    char buf[RT_NAME];
    if (r->not ) {
        out_text(o, "not ");
        out_null(o, "not");
    }
    if (r->has_from)
        show_prefix(o, "from", "src", "srclen", &r->from);
    else
        out_str(o, "src", "from %s ", "all");
    if (r->has_to)
        show_prefix(o, "to", "dst", "dstlen", &r->to);
    if (r->tos) {
        fmt(buf, sizeof(buf), "0x%02x", r->tos);
        out_str(o, "tos", "tos %s ", buf);
    }
    if (r->mark || r->mark_mask)
        show_mark(o, r);
    if (r->iif[0])
        show_dev(net, o, true, r->iif);
    if (r->oif[0])
        show_dev(net, o, false, r->oif);
    if (r->has_uid) {
        out_u64(o, "uid_start", "uidrange %llu", r->uid[0]);
        out_u64(o, "uid_end", "-%llu ", r->uid[1]);
    }
    if (r->ipproto)
        out_str(o, "ipproto", "ipproto %s ", rt_ipproto_name(r->ipproto, buf));
    show_ports(o, true, r->sport);
    show_ports(o, false, r->dport);
}

static const char *group_name(i32 group, char buf[RT_NAME])
{
    fmt(buf, RT_NAME, "%d", group);
    return group ? buf : "default";
}

static void show_action(struct out *o, struct rt_names *names, const struct rule *r, bool resolved)
{
    char buf[RT_NAME];
    switch ((enum rule_action)r->action) {
    case RULE_LOOKUP:
        out_str(o, "table", "lookup %s", rt_table_name(names, r->table, buf));
        if (r->suppress_bits >= 0)
            out_i64(o, "suppress_prefixlen", " suppress_prefixlength %lld", r->suppress_bits);
        if (r->suppress_group >= 0)
            out_str(o, "suppress_ifgroup", " suppress_ifgroup %s", group_name(r->suppress_group, buf));
        break;
    case RULE_GOTO:
        out_u64(o, "goto", "goto %llu", r->target);
        if (!resolved) {
            out_text(o, " [unresolved]");
            out_null(o, "unresolved");
        }
        break;
    case RULE_NOP:
        out_text(o, "nop");
        out_null(o, "nop");
        break;
    default: out_str(o, "action", "%s", rt_type_name(r->action, buf));
    }
}

static bool is_resolved(const struct rule *all, u32 n, u32 target)
{
    for (u32 i = 0; i < n; i++)
        if (all[i].priority == target)
            return true;
    return false;
}

static void show_one(struct ip_words *w, struct rt_names *names, const struct rule *r, bool resolved)
{
    struct out *o = w->c->out;
    char buf[RT_NAME];
    out_object(o, NULL);
    out_u64(o, "priority", "%llu:\t", r->priority);
    show_selectors(w->c->net, o, r);
    show_action(o, names, r, resolved);
    if (r->proto != PROTO_KERNEL && (r->proto || w->details))
        out_str(o, "protocol", " proto %s", rt_proto_name(r->proto, buf));
    else if (w->details)
        out_str(o, "protocol", " proto %s", rt_proto_name(r->proto, buf));
    out_text(o, "\n");
    out_end(o);
}

static int show(struct ip_words *w, struct rt_names *names, const struct request *q)
{
    u32 n;
    struct rule *all = copy(w->c->net, family_of(q), &n);
    if (!all)
        return ip_answer(w, -ENOMEM);
    out_array(w->c->out, NULL);
    for (u32 i = 0; i < n && !out_failed(w->c->out); i++)
        if (fits(q, &all[i]))
            show_one(w, names, &all[i], all[i].action != RULE_GOTO || is_resolved(all, n, all[i].target));
    out_end(w->c->out);
    mem_free(all);
    return 0;
}

/* ---- dump: how the rules differ from the first ones ---- */

static void dump_prefix(struct out *o, const char *keyword, const struct ipprefix *p)
{
    out_text(o, " %s %pI/%u", keyword, &p->addr, p->bits);
}

static void dump_ports(struct out *o, const char *keyword, const u16 range[2])
{
    if (range[1])
        out_text(o, " %s %u-%u", keyword, range[0], range[1]);
}

static void dump_dev(struct out *o, const char *keyword, const char *name)
{
    if (!name[0])
        return;
    out_text(o, " %s ", keyword);
    out_word(o, name);
}

static void dump_one(struct out *o, struct rt_names *names, enum ip_index f, const struct rule *r, const char *verb)
{
    char buf[RT_NAME];
    out_text(o, "ip %srule %s%s", f == IP_V6 ? "-6 " : "", verb, r->not ? " not" : "");
    if (r->has_from)
        dump_prefix(o, "from", &r->from);
    if (r->has_to)
        dump_prefix(o, "to", &r->to);
    dump_dev(o, "iif", r->iif);
    dump_dev(o, "oif", r->oif);
    if (r->mark || r->mark_mask)
        out_text(o, " fwmark 0x%x/0x%x", r->mark, r->mark_mask);
    if (r->tos)
        out_text(o, " tos 0x%02x", r->tos);
    if (r->ipproto)
        out_text(o, " ipproto %u", r->ipproto);
    dump_ports(o, "sport", r->sport);
    dump_ports(o, "dport", r->dport);
    if (r->has_uid)
        out_text(o, " uidrange %u-%u", r->uid[0], r->uid[1]);
    out_text(o, " priority %u", r->priority);
    if (r->suppress_bits >= 0)
        out_text(o, " suppress_prefixlength %d", r->suppress_bits);
    if (r->suppress_group >= 0)
        out_text(o, " suppress_ifgroup %d", r->suppress_group);
    if (r->proto)
        out_text(o, " proto %s", rt_proto_name(r->proto, buf));
    if (r->action == RULE_LOOKUP)
        out_text(o, " lookup %s", rt_table_name(names, r->table, buf));
    else if (r->action == RULE_GOTO)
        out_text(o, " goto %u", r->target);
    else
        out_text(o, " %s", r->action == RULE_NOP ? "nop" : rt_type_name(r->action, buf));
    out_text(o, "\n");
}

/* Is it one of those that are there at first? Which? */
static int usual(const struct rule *r, enum ip_index f)
{
    static const u32 priority[] = {0, 32766, 32767}, table[] = {TABLE_LOCAL, TABLE_MAIN, TABLE_DEFAULT};
    bool bare = r->proto == PROTO_KERNEL && r->action == RULE_LOOKUP && !r->has_from && !r->has_to && !r->mark_mask &&
                !r->iif[0] && !r->oif[0] && !r->tos && !r->ipproto && !r->has_uid && !r->sport[1] && !r->dport[1] &&
                !r->not &&r->suppress_bits < 0 && r->suppress_group < 0;
    for (int i = 0; bare && i < (f == IP_V4 ? 3 : 2); i++)
        if (r->priority == priority[i] && r->table == table[i])
            return i;
    return -1;
}

static void dump_family(struct net *net, struct out *o, struct rt_names *names, enum ip_index f, bool whole)
{
    static const u32 priority[] = {0, 32766, 32767};
    u32 n, there = 0;
    struct rule *all = copy(net, f, &n);
    for (u32 i = 0; all && i < n; i++)
        if (usual(&all[i], f) >= 0)
            there |= 1u << usual(&all[i], f);
    for (int i = 0; all && whole && i < (f == IP_V4 ? 3 : 2); i++)
        if (!(there >> i & 1))
            out_text(o, "ip %srule del priority %u\n", f == IP_V6 ? "-6 " : "", priority[i]);
    for (u32 i = 0; all && i < n; i++)
        if (usual(&all[i], f) < 0)
            dump_one(o, names, f, &all[i], "add");
    mem_free(all);
}

static void dump(struct cmd_ctx *c)
{
    struct rt_names names = {.net = c->net};
    for (enum ip_index f = 0; rule_ready(c->net) && f < IP_FAMILIES; f++)
        dump_family(c->net, c->out, &names, f, true);
    rt_names_end(&names);
}

/* ---- the command ---- */

static int run(struct ip_words *w, struct rt_names *names, enum verb verb)
{
    struct request q = {.r = {.suppress_bits = -1, .suppress_group = -1}, .family = w->family};
    if (verb == HELP) {
        out_text(w->c->err, "Usage: ip rule %s\n", w->c->cmd->usage);
        return IP_WRONG;
    }
    read_words(w, names, &q, verb <= SHOW);
    if (w->status)
        return w->status;
    if (verb <= SHOW)
        return show(w, names, &q);
    if ((verb == ADD || verb == DELETE) && !q.any)
        return ip_fail(w, 1, "\"ip rule %s\" requires arguments.", verb == ADD ? "add" : "del");
    if (verb == SAVE) {
        dump_family(w->c->net, w->c->out, names, family_of(&q), false);
        return 0;
    }
    if (verb == FLUSH && q.any)
        return ip_fail(w, 1, "\"ip rule flush\" does not allow arguments");
    conf_enter();
    int status = verb == FLUSH ? ip_answer(w, rule_flush(w->c->net, family_of(&q))) : change(w, &q, verb);
    conf_leave();
    return status;
}

static int cmd_rule(struct cmd_ctx *c)
{
    struct rt_names names = {.net = c->net};
    struct ip_words w;
    int status = ip_begin(&w, c), verb = status ? -1 : ip_verb(&w, verbs, ARRAY_LEN(verbs), LIST);
    if (verb < 0)
        return w.status;
    status = run(&w, &names, (enum verb)verb);
    rt_names_end(&names);
    return status;
}

static void complete(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg)
{
    static const char *const words[] = {"from", "to",    "iif",   "oif",      "fwmark",   "tos",    "ipproto",
                                        "not",  "sport", "dport", "uidrange", "priority", "lookup", "goto"};
    int nth = c->argc - c->words;
    for (unsigned i = 0; nth == 1 && i < ARRAY_LEN(verbs); i++)
        if (i != LST && i != LIST && i != HELP)
            offer(arg, verbs[i]);
    for (unsigned i = 0; nth > 1 && i < ARRAY_LEN(words); i++)
        offer(arg, words[i]);
}

CMD(rule, .name = "ip rule", .least = 2, .group = "network", .help = "which packets are looked up in which table",
    .usage = "[show] [SELECTOR ...] [table T] [priority N] | add|del [not] [from P] [to P] [iif IF] [oif IF]"
             " [fwmark N[/MASK]] [tos N] [ipproto P] [sport N[-M]] [dport N[-M]] [uidrange N-M] [priority N]"
             " [suppress_prefixlength N] [suppress_ifgroup N] [proto P] [lookup T|goto "
             "N|nop|blackhole|unreachable|prohibit] | flush | save",
    .dump_rank = 35, .run = cmd_rule, .dump = dump, .complete = complete);

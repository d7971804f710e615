/* ip nexthop: hops that routes name by number.
 *
 *     ip nexthop add | replace [id N] via A dev IF [onlink] | dev IF | blackhole | group N[,WEIGHT][/...] [type mpath]
 *         [proto P]
 *     ip nexthop del id N      ip nexthop get id N
 *     ip [-d] [-j [-p]] [-4 | -6] nexthop [show | flush] [id N] [dev IF] [groups] [proto N]
 *
 * Resilient groups, hops for bridges and encapsulation are refused by name.
 */
#include "lib/conf.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/ip/addr.h"
#include "net/ip/nexthop_show.h"
#include "net/ip/route_words.h"

enum verb { LIST, LST, SHOW, ADD, REPLACE, GET, DELETE, FLUSH, HELP, BUCKET };
static const char *const verbs[] = {"list", "lst",    "show",  "add",  "replace",
                                    "get",  "delete", "flush", "help", "bucket"};

/* ---- words ---- */

#define MEMBERS_FEW 32u

struct request {
    struct nexthop_want want;
    const char *dev;
    u8 family; /* 0: nothing has said so */
    bool has_id, group;
    u32 room;
    struct nexthop_member *member; /* few, or memory */
    struct nexthop_member few[MEMBERS_FEW];
};

static void read_id(struct ip_words *w, struct request *q)
{
    const char *word = ip_value(w);
    q->has_id = true;
    if (word && parse_u32(word, 0, UINT32_MAX, &q->want.id, NULL))
        ip_fail(w, IP_WRONG, "Error: argument \"%s\" is wrong: invalid id value", word);
}

static int grow(struct request *q)
{
    struct nexthop_member *m;
    if (q->want.members < q->room)
        return 0;
    if (q->room >= ROUTE_HOPS)
        return -ENOSPC;
    m = mem_alloc(ROUTE_HOPS * sizeof(*m));
    if (!m)
        return -ENOMEM;
    memcpy(m, q->member, q->room * sizeof(*m));
    q->member = m;
    q->room = ROUTE_HOPS;
    return 0;
}

/* "3,10": one member of a group. */
static void read_member(struct ip_words *w, struct request *q, const char *text, size_t n)
{
    char id[16], weight[16] = "1";
    struct nexthop_member m;
    u32 v;
    size_t comma = 0;
    while (comma < n && text[comma] != ',')
        comma++;
    bool fits = str_copy_n(id, sizeof(id), text, comma) < sizeof(id);
    if (comma < n)
        fits &= str_copy_n(weight, sizeof(weight), text + comma + 1, n - comma - 1) < sizeof(weight);
    if (!fits || parse_u32(id, 1, UINT32_MAX, &m.id, NULL)) {
        ip_invalid(w, id, "\"group\" value is invalid\n");
        return;
    }
    if (parse_u32(weight, 1, NEXTHOP_WEIGHT_MOST, &v, NULL)) {
        ip_invalid(w, weight, "\"weight\" is invalid\n");
        return;
    }
    m.weight = (u16)v;
    int err = grow(q);
    if (err)
        ip_answer(w, err);
    else
        q->member[q->want.members++] = m;
}

static void read_group(struct ip_words *w, struct request *q)
{
    const char *word = ip_value(w);
    q->group = true;
    q->want.members = 0;
    while (word && !w->status) {
        const char *slash = strchr(word, '/');
        read_member(w, q, word, slash ? (size_t)(slash - word) : strlen(word));
        word = slash ? slash + 1 : NULL;
    }
}

static void read_via(struct ip_words *w, struct request *q)
{
    route_word_via(w, q->family, &q->want.hop.via);
    if (!w->status)
        q->family = ip_family_of(&q->want.hop.via)->af;
}

static void read_type(struct ip_words *w)
{
    const char *word = ip_value(w);
    if (word && str_eq(word, "resilient"))
        ip_invalid(w, word, "groups here are of type mpath");
    else if (word && !str_eq(word, "mpath"))
        ip_invalid(w, word, "\"type\" value is invalid\n");
}

static void read_proto(struct ip_words *w, u8 *proto)
{
    const char *word = ip_value(w);
    if (word && !rt_proto_of(word, proto))
        ip_invalid(w, word, "\"protocol\" value is invalid\n");
}

static void read_words(struct ip_words *w, struct request *q)
{
    static const char *const elsewhere[] = {"encap", "fdb", "buckets", "idle_timer", "unbalanced_timer", "hw_stats"};
    for (const char *word; (word = ip_word(w));) {
        if (str_eq(word, "id")) {
            read_id(w, q);
        } else if (str_eq(word, "dev")) {
            q->dev = ip_value(w);
            q->family = q->family ? q->family : 4;
        } else if (str_eq(word, "via")) {
            read_via(w, q);
        } else if (str_eq(word, "blackhole")) {
            q->want.blackhole = true;
            q->family = q->family ? q->family : 4;
        } else if (str_eq(word, "onlink")) {
            q->want.hop.flags |= HOP_ONLINK;
        } else if (str_eq(word, "group")) {
            read_group(w, q);
        } else if (str_eq(word, "type")) {
            read_type(w);
        } else if (route_word_is_proto(word)) {
            read_proto(w, &q->want.proto);
        } else if (ip_among(word, elsewhere, ARRAY_LEN(elsewhere))) {
            ip_invalid(w, word, "no next hop here has it");
        } else {
            ip_invalid(w, word, "");
        }
    }
}

/* What the words say together, before the stack is asked; the reason, or NULL. */
static const char *contradiction(const struct request *q)
{
    bool plain = q->dev || !addr_is_any(&q->want.hop.via);
    if (q->group)
        return q->family           ? "Invalid family for group"
               : q->want.hop.flags ? "A group has no gateway to be onlink"
                                   : NULL;
    if (!q->family)
        return "Invalid address family";
    if (q->want.blackhole && plain)
        return "Blackhole attribute can not be used with gateway, oif, encap or fdb";
    if (q->want.blackhole && q->want.hop.flags)
        return "Invalid flags for nexthop - PERVASIVE and ONLINK can not be set";
    return NULL;
}

/* ---- act ---- */

static int refused(struct ip_words *w, const struct route_refusal *no)
{
    return no->why ? ip_fail(w, IP_REFUSED, "Error: %s.", no->why) : ip_answer(w, no->err);
}

static int no_device(struct ip_words *w, const char *name)
{
    return ip_invalid(w, name, "Device does not exist\n");
}

static int set(struct ip_words *w, struct request *q, bool replace)
{
    struct route_refusal no = {0};
    q->want.replace = replace;
    q->want.v6 = q->family == 6;
    q->want.member = q->member;
    conf_enter();
    q->want.hop.dev = q->dev ? netdev_find(w->c->net, q->dev) : NULL;
    int status = 0;
    if (q->dev && !q->want.hop.dev)
        status = no_device(w, q->dev);
    else if ((no.why = contradiction(q)) || nexthop_set(w->c->net, &q->want, &no))
        status = refused(w, &no);
    conf_leave();
    return status;
}

static int change(struct ip_words *w, enum verb verb)
{
    struct request q;
    memset(&q, 0, offsetof(struct request, few));
    q.family = w->family;
    q.room = MEMBERS_FEW;
    q.member = q.few;
    read_words(w, &q);
    if (!w->status)
        set(w, &q, verb == REPLACE);
    if (q.member != q.few)
        mem_free(q.member);
    return w->status;
}

static int del_one(struct net *net, u32 id)
{
    conf_enter();
    int err = nexthop_del(net, id);
    conf_leave();
    return err;
}

static int usage(struct ip_words *w)
{
    out_text(w->c->err, "Usage: ip nexthop %s\n", w->c->cmd->usage);
    return IP_WRONG;
}

static int show_id(struct ip_words *w, u32 id)
{
    struct nexthop_shown *s = nexthop_copy(w->c->net, id);
    if (!s || s->id != id) {
        mem_free(s);
        return ip_answer(w, -ENOENT);
    }
    out_array(w->c->out, NULL);
    nexthop_show(w, s, NULL, false);
    out_text(w->c->out, "\n");
    out_end(w->c->out);
    mem_free(s);
    return 0;
}

/* One that is named: del, get. */
static int named(struct ip_words *w, enum verb verb)
{
    struct request q = {.has_id = false};
    const char *word;
    if (verb == GET && w->at == w->c->argc)
        return usage(w);
    while ((word = ip_word(w))) {
        if (str_eq(word, "id"))
            read_id(w, &q);
        else if (verb == GET)
            return usage(w);
        else
            return ip_invalid(w, word, "an object is deleted by its id");
    }
    if (w->status)
        return w->status;
    if (!q.want.id)
        return ip_fail(w, IP_REFUSED, q.has_id ? "Error: Invalid nexthop id." : "Error: Nexthop id is missing.");
    return verb == GET ? show_id(w, q.want.id) : ip_answer(w, del_one(w->c->net, q.want.id));
}

/* ---- all that fit ---- */

struct filter {
    u8 family, proto;
    bool groups;
    u32 id;
    const char *dev;
};

static int read_filter(struct ip_words *w, struct filter *f)
{
    static const char *const elsewhere[] = {"vrf", "master", "fdb"};
    *f = (struct filter){.family = w->family};
    for (const char *word; (word = ip_word(w));) {
        if (str_eq(word, "dev")) {
            f->dev = ip_value(w);
        } else if (str_eq(word, "groups") || str_eq(word, "group")) {
            f->groups = true;
        } else if (str_eq(word, "id")) {
            struct request q = {.has_id = false};
            read_id(w, &q);
            f->id = q.want.id;
        } else if (route_word_is_proto(word)) {
            word = ip_value(w);
            if (word && !rt_proto_of(word, &f->proto))
                ip_fail(w, IP_WRONG, "Error: argument \"%s\" is wrong: invalid protocol value", word);
        } else if (ip_among(word, elsewhere, ARRAY_LEN(elsewhere))) {
            ip_invalid(w, word, "no next hop here has it");
        } else {
            ip_invalid(w, word, "");
        }
    }
    if (w->status || !f->dev)
        return w->status;
    conf_enter();
    bool there = netdev_find(w->c->net, f->dev);
    conf_leave();
    return there ? 0 : no_device(w, f->dev);
}

static bool fits(const struct filter *f, const struct nexthop_shown *s)
{
    return (!f->family || s->af == f->family) && (!f->proto || s->proto == f->proto) && (!f->groups || s->group) &&
           (!f->dev || str_eq(s->dev, f->dev));
}

/* Calls fn for each that fits, without a lock; how many there were. */
static u32 each(struct ip_words *w, const struct filter *f,
                void (*fn)(struct ip_words *w, const struct nexthop_shown *))
{
    u32 n = 0;
    struct nexthop_shown *s;
    for (u32 id = 1; id && (s = nexthop_copy(w->c->net, id)) && !out_failed(w->c->out);) {
        id = s->id + 1;
        if (fits(f, s)) {
            fn(w, s);
            n++;
        }
        mem_free(s);
    }
    return n;
}

static void show_one(struct ip_words *w, const struct nexthop_shown *s)
{
    nexthop_show(w, s, NULL, false);
    out_text(w->c->out, "\n");
}

static void count_one(struct ip_words *w, const struct nexthop_shown *s)
{
}

static void flush_one(struct ip_words *w, const struct nexthop_shown *s)
{
    del_one(w->c->net, s->id); /* it may have gone with another */
}

static int list(struct ip_words *w)
{
    struct filter f;
    if (read_filter(w, &f))
        return w->status;
    if (f.id)
        return show_id(w, f.id);
    out_array(w->c->out, NULL);
    each(w, &f, show_one);
    out_end(w->c->out);
    return 0;
}

static int flush(struct ip_words *w)
{
    struct filter f;
    if (read_filter(w, &f))
        return w->status;
    if (f.id)
        return del_one(w->c->net, f.id) ? ip_fail(w, 1, "RTNETLINK answers: No such file or directory") : 0;
    u32 n = each(w, &f, count_one);
    each(w, &f, flush_one);
    if (n)
        out_text(w->c->out, "Flushed %u nexthops\n", n);
    else
        out_text(w->c->out, "Nothing to flush\n");
    return 0;
}

/* ---- the command ---- */

static int cmd_nexthop(struct cmd_ctx *c)
{
    struct ip_words w;
    int status = ip_begin(&w, c), verb = status ? -1 : ip_verb(&w, verbs, ARRAY_LEN(verbs), LIST);
    if (verb < 0)
        return w.status;
    switch ((enum verb)verb) {
    case LIST:
    case LST:
    case SHOW: return list(&w);
    case ADD:
    case REPLACE: return change(&w, (enum verb)verb);
    case GET:
    case DELETE: return named(&w, (enum verb)verb);
    case FLUSH: return flush(&w);
    case BUCKET: return ip_invalid(&w, "bucket", "groups here are of type mpath, which has none");
    default: return usage(&w);
    }
}

static void complete(struct cmd_ctx *c, void (*offer)(void *arg, const char *word), void *arg)
{
    static const char *const words[] = {"id", "via", "dev", "onlink", "blackhole", "group", "proto", "groups"};
    int nth = c->argc - c->words;
    for (unsigned i = ADD; nth == 1 && i < HELP; i++)
        offer(arg, verbs[i]);
    for (const struct netdev *dev = NULL; nth > 1 && (dev = netdev_next(c->net, dev));)
        offer(arg, dev->port.name);
    for (unsigned i = 0; nth > 1 && i < ARRAY_LEN(words); i++)
        offer(arg, words[i]);
}

CMD(nexthop, .name = "ip nexthop", .least = 3, .group = "network", .help = "hops and groups of them, named by routes",
    .usage = "[show|flush] [id N] [dev IF] [groups] [proto P] | get|del id N | add|replace [id N] via A dev IF [onlink]"
             " | dev IF | blackhole | group N[,WEIGHT][/N[,WEIGHT]]... [type mpath] [proto P]",
    .run = cmd_nexthop, .complete = complete);

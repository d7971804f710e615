/* /proc/net/fib_trie and fib_triestat: the IPv4 tables as a tree of prefixes, in Linux's text.
 *
 * What packets are looked up in is lib/lpm; shown here are the same prefixes as a binary tree whose nodes of one child
 * are left out. A leaf is an address, with what stands under each prefix that begins with it. Nodes are of one bit.
 *
 *     +-- 10.0.0.0/13 1 0 0             where the leaves below part: at bit 13; 1: of one bit; no child is missing
 *        |-- 10.1.0.0
 *           /24 link UNICAST
 */
#include "lib/conf.h"
#include "lib/file.h"
#include "net/ip/addr.h"
#include "net/ip/fib.h"

struct item { /* of a table, in the order of addresses and then of lengths */
    u32 addr;
    u8 bits, type, scope, tos;
};

struct items {
    u32 n, room;
    struct item *at;
};

static bool take(struct fib_table *t, const struct fib_entry *e, void *arg)
{
    struct items *s = arg;
    if (s->n == s->room)
        return false; /* it has grown in the meantime */
    const struct route_key *k = &e->r->key;
    s->at[s->n++] = (struct item){load_be32(e->prefix.addr.b + ADDR4_AT), e->prefix.bits, k->type, k->scope, k->tos};
    return true;
}

static int read_items(struct fib_table *t, struct items *s)
{
    conf_enter();
    *s = (struct items){.room = (u32)min(t->routes, (u64)UINT32_MAX - 64) + 64};
    conf_leave();
    s->at = mem_alloc(s->room * sizeof(*s->at));
    return s->at ? fib_each(t, take, s) : -ENOMEM;
}

/* ---- the tree ---- */

static u32 part_at(const struct item *first, const struct item *last) /* how many leading bits they share */
{
    return first->addr == last->addr ? 32 : (u32)__builtin_clz(first->addr ^ last->addr);
}

struct shape {
    u32 leaves, nodes, deepest;
    u64 depths;
};

struct walk {
    struct out *o; /* NULL: only the shape is wished */
    struct shape shape;
};

static struct ipaddr addr_of(u32 v)
{
    return ipaddr_of4((u8)(v >> 24), (u8)(v >> 16), (u8)(v >> 8), (u8)v);
}

static void leaf(struct walk *w, const struct item *i, u32 n, u32 depth)
{
    static const char *const types[] = {"UNSPEC",    "UNICAST",   "LOCAL",       "BROADCAST", "ANYCAST",
                                        "MULTICAST", "BLACKHOLE", "UNREACHABLE", "PROHIBIT",  "THROW"};
    struct ipaddr a = addr_of(i->addr);
    w->shape.leaves++;
    w->shape.depths += depth;
    w->shape.deepest = max(w->shape.deepest, depth);
    if (!w->o)
        return;
    out_text(w->o, "%*s|-- %pI\n", (int)(3 * depth + 2), "", &a);
    for (u32 k = n; k-- > 0;) { /* the longest first */
        const char *scope = i[k].scope == SCOPE_GLOBAL    ? "universe"
                            : i[k].scope == SCOPE_SITE    ? "site"
                            : i[k].scope == SCOPE_LINK    ? "link"
                            : i[k].scope == SCOPE_HOST    ? "host"
                            : i[k].scope == SCOPE_NOWHERE ? "nowhere"
                                                          : "scope=user";
        out_text(w->o, "%*s/%u %s %s", (int)(3 * depth + 5), "", i[k].bits, scope,
                 i[k].type < ARRAY_LEN(types) ? types[i[k].type] : "type");
        if (i[k].tos)
            out_text(w->o, " tos=%u", i[k].tos);
        out_text(w->o, "\n");
    }
}

/* Of the n items, all with the same bits up to where they part: as deep as an address has bits at most. */
static void tree(struct walk *w, const struct item *i, u32 n, u32 depth)
{
    u32 at = part_at(&i[0], &i[n - 1]), low = 0, high = n;
    if (at == 32) {
        leaf(w, i, n, depth);
        return;
    }
    struct ipaddr a = addr_of(at ? i->addr & ~0u << (32 - at) : 0);
    w->shape.nodes++;
    if (w->o)
        out_text(w->o, "%*s+-- %pI/%u 1 0 0\n", (int)(3 * depth + 2), "", &a, at);
    while (low < high) { /* the first of those with that bit */
        u32 mid = (low + high) / 2;
        if (i[mid].addr >> (31 - at) & 1)
            high = mid;
        else
            low = mid + 1;
    }
    tree(w, i, low, depth + 1);
    tree(w, i + low, n - low, depth + 1);
}

/* ---- the files ---- */

static void show_stat(struct out *o, const struct walk *w, u32 prefixes)
{
    const struct shape *s = &w->shape;
    u64 average = s->leaves ? s->depths * 100 / s->leaves : 0, bytes = s->leaves * 48ull + s->nodes * (40ull + 2 * 8);
    out_text(o, "\tAver depth:     %llu.%02llu\n\tMax depth:      %u\n", (unsigned long long)average / 100,
             (unsigned long long)average % 100, s->deepest);
    out_text(o, "\tLeaves:         %u\n\tPrefixes:       %u\n\tInternal nodes: %u\n\t", s->leaves, prefixes, s->nodes);
    if (s->nodes)
        out_text(o, "  1: %u", s->nodes);
    out_text(o, "\n\tPointers: %u\nNull ptrs: 0\nTotal size: %llu  kB\n", 2 * s->nodes,
             (unsigned long long)(bytes + 1023) / 1024);
}

static int show_table(struct out *o, struct fib_table *t, bool stat)
{
    struct walk w = {.o = stat ? NULL : o};
    struct items s;
    int err = read_items(t, &s);
    if (!err && t->id == TABLE_MAIN)
        out_text(o, "Main:\n");
    else if (!err && t->id == TABLE_LOCAL)
        out_text(o, "Local:\n");
    else if (!err)
        out_text(o, "Id %u:\n", t->id);
    if (!err && s.n)
        tree(&w, s.at, s.n, 0);
    if (!err && stat)
        show_stat(o, &w, s.n);
    mem_free(s.at);
    return err;
}

static int show_all(struct file_req *r, bool stat)
{
    struct fib_table *t = NULL;
    int err = 0;
    do {
        conf_enter();
        t = r->net ? fib_next(r->net, IP_V4, t) : NULL;
        bool any = t && (t->routes || t->id == TABLE_MAIN || t->id == TABLE_LOCAL);
        conf_leave();
        err = any ? show_table(r->out, t, stat) : 0;
    } while (t && !err);
    return err;
}

static int trie_show(struct file_req *r)
{
    return show_all(r, false);
}

static int triestat_show(struct file_req *r)
{
    out_text(r->out, "Basic info: size of leaf: 48 bytes, size of tnode: 40 bytes.\n");
    return show_all(r, true);
}

FILE_VIEW(net_fib_trie, .path = "/proc/net/fib_trie", .show = trie_show);
FILE_VIEW(net_fib_triestat, .path = "/proc/net/fib_triestat", .show = triestat_show);

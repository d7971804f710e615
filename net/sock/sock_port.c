/* Who has which port (contract: sock.h, sock_port.h). Linux: udp_lib_get_port, __udp4_lib_lookup.
 *
 *     kind and number -> struct sock_port -> endpoint -> endpoint ...
 *
 * A port's endpoints differ by address, peer or device, or have asked to share it; of those that fit a packet the one
 * that says most about itself has it. A port of nobody's choice is drawn at random, so that strangers cannot guess what
 * an answer must look like (RFC 6056 3.3.1).
 */
#include "net/sock/sock_port.h"

#include "lib/bitmap.h"
#include "lib/hash.h"
#include "lib/parse.h"
#include "lib/rand.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/ip/addr.h"
#include "net/ip/ip_dev.h"

#define PORTS 65536u

struct sock_port {
    struct hnode node;
    struct rcu_head rcu;
    u32 key;            /* kind << 16 | number */
    struct sock *first; /* by next */
};

struct port_net {
    i32 range[2]; /* of ports that are chosen */
    struct htab ports;
    struct hash_key hash;
    struct spinlock lock; /* all of it; and reserved */
    u32 open[SOCK_KINDS];
    u64 reserved[PORTS / 64];
};

static int start(struct net *net, void *slot)
{
    struct port_net *pn = slot;
    rand_bytes(&pn->hash, sizeof(pn->hash));
    return htab_init(&pn->ports, 64);
}

static void end(struct net *net, void *slot)
{
    htab_free(&((struct port_net *)slot)->ports);
}

NET_SLOT(port_net, struct port_net, start, end);

static struct port_net *ports(struct net *net)
{
    return NET_GET(net, struct port_net, port_net);
}

/* ---- tunables ---- */

SYSCTL(ip_local_port_range, .name = "net.ipv4.ip_local_port_range", SYSCTL_NET(port_net, struct port_net, range),
       .type = SYSCTL_NUMBERS, .count = 2, .low = 1, .high = 65535, .text = "32768\t60999",
       .help = "ports that are chosen where none is asked for: from, to");

static int show_reserved(struct net *net, const char *star, struct out *o)
{
    const u64 *map = ports(net)->reserved;
    const char *sep = "";
    for (unsigned at = 0; (at = bitmap_next(map, PORTS, at)) < PORTS;) {
        unsigned behind = bitmap_next_zero(map, PORTS, at);
        out_text(o, behind - at > 1 ? "%s%u-%u" : "%s%u", sep, at, behind - 1);
        sep = ",";
        at = behind;
    }
    return 0;
}

static int store_reserved(struct net *net, const char *star, const char *text)
{
    struct port_net *pn = ports(net);
    u64 *map = mem_zalloc(sizeof(pn->reserved));
    struct token t;
    struct parse ps;
    int err = map ? 0 : -ENOMEM;

    parse_init(&ps, text, strlen(text), ",", 0);
    while (!err && parse_next(&ps, &t)) {
        char word[16];
        u64 from, to;
        if (t.kind == TOKEN_PUNCT || t.kind == TOKEN_NEWLINE)
            continue;
        if (t.n >= sizeof(word)) {
            err = -EINVAL;
            break;
        }
        str_copy_n(word, sizeof(word), t.p, t.n);
        err = parse_range(word, 0, PORTS - 1, &from, &to, NULL);
        if (!err)
            bitmap_put_range(map, (unsigned)from, (unsigned)(to - from + 1), true);
    }
    if (!err) {
        softirq_off();
        spin_lock(&pn->lock);
        memcpy(pn->reserved, map, sizeof(pn->reserved));
        spin_unlock(&pn->lock);
        softirq_on();
    }
    mem_free(map);
    return err ? -EINVAL : 0;
}

SYSCTL(ip_local_reserved_ports, .name = "net.ipv4.ip_local_reserved_ports", .type = SYSCTL_CALL, .show = show_reserved,
       .store = store_reserved, .help = "ports that are never chosen: 8080,9148-9150");

/* ---- the table ---- */

static bool same_key(const struct hnode *n, const void *key)
{
    return container_of(n, struct sock_port, node)->key == *(const u32 *)key;
}

static struct sock_port *find(struct port_net *pn, u32 key, u64 *hash)
{
    *hash = siphash13_fixed(&pn->hash, &key, sizeof(key));
    struct hnode *n = htab_find(&pn->ports, *hash, same_key, &key);
    return n ? container_of(n, struct sock_port, node) : NULL;
}

static u8 families(const struct sock *k)
{
    return k->how.families ? k->how.families : (1 << IP_V4 | 1 << IP_V6);
}

/* Could a packet be for both? */
static bool clash(const struct sock *a, const struct sock *b)
{
    const struct sock_how *x = &a->how, *y = &b->how;
    bool local = addr_is_any(&x->local) || addr_is_any(&y->local) || addr_eq(&x->local, &y->local);
    bool remote = addr_is_any(&x->remote) || addr_is_any(&y->remote)
                      ? addr_is_any(&x->remote) == addr_is_any(&y->remote)
                      : addr_eq(&x->remote, &y->remote) && x->rport == y->rport;
    return (families(a) & families(b)) && local && remote && (!x->index || !y->index || x->index == y->index) &&
           !(x->reuse && y->reuse) && x->kind != SOCK_RAW;
}

static bool may_have(struct port_net *pn, const struct sock *k, u32 number)
{
    u64 hash;
    struct sock_port *p = find(pn, (u32)k->how.kind << 16 | number, &hash);
    for (const struct sock *o = p ? p->first : NULL; o; o = o->next)
        if (clash(k, o))
            return false;
    return true;
}

/* 0: none is free. A ping's id is any number; it has no range. */
static u32 choose(struct port_net *pn, const struct sock *k)
{
    u32 low = 1, high = PORTS - 1;
    if (k->how.kind == SOCK_UDP) {
        low = (u32)min(pn->range[0], pn->range[1]);
        high = (u32)max(pn->range[0], pn->range[1]);
    }
    u32 n = high - low + 1, from = (u32)rand_below(n);
    for (u32 i = 0; i < n; i++) {
        u32 number = low + (from + i) % n;
        bool kept = k->how.kind == SOCK_UDP && bitmap_test(pn->reserved, number);
        if (!kept && may_have(pn, k, number))
            return number;
    }
    return 0;
}

static int enter(struct port_net *pn, struct sock *k, struct sock_port *fresh, bool *used)
{
    u64 hash;
    u32 key = (u32)k->how.kind << 16 | k->how.port;
    struct sock_port *p = find(pn, key, &hash);
    if (!p) {
        fresh->key = key;
        int err = htab_insert(&pn->ports, &fresh->node, hash);
        if (err)
            return err;
        p = fresh;
        *used = true;
    }
    k->on = p;
    k->next = p->first;
    store_release(&p->first, k);
    pn->open[k->how.kind]++;
    return 0;
}

int port_take(struct sock *k)
{
    struct port_net *pn = ports(k->net);
    struct sock_port *fresh = mem_zalloc(sizeof(*fresh));
    bool used = false;
    int err = 0;

    if (!fresh)
        return -ENOMEM;
    softirq_off();
    spin_lock(&pn->lock);
    if (!k->how.port && k->how.kind != SOCK_RAW)
        err = (k->how.port = (u16)choose(pn, k)) ? 0 : -EADDRNOTAVAIL;
    else if (!may_have(pn, k, k->how.port))
        err = -EADDRINUSE;
    if (!err)
        err = enter(pn, k, fresh, &used);
    spin_unlock(&pn->lock);
    softirq_on();
    if (!used)
        mem_free(fresh);
    return err;
}

static void free_port(struct rcu_head *h)
{
    mem_free(container_of(h, struct sock_port, rcu));
}

void port_leave(struct sock *k)
{
    struct port_net *pn = ports(k->net);
    struct sock_port *p = k->on;

    softirq_off();
    spin_lock(&pn->lock);
    struct sock **at = &p->first;
    while (*at != k)
        at = &(*at)->next;
    store_release(at, k->next);
    bool last = !p->first;
    if (last)
        htab_remove(&pn->ports, &p->node);
    pn->open[k->how.kind]--;
    spin_unlock(&pn->lock);
    softirq_on();
    if (last)
        rcu_defer(&p->rcu, free_port);
}

u32 sock_count(struct net *net, enum sock_kind kind)
{
    return load_relaxed(&ports(net)->open[kind]);
}

/* ---- readers ---- */

/* -1: it does not fit; otherwise how much it says about itself. */
static int score(const struct sock *k, const struct sock_ask *ask)
{
    const struct sock_how *h = &k->how;
    int n = families(k) == (1 << IP_V4 | 1 << IP_V6) ? 0 : 1;
    if (!(families(k) >> ask->family & 1))
        return -1;
    if (!addr_is_any(&h->local)) {
        if (!addr_eq(&h->local, &ask->local))
            return -1;
        n += 4;
    }
    if (!addr_is_any(&h->remote)) {
        if (!addr_eq(&h->remote, &ask->remote) || (h->rport && h->rport != ask->rport))
            return -1;
        n += 8;
    }
    if (h->index) {
        if (h->index != ask->index)
            return -1;
        n += 2;
    }
    return n;
}

static struct sock *first_of(struct net *net, const struct sock_ask *ask)
{
    u64 hash;
    struct sock_port *p = find(ports(net), (u32)ask->kind << 16 | ask->port, &hash);
    return p ? load_acquire(&p->first) : NULL;
}

struct sock *sock_find(struct net *net, const struct sock_ask *ask)
{
    struct sock *best = NULL;
    int most = -1;
    for (struct sock *k = first_of(net, ask); k; k = load_acquire(&k->next)) {
        int n = score(k, ask);
        if (n > most) {
            most = n;
            best = k;
        }
    }
    return best;
}

bool sock_each(struct net *net, const struct sock_ask *ask, void (*fn)(struct sock *k, void *arg), void *arg)
{
    bool any = false;
    for (struct sock *k = first_of(net, ask), *next; k; k = next) {
        next = load_acquire(&k->next);
        if (score(k, ask) < 0)
            continue;
        any = true;
        fn(k, arg);
    }
    return any;
}

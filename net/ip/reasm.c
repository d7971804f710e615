/* Joining fragments (contract: reasm.h). Linux: ip_fragment.c, inet_fragment.c.
 *
 * Fragments of a datagram wait in a list by their offsets, each a packet as it came. When none is missing their bytes
 * are copied behind the first one's: how many pieces came does not matter then. Where a fragment belongs is found from
 * the first one of its KiB, or of the last KiB before it that has any; of those a KiB holds a few at most.
 */
#include "net/ip/reasm.h"

#include "lib/hash.h"
#include "lib/htab.h"
#include "lib/rand.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "lib/timer.h"
#include "net/ip/header.h"
#include "net/skb/cksum.h"
#include "net/skb/parse.h"
#include "net/skb/pool.h"

COUNTER(ip_reasm_reqds, "Ip.ReasmReqds", "fragments that came for this machine");
COUNTER(ip_reasm_oks, "Ip.ReasmOKs", "datagrams that were joined");
COUNTER(ip_reasm_fails, "Ip.ReasmFails", "fragments or datagrams that could not be");
COUNTER(ip_reasm_timeout, "Ip.ReasmTimeout", "datagrams of which not all came in time");
COUNTER(ip_reasm_overlaps, "IpExt.ReasmOverlaps", "datagrams with overlapping fragments");
COUNTER(ip6_reasm_reqds, "Ip6.ReasmReqds", "fragments that came for this machine");
COUNTER(ip6_reasm_oks, "Ip6.ReasmOKs", "datagrams that were joined");
COUNTER(ip6_reasm_fails, "Ip6.ReasmFails", "fragments or datagrams that could not be");
COUNTER(ip6_reasm_timeout, "Ip6.ReasmTimeout", "datagrams of which not all came in time");

#define COUNT(net, f, what) ((f) == &ip_v4 ? count(net, ip_##what) : count(net, ip6_##what))

#define GROUPS    64u
#define FRAGMENTS 1024u /* of one datagram: more is no datagram, but an attack */
#define KIB_MOST  32u   /* likewise, that begin within a KiB: at the least MTU of IPv4 they are 22 (RFC 791 3.2) */
#define POOL_PART 8u    /* of the pool of packets a family has this part at most */

struct reasm_key {
    struct ipaddr src, dst;
    u32 id, proto; /* IPv6 has no protocol before the fragment header: 0 */
};

struct datagram {
    struct hnode node;
    struct list order; /* of its group: the oldest first */
    struct rcu_head rcu;
    struct net *net;
    const struct ip_family *family;
    struct reasm_key key;
    struct skb *first;         /* by note: the offset; by next */
    u64 kibs;                  /* a bit for each in which a fragment begins, */
    struct skb *kib[64];       /* the first of those, */
    u8 in_kib[64];             /* how many */
    u32 group, n, bytes, have; /* memory; bytes of payload that are there */
    u32 end;                   /* of the payload; 0: the last one has not come */
    u8 ecns;                   /* a bit for each value that a fragment had */
    bool gone;
    struct timer timer;
};

struct reasm_group {
    struct list order;
    u64 bytes;
};

struct reasm_net {
    struct hash_key key;
    u64 high[IP_FAMILIES]; /* bytes */
    u64 time[IP_FAMILIES]; /* ns */
    struct spinlock lock;  /* all below */
    struct htab h[IP_FAMILIES];
    u64 bytes[IP_FAMILIES];
    struct reasm_group group[IP_FAMILIES][GROUPS];
};

static int start(struct net *net, void *slot)
{
    struct reasm_net *rn = slot;
    rand_bytes(&rn->key, sizeof(rn->key));
    for (u32 i = 0; i < IP_FAMILIES * GROUPS; i++)
        list_init(&rn->group[i / GROUPS][i % GROUPS].order);
    int err = htab_init(&rn->h[IP_V4], 16);
    if (err)
        return err;
    err = htab_init(&rn->h[IP_V6], 16);
    if (err)
        htab_free(&rn->h[IP_V4]);
    return err;
}

static void end(struct net *net, void *slot);
NET_SLOT(reasm_net, struct reasm_net, start, end);

SYSCTL(ipfrag_high, .name = "net.ipv4.ipfrag_high_thresh", SYSCTL_NET(reasm_net, struct reasm_net, high[IP_V4]),
       .def = 4194304, .help = "bytes that fragments of IPv4 may hold");
SYSCTL(ipfrag_time, .name = "net.ipv4.ipfrag_time", SYSCTL_NET(reasm_net, struct reasm_net, time[IP_V4]),
       .unit = NS_PER_S, .def = 30, .low = 1, .high = 3600, .help = "seconds that a datagram waits for its fragments");
SYSCTL(ip6frag_high, .name = "net.ipv6.ip6frag_high_thresh", SYSCTL_NET(reasm_net, struct reasm_net, high[IP_V6]),
       .def = 4194304, .help = "bytes that fragments of IPv6 may hold");
SYSCTL(ip6frag_time, .name = "net.ipv6.ip6frag_time", SYSCTL_NET(reasm_net, struct reasm_net, time[IP_V6]),
       .unit = NS_PER_S, .def = 60, .low = 1, .high = 3600, .help = "seconds that a datagram waits for its fragments");

static struct reasm_net *reasm(struct net *net)
{
    return NET_GET(net, struct reasm_net, reasm_net);
}

static u32 length_of(const struct skb *s)
{
    return (u32)(s->note >> 32);
}

static u32 offset_of(const struct skb *s)
{
    return (u32)s->note;
}

/* ---- coming and going: under the lock ---- */

static bool same(const struct hnode *n, const void *key)
{
    return !memcmp(&container_of(n, struct datagram, node)->key, key, sizeof(struct reasm_key));
}

static void free_datagram(struct rcu_head *h)
{
    mem_free(container_of(h, struct datagram, rcu));
}

/* Out of the table; its fragments are the caller's. */
static struct skb *take_out(struct datagram *d)
{
    struct reasm_net *rn = reasm(d->net);
    enum ip_index f = d->family->index;
    struct skb *s = d->first;
    htab_remove(&rn->h[f], &d->node);
    list_del(&d->order);
    timer_cancel(&d->timer);
    rn->bytes[f] -= d->bytes;
    rn->group[f][d->group].bytes -= d->bytes;
    d->gone = true;
    d->first = NULL;
    rcu_defer(&d->rcu, free_datagram);
    return s;
}

static void drop_all(struct skb *s, enum drop_reason why)
{
    for (struct skb *next; s; s = next) {
        next = s->next;
        skb_drop(s, why);
    }
}

/* Under the lock: of a list, the first that waits since dev brought its first fragment. */
static struct datagram *of_dev(const struct list *order, const struct netdev *dev)
{
    LIST_FOREACH(order, struct datagram, order, d)
        if (d->first && d->first->dev == &dev->port)
            return d;
    return NULL;
}

void reasm_dev_down(struct netdev *dev)
{
    struct reasm_net *rn = reasm(dev_net(dev));
    for (u32 i = 0; i < IP_FAMILIES * GROUPS; i++)
        for (bool more = true; more;) {
            softirq_off();
            spin_lock(&rn->lock);
            struct datagram *d = of_dev(&rn->group[i / GROUPS][i % GROUPS].order, dev);
            struct skb *s = d ? take_out(d) : NULL;
            more = d != NULL;
            spin_unlock(&rn->lock);
            drop_all(s, DROP_FRAG_TIME);
            softirq_on();
        }
}

static void end(struct net *net, void *slot)
{
    struct reasm_net *rn = slot;
    if (PLAT_DEBUG && (htab_count(&rn->h[IP_V4]) || htab_count(&rn->h[IP_V6])))
        panic("a net ended before its fragments");
    htab_free(&rn->h[IP_V4]);
    htab_free(&rn->h[IP_V6]);
}

/* Not all came in time. Its sender is told if the first one did (RFC 792, RFC 8200 4.5). */
static void fires(struct timer *t)
{
    struct datagram *d = container_of(t, struct datagram, timer);
    struct reasm_net *rn = reasm(d->net);
    const struct ip_family *f = d->family;
    struct skb *s = NULL;

    spin_lock(&rn->lock);
    bool late = !d->gone;
    if (late)
        s = take_out(d);
    spin_unlock(&rn->lock);
    if (!late)
        return;
    COUNT(d->net, f, reasm_timeout);
    COUNT(d->net, f, reasm_fails);
    if (s && !offset_of(s)) {
        struct skb *rest = s->next;
        enum drop_reason why = skb_unpark(s);
        if (why)
            skb_drop(s, why);
        else
            ip_refuse(s, ICMP_ERR_REASSEMBLY, 0, DROP_FRAG_TIME);
        s = rest;
    }
    drop_all(s, DROP_FRAG_TIME);
}

static struct datagram *new_datagram(struct net *net, const struct ip_family *f, const struct reasm_key *k, u64 hash)
{
    struct reasm_net *rn = reasm(net);
    struct datagram *d = mem_zalloc(sizeof(*d));
    if (!d)
        return NULL;
    d->net = net;
    d->family = f;
    d->key = *k;
    d->group = (u32)(siphash13_fixed(&rn->key, &k->src, f == &ip_v4 ? 16 : 8) % GROUPS); /* IPv6: by the net */
    d->bytes = sizeof(*d);
    timer_init(&d->timer, fires);
    if (htab_insert(&rn->h[f->index], &d->node, hash)) {
        mem_free(d);
        return NULL;
    }
    rn->bytes[f->index] += d->bytes;
    rn->group[f->index][d->group].bytes += d->bytes;
    list_add_tail(&rn->group[f->index][d->group].order, &d->order);
    timer_arm(&d->timer, clock_ns() + rn->time[f->index]);
    return d;
}

/* Who holds most gives its oldest, but not `keep`. */
static struct skb *make_room(struct reasm_net *rn, enum ip_index f, const struct datagram *keep)
{
    struct reasm_group *most = &rn->group[f][0];
    for (u32 i = 1; i < GROUPS; i++)
        if (rn->group[f][i].bytes > most->bytes)
            most = &rn->group[f][i];
    LIST_FOREACH(&most->order, struct datagram, order, d)
        if (d != keep)
            return take_out(d);
    return NULL;
}

/* ---- one fragment ---- */

struct ip6_frag_at { /* where the fragment header of an IPv6 packet is, from l3, and what it says */
    u32 at, next_at; /* the header, and the byte before it that names it */
    u32 id, offset;
    bool more;
    u8 next;
};

/* The parse has been here: headers up to it are linear. */
static bool frag_header(const struct skb *s, struct ip6_frag_at *f)
{
    const u8 *h = (const u8 *)ip6_at(s);
    u32 there = s->linear - skb_at(s, s->l3);
    *f = (struct ip6_frag_at){.at = IP6_HLEN, .next_at = offsetof(struct ip6_hdr, next)};
    while (h[f->next_at] != IP_FRAGMENT) {
        const struct ip6_ext *e = (const struct ip6_ext *)(h + f->at);
        if (f->at + sizeof(*e) > there || !ip6_is_ext(h[f->next_at]))
            return false;
        u32 n = ip6_ext_len(e, h[f->next_at]);
        f->next_at = f->at;
        f->at += n;
    }
    const struct ip6_frag *frag = (const struct ip6_frag *)(h + f->at);
    if (f->at + sizeof(*frag) > there)
        return false;
    u16 at = be16_get(frag->at);
    f->id = be32_get(frag->id);
    f->offset = at & IP6_FRAG_OFFSET;
    f->more = at & IP6_FRAG_MORE;
    f->next = frag->next;
    return true;
}

struct piece {
    u32 at, n; /* of the payload */
    u32 head;  /* from l3 to the payload, its fragment header included */
    bool more;
};

static enum drop_reason read(struct skb *s, const struct ip_family *f, struct piece *p, struct reasm_key *k)
{
    u32 l3 = skb_at(s, s->l3);
    *k = (struct reasm_key){.src = ip_addr(ip_src_key(s, f), f), .dst = ip_addr(ip_dst_key(s, f), f)};
    if (f == &ip_v4) {
        const struct ip4_hdr *h = ip4_at(s);
        u16 frag = be16_get(h->frag);
        *p = (struct piece){(frag & IP4_OFFSET) * 8u, 0, ip4_hlen(h), frag & IP4_MF};
        k->id = be16_get(h->id);
        k->proto = h->proto;
    } else {
        struct ip6_frag_at at;
        if (!frag_header(s, &at))
            return DROP_IP6_EXT;
        *p = (struct piece){at.offset, 0, at.at + (u32)sizeof(struct ip6_frag), at.more};
        k->id = at.id;
    }
    if (s->len < l3 + p->head)
        return DROP_IP_LENGTH;
    p->n = s->len - l3 - p->head;
    if (!p->n || (p->more && p->n % 8))
        return DROP_IP_LENGTH;
    u32 counted = f == &ip_v4 ? p->head : p->head - IP6_HLEN - (u32)sizeof(struct ip6_frag); /* by the length field */
    return p->at + p->n + counted > 65535 ? DROP_FRAG_RANGE : DROP_NOT;
}

enum fit { FITS, TWICE, OVERLAPS, TOO_MANY };

/* The last that is known to begin before `at` without a walk; NULL: walk from the first. */
static struct skb *one_before(const struct datagram *d, u32 at)
{
    u64 before = d->kibs & ((1ull << at / KIB) - 1);
    return before ? d->kib[63 - __builtin_clzll(before)] : NULL;
}

/* Its place in the list; TWICE: the same bytes came before. */
static enum fit find_place(struct datagram *d, const struct piece *p, struct skb ***place)
{
    struct skb *before = one_before(d, p->at), **at = before ? &before->next : &d->first;
    if (before && offset_of(before) + length_of(before) > p->at)
        return OVERLAPS;
    while (*at && offset_of(*at) + length_of(*at) <= p->at)
        at = &(*at)->next;
    *place = at;
    if (*at && offset_of(*at) < p->at + p->n)
        return offset_of(*at) == p->at && length_of(*at) == p->n ? TWICE : OVERLAPS;
    if (d->end && p->at + p->n > d->end)
        return OVERLAPS;
    if (!p->more && (d->end ? d->end != p->at + p->n : *at != NULL))
        return OVERLAPS; /* an end that was not, or bytes behind it */
    return d->n < FRAGMENTS && d->in_kib[p->at / KIB] < KIB_MOST ? FITS : TOO_MANY;
}

static void enter_kib(struct datagram *d, struct skb *s)
{
    u32 i = offset_of(s) / KIB;
    d->kibs |= 1ull << i;
    d->in_kib[i]++;
    if (!d->kib[i] || offset_of(s) < offset_of(d->kib[i]))
        d->kib[i] = s;
}

static void put(struct reasm_net *rn, struct datagram *d, struct skb *s, const struct piece *p, struct skb **place)
{
    u32 memory = (u32)sizeof(struct skb_buf) * (1u + s->frags);
    s->note = (u64)p->n << 32 | p->at;
    s->route = NULL;
    skb_park(s);
    s->next = *place;
    *place = s;
    enter_kib(d, s);
    d->n++;
    d->ecns |= (u8)(1u << (ip_tos(s, d->family) & IP_ECN));
    d->have += p->n;
    d->bytes += memory;
    rn->bytes[d->family->index] += memory;
    rn->group[d->family->index][d->group].bytes += memory;
    if (!p->more)
        d->end = p->at + p->n;
}

/* Too much is held? The pool is there for what comes and goes, too. */
static bool is_full(struct net *net, enum ip_index f)
{
    const struct reasm_net *rn = reasm(net);
    return rn->bytes[f] > min(rn->high[f], (u64)skb_pool_of(net)->most / POOL_PART * sizeof(struct skb_buf));
}

/* ---- all of it ---- */

/* RFC 3168 5.3: what one of them met all have met; false: some say that they cannot, and others something else. */
static bool join_ecns(struct skb *s, const struct ip_family *f, u32 ecns)
{
    if ((ecns & 1) && ecns != 1)
        return false;
    if (!(ecns >> IP_ECN_CE))
        return true;
    if (f == &ip_v4)
        ip4_at(s)->tos |= IP_ECN_CE; /* its checksum is yet to be made */
    else
        ((u8 *)ip6_at(s))[1] |= IP_ECN_CE << 4;
    return true;
}

struct copy {
    struct skb *to;
};

static int copy_piece(void *arg, struct skb_buf *buf, u32 at, u32 n)
{
    return skb_append(((struct copy *)arg)->to, (u8 *)buf + at, n);
}

/* The header of a whole datagram: of IPv6 without the fragment header, which moves what is before it. */
static bool make_whole(struct skb *s, const struct ip_family *f, u32 payload)
{
    if (f == &ip_v4) {
        struct ip4_hdr *h = ip4_at(s);
        u32 hlen = ip4_hlen(h);
        h->len = be16_of((u16)(hlen + payload));
        h->frag = be16_of(0);
        h->check = be16_of(0);
        h->check = csum_fold(csum_bytes(h, hlen));
        return true;
    }
    struct ip6_frag_at at;
    if (!frag_header(s, &at))
        return false;
    u8 *h = (u8 *)ip6_at(s);
    h[at.next_at] = at.next;
    u32 before = skb_at(s, s->l3) + at.at;
    memmove(s->data + sizeof(struct ip6_frag), s->data, before);
    skb_pull(s, sizeof(struct ip6_frag));
    s->l2 = (u16)(s->l2 + sizeof(struct ip6_frag));
    s->l3 = (u16)(s->l3 + sizeof(struct ip6_frag));
    ip6_at(s)->payload = be16_of((u16)(at.at + payload - IP6_HLEN));
    return true;
}

static struct skb *join(struct skb *s, const struct ip_family *f, u32 payload, u32 ecns, struct net *net)
{
    struct skb *rest = s->next, *next;
    enum drop_reason why = skb_unpark(s);
    bool ok = !why && skb_own_frags(s);

    for (struct skb *r = rest; r; r = next) {
        struct copy c = {s};
        next = r->next;
        u32 n = length_of(r);
        ok = ok && !skb_walk(r, r->len - n, n, copy_piece, &c);
        skb_free(r);
    }
    bool agree = join_ecns(s, f, ecns);
    if (!agree)
        why = DROP_FRAG_ECN;
    ok = ok && agree && make_whole(s, f, payload);
    if (ok) {
        s->has = 0;
        s->flags &= (u8)~SKB_HASHED;
        s->cksum = CKSUM_NONE;
        COUNT(net, f, reasm_oks);
        return s;
    }
    COUNT(net, f, reasm_fails);
    skb_drop(s, why ? why : DROP_NO_MEMORY);
    return NULL;
}

struct skb *reasm_rx(struct netdev *dev, struct skb *s, const struct ip_family *f)
{
    struct net *net = dev_net(dev);
    struct reasm_net *rn = reasm(net);
    struct reasm_key k;
    struct piece p;
    struct skb *whole = NULL, *out = NULL, **place;
    u32 payload = 0, ecns = 0;

    COUNT(net, f, reasm_reqds);
    enum drop_reason why = read(s, f, &p, &k);
    if (!why && s->cksum == CKSUM_PARTIAL && !cksum_finish(s))
        why = DROP_NO_MEMORY;
    if (why) {
        COUNT(net, f, reasm_fails);
        skb_drop(s, why);
        return NULL;
    }
    u64 hash = siphash13_fixed(&rn->key, &k, sizeof(k));
    spin_lock(&rn->lock);
    struct hnode *h = htab_find(&rn->h[f->index], hash, same, &k);
    struct datagram *d = h ? container_of(h, struct datagram, node) : new_datagram(net, f, &k, hash);
    enum fit fit = d ? find_place(d, &p, &place) : TWICE;
    if (fit == FITS) {
        put(rn, d, s, &p, place);
        s = NULL;
        payload = d->end;
        ecns = d->ecns;
        if (d->end && d->have == d->end)
            whole = take_out(d);
        else if (is_full(net, f->index) && !(out = make_room(rn, f->index, d)))
            out = take_out(d);
        why = DROP_FRAG_MEMORY;
    } else if (d && fit != TWICE) { /* RFC 5722 4: all of it goes */
        out = take_out(d);
        why = fit == TOO_MANY ? DROP_FRAG_MANY : DROP_FRAG_OVERLAP;
    } else {
        why = d ? DROP_FRAG_TWICE : DROP_NO_MEMORY;
    }
    spin_unlock(&rn->lock);
    if (why == DROP_FRAG_OVERLAP)
        count(net, ip_reasm_overlaps);
    if (s || out)
        COUNT(net, f, reasm_fails);
    drop_all(out, why);
    if (s)
        skb_drop(s, why);
    return whole ? join(whole, f, payload, ecns, net) : NULL;
}

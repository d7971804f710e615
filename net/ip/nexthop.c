/* Next hop objects (contract: nexthop.h): an array by id, of what is never changed but replaced.
 *
 * What says no to a change are the routes: those that use the object, or a group of it, are made anew for the trial,
 * and nothing is published before all of them are. No packet ever comes here.
 */
#include "net/ip/nexthop.h"

#include "lib/conf.h"
#include "lib/string.h"
#include "net/ip/addr.h"

#define FEED_BYTES 8192u

struct nexthop_net {
    struct nexthop **at; /* by id */
    u32 n, room, last_id;
    struct notify_feed feed;
};

static int start(struct net *net, void *slot)
{
    struct nexthop_net *nn = slot;
    return notify_init(&nn->feed, FEED_BYTES);
}

static void free_nexthop(struct nexthop *n)
{
    if (n->hop.dev)
        netdev_put(n->hop.dev);
    mem_free(n);
}

static void end(struct net *net, void *slot)
{
    struct nexthop_net *nn = slot;
    while (nn->n)
        free_nexthop(nn->at[--nn->n]);
    mem_free(nn->at);
    notify_exit(&nn->feed);
}

NET_SLOT(nexthop_net, struct nexthop_net, start, end);

static struct nexthop_net *nexthops(struct net *net)
{
    return NET_GET(net, struct nexthop_net, nexthop_net);
}

struct notify_feed *nexthop_feed(struct net *net)
{
    return &nexthops(net)->feed;
}

bool nexthop_any(struct net *net)
{
    return nexthops(net)->n;
}

static int refuse(struct route_refusal *no, int err, const char *why)
{
    *no = (struct route_refusal){why, err};
    return err;
}

/* Where the first from id on stands. */
static u32 place(const struct nexthop_net *nn, u32 id)
{
    u32 low = 0, high = nn->n;
    while (low < high) {
        u32 mid = low + (high - low) / 2;
        if (nn->at[mid]->id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct nexthop *find(struct net *net, u32 id)
{
    const struct nexthop_net *nn = nexthops(net);
    u32 i = place(nn, id);
    return i < nn->n && nn->at[i]->id == id ? nn->at[i] : NULL;
}

static const struct nexthop_member *member_of(const struct nexthop *g, u32 id)
{
    for (u32 i = 0; i < g->members; i++)
        if (g->member[i].id == id)
            return &g->member[i];
    return NULL;
}

/* ---- told, and shown ---- */

static void fill_shown(struct nexthop_shown *s, const struct nexthop *n)
{
    *s = (struct nexthop_shown){.id = n->id,
                                .af = n->af,
                                .proto = n->proto,
                                .flags = n->hop.flags,
                                .blackhole = n->blackhole,
                                .group = n->group,
                                .via = n->hop.via,
                                .members = n->members};
    if (n->hop.dev) {
        s->index = n->hop.dev->port.index;
        str_copy(s->dev, sizeof(s->dev), n->hop.dev->port.name);
    }
}

static void tell(struct net *net, const struct nexthop *n, enum nexthop_event what)
{
    struct nexthop_notice e = {.n.members = 0};
    fill_shown(&e.n, n);
    memcpy(e.member, n->member, min(n->members, NEXTHOP_NOTICE_MEMBERS) * sizeof(e.member[0]));
    notify_publish(&nexthops(net)->feed, what, &e, sizeof(e));
}

struct nexthop_shown *nexthop_copy(struct net *net, u32 id)
{
    struct nexthop_shown *s = NULL;
    conf_enter();
    const struct nexthop_net *nn = nexthops(net);
    u32 i = place(nn, id);
    const struct nexthop *n = i < nn->n ? nn->at[i] : NULL;
    if (n && (s = mem_alloc(sizeof(*s) + n->members * sizeof(n->member[0])))) {
        struct nexthop_member *m = (struct nexthop_member *)(s + 1);
        fill_shown(s, n);
        memcpy(m, n->member, n->members * sizeof(*m));
        s->member = m;
    }
    conf_leave();
    return s;
}

/* ---- routes by them ---- */

static int check_hop(const struct route_key *k, const struct nexthop *n, struct route_refusal *no)
{
    if (k->family == IP_V6)
        return n->af == 6 ? 0 : refuse(no, -EINVAL, "IPv6 routes can not use an IPv4 nexthop");
    if (k->scope == SCOPE_HOST && !n->blackhole && !addr_is_any(&n->hop.via))
        return refuse(no, -EINVAL, "Route with host scope can not have a gateway");
    if ((n->hop.flags & HOP_ONLINK) && k->scope >= SCOPE_LINK)
        return refuse(no, -EINVAL, "Scope mismatch with nexthop");
    return 0;
}

static int add_hop(struct route_want *w, struct hop *room, const struct nexthop *n, u16 weight,
                   struct route_refusal *no)
{
    int err = check_hop(&w->key, n, no);
    if (err)
        return err;
    if (n->blackhole) {
        w->key.type = ROUTE_BLACKHOLE;
        return 0;
    }
    struct hop *h = &room[w->hops++];
    *h = n->hop;
    h->weight = weight;
    if (addr_is_any(&h->via))
        h->via = w->key.family == IP_V4 ? ipaddr_of4(0, 0, 0, 0) : (struct ipaddr){{0}};
    return 0;
}

int nexthop_route(struct net *net, u32 id, struct route_want *w, struct hop *room, struct route_refusal *no)
{
    const struct nexthop *n = find(net, id);
    int err = 0;
    conf_assert();
    if (!n)
        return refuse(no, -EINVAL, "Nexthop id does not exist");
    w->key.nhid = id;
    w->key.said = w->key.type;
    w->hops = 0;
    w->hop = room;
    if (!n->group)
        return add_hop(w, room, n, 1, no);
    if (w->key.family == IP_V4 && w->key.scope == SCOPE_HOST)
        return refuse(no, -EINVAL, "Route with host scope can not have multiple nexthops");
    for (u32 i = 0; !err && i < n->members; i++)
        err = add_hop(w, room, find(net, n->member[i].id), n->member[i].weight, no);
    return err;
}

struct users { /* routes by an object, or by a group with it */
    struct net *net;
    u32 id, n, room;
    struct route_change *c; /* NULL: they are counted */
};

static bool uses(const struct users *u, const struct route *r)
{
    if (!r->key.nhid || r->key.nhid == u->id)
        return r->key.nhid;
    const struct nexthop *g = find(u->net, r->key.nhid);
    return g && member_of(g, u->id);
}

static void take_user(struct route *r, void *arg)
{
    struct users *u = arg;
    if (!uses(u, r))
        return;
    if (u->c && u->n < u->room)
        u->c[u->n] = (struct route_change){r, NULL};
    u->n++;
}

/* The route that takes the place of c->from. */
static int make_user(struct net *net, struct route_change *c, struct hop *room, struct route_refusal *no)
{
    struct route_want w = {.key = c->from->key};
    int err;
    w.key.type = w.key.said;
    err = nexthop_route(net, w.key.nhid, &w, room, no);
    if (err)
        return err;
    c->to = route_get(net, &w, &err);
    return c->to ? 0 : refuse(no, err, NULL);
}

/* All routes by the object as it is now, at once; or none, and what stands in *no. */
static int renew_users(struct net *net, u32 id, struct route_refusal *no)
{
    struct users u = {.net = net, .id = id};
    struct hop *room;
    int err = 0;
    u32 made = 0;

    route_walk(net, take_user, &u);
    if (!u.n)
        return 0;
    u.room = u.n;
    u.n = 0;
    u.c = mem_alloc(u.room * sizeof(*u.c));
    room = mem_alloc(ROUTE_HOPS * sizeof(*room));
    if (!u.c || !room)
        err = refuse(no, -ENOMEM, NULL);
    else
        route_walk(net, take_user, &u);
    for (u32 i = 0; i < u.n; i++)
        route_hold(u.c[i].from);
    while (!err && made < u.n)
        if (!(err = make_user(net, &u.c[made], room, no)))
            made++;
    if (!err && route_swap(net, u.c, u.n))
        err = refuse(no, -ENOMEM, NULL);
    for (u32 i = 0; i < made; i++)
        route_put(u.c[i].to);
    for (u32 i = 0; i < u.n; i++)
        route_put(u.c[i].from);
    mem_free(room);
    mem_free(u.c);
    return err;
}

/* ---- one that is wished ---- */

static int check_dev(const struct nexthop_want *w, struct route_refusal *no)
{
    const struct netdev *dev = w->hop.dev;
    if (!dev)
        return refuse(no, -EINVAL, "Device attribute required for non-blackhole and non-fdb nexthops");
    if (!(dev->flags & DEV_UP))
        return refuse(no, -ENETDOWN, "Nexthop device is not up");
    if (!load_relaxed(&dev->carrier))
        return refuse(no, -ENETDOWN, "Carrier for nexthop device is down");
    if ((w->hop.flags & HOP_ONLINK) && addr_is_any(&w->hop.via))
        return refuse(no, -EINVAL, "ONLINK flag can not be set for nexthop without a gateway");
    return 0;
}

static int check_group(struct net *net, const struct nexthop_want *w, struct route_refusal *no)
{
    if (w->members > ROUTE_HOPS)
        return refuse(no, -ENOSPC, NULL);
    for (u32 i = 0; i < w->members; i++)
        for (u32 k = i + 1; k < w->members; k++)
            if (w->member[i].id == w->member[k].id)
                return refuse(no, -EINVAL, "Nexthop id can not be used twice in a group");
    for (u32 i = 0; i < w->members; i++) {
        const struct nexthop *n = find(net, w->member[i].id);
        if (!n)
            return refuse(no, -EINVAL, "Invalid nexthop id");
        if (n->group)
            return refuse(no, -EINVAL, "Hash-threshold group can not be a nexthop within a group");
        if (n->blackhole && w->members > 1)
            return refuse(no, -EINVAL, "Blackhole nexthop can not be used in a group with more than 1 path");
    }
    return 0;
}

static u32 free_id(struct net *net)
{
    struct nexthop_net *nn = nexthops(net);
    do {
        nn->last_id++;
    } while (!nn->last_id || find(net, nn->last_id)); /* there are fewer of them than numbers */
    return nn->last_id;
}

static struct nexthop *make(u32 id, const struct nexthop_want *w, const struct hop *hop)
{
    struct nexthop *n = mem_zalloc(sizeof(*n) + w->members * sizeof(n->member[0]));
    if (!n)
        return NULL;
    n->id = id;
    n->proto = w->proto;
    n->blackhole = w->blackhole;
    n->group = w->members;
    n->af = n->group ? 0 : w->v6 || (!addr_is_any(&hop->via) && !ipaddr_is4(&hop->via)) ? 6 : 4;
    n->members = w->members;
    for (u32 i = 0; i < w->members; i++)
        n->member[i] = w->member[i];
    n->hop = (struct hop){.dev = hop->dev, .via = hop->via, .flags = hop->flags, .weight = 1};
    if (n->hop.dev)
        netdev_get(n->hop.dev);
    return n;
}

static int insert(struct net *net, struct nexthop *n)
{
    struct nexthop_net *nn = nexthops(net);
    if (nn->n == nn->room) {
        u32 room = nn->room ? nn->room * 2 : 16;
        struct nexthop **at = mem_alloc(room * sizeof(*at));
        if (!at)
            return -ENOMEM;
        if (nn->n)
            memcpy(at, nn->at, nn->n * sizeof(*at));
        mem_free(nn->at);
        nn->at = at;
        nn->room = room;
    }
    u32 i = place(nn, n->id);
    memmove(&nn->at[i + 1], &nn->at[i], (nn->n - i) * sizeof(nn->at[0]));
    nn->at[i] = n;
    nn->n++;
    return 0;
}

static bool in_large_group(struct net *net, u32 id)
{
    const struct nexthop_net *nn = nexthops(net);
    for (u32 i = 0; i < nn->n; i++)
        if (nn->at[i]->members > 1 && member_of(nn->at[i], id))
            return true;
    return false;
}

/* n, which is consumed, in the place of the one of its id, for every route. */
static int replace(struct net *net, struct nexthop *n, struct route_refusal *no)
{
    struct nexthop_net *nn = nexthops(net);
    u32 i = place(nn, n->id);
    struct nexthop *old = nn->at[i];
    nn->at[i] = n;
    int err = renew_users(net, n->id, no);
    if (err) {
        nn->at[i] = old;
        free_nexthop(n);
        return err;
    }
    tell(net, n, NEXTHOP_EVENT_NEW);
    free_nexthop(old);
    return 0;
}

static int put_in(struct net *net, struct nexthop *n, struct route_refusal *no)
{
    const struct nexthop *old = find(net, n->id);
    const char *why = NULL;
    if (old && old->group && !n->group)
        why = "Can not replace a nexthop group with a nexthop";
    else if (old && !old->group && n->group)
        why = "Can not replace a nexthop with a nexthop group";
    else if (old && n->blackhole && in_large_group(net, n->id))
        why = "Blackhole nexthop can not be a member of a group with more than one path";
    if (why) {
        free_nexthop(n);
        return refuse(no, -EINVAL, why);
    }
    if (old)
        return replace(net, n, no);
    int err = insert(net, n);
    if (err) {
        free_nexthop(n);
        return refuse(no, err, NULL);
    }
    tell(net, n, NEXTHOP_EVENT_NEW);
    return 0;
}

int nexthop_set(struct net *net, const struct nexthop_want *w, struct route_refusal *no)
{
    struct hop hop = w->hop;
    struct route_key k = {.family = w->v6 ? IP_V6 : IP_V4, .type = ROUTE_UNICAST};
    int err;

    conf_assert();
    err = w->members ? check_group(net, w, no) : w->blackhole ? 0 : check_dev(w, no);
    if (!err && w->replace && !w->id)
        err = refuse(no, -EINVAL, "Replace requires nexthop id");
    if (!err && !w->members && !w->blackhole)
        err = hop_check(net, TABLE_MAIN, &k, &hop, no);
    if (!err && !w->replace && w->id && find(net, w->id))
        err = refuse(no, -EEXIST, NULL);
    if (err)
        return err;
    struct nexthop *n = make(w->id ? w->id : free_id(net), w, &hop);
    return n ? put_in(net, n, no) : refuse(no, -ENOMEM, NULL);
}

/* ---- going ---- */

/* The group without the member. */
static int shrink(struct net *net, const struct nexthop *g, u32 id)
{
    struct route_refusal no;
    struct nexthop_want w = {.proto = g->proto, .members = g->members - 1};
    struct nexthop_member *m = mem_alloc(g->members * sizeof(*m));
    u32 n = 0;
    if (!m)
        return -ENOMEM;
    for (u32 i = 0; i < g->members; i++)
        if (g->member[i].id != id)
            m[n++] = g->member[i];
    w.member = m;
    struct nexthop *to = make(g->id, &w, &g->hop);
    mem_free(m);
    return to ? replace(net, to, &no) : -ENOMEM;
}

/* The next one from *id on, which becomes that of the next: objects may go meanwhile. NULL: none. */
static struct nexthop *step(struct net *net, u32 *id, bool *last)
{
    const struct nexthop_net *nn = nexthops(net);
    u32 i = place(nn, *id);
    if (*last || i == nn->n)
        return NULL;
    *last = nn->at[i]->id == UINT32_MAX;
    *id = nn->at[i]->id + 1;
    return nn->at[i];
}

static int leave_groups(struct net *net, u32 id)
{
    u32 at = 0;
    bool last = false;
    int err = 0;
    for (struct nexthop *g; !err && (g = step(net, &at, &last));)
        if (member_of(g, id))
            err = g->members == 1 ? nexthop_del(net, g->id) : shrink(net, g, id);
    return err;
}

int nexthop_del(struct net *net, u32 id)
{
    struct nexthop_net *nn = nexthops(net);
    struct nexthop *n = find(net, id);
    struct users u = {.net = net, .id = id};
    int err;

    conf_assert();
    if (!n)
        return -ENOENT;
    err = n->group ? 0 : leave_groups(net, id);
    if (err)
        return err;
    route_walk(net, take_user, &u);
    err = u.n ? fib_del_nexthop(net, id) : 0;
    if (err)
        return err;
    u32 i = place(nn, id);
    nn->n--;
    memmove(&nn->at[i], &nn->at[i + 1], (nn->n - i) * sizeof(nn->at[0]));
    tell(net, n, NEXTHOP_EVENT_GONE);
    free_nexthop(n);
    return 0;
}

void nexthop_dev_gone(struct net *net, const struct netdev *dev)
{
    u32 at = 0;
    bool last = false;
    conf_assert();
    for (struct nexthop *n; (n = step(net, &at, &last));) {
        int err = n->hop.dev == dev ? nexthop_del(net, n->id) : 0;
        if (err)
            log_write(LOG_ERR, "%s: no memory to take a next hop away: %d", dev->port.name, err);
    }
}

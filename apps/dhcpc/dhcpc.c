/* The course of a DHCP client (contract: dhcpc.h). RFC 2131 4.4, RFC 5227 for the look whether an address is taken.
 *
 * Who wants something of a client's task sets a word and interrupts it: every wait of its ends then, and asks
 * `stopped`. The lock guards the list, the counts and what others read of a client; it is never held over a wait or a
 * command. Answers count when they are to the message that is out: its number, our MAC, the server that was named.
 */
#include "apps/dhcpc/dhcpc.h"

#include "apps/dhcpc/dhcpc_apply.h"
#include "lib/rand.h"
#include "lib/string.h"
#include "net/sock/arp_ask.h"
#include "net/sock/sock.h"

#define FEED          8192u
#define FIRST         (4 * NS_PER_S) /* RFC 2131 4.1 */
#define LONGEST       (64 * NS_PER_S)
#define PAUSE         (20 * NS_PER_S) /* after so many tries in vain */
#define REQUESTS      4u
#define DECLINE_PAUSE (10 * NS_PER_S) /* 3.1 5 */
#define RENEW_LEAST   (60 * NS_PER_S) /* 4.4.5 */

struct dhcpc_net {
    struct mutex lock;
    struct list all; /* struct dhcpc */
    struct notify_feed feed;
    bool has_feed;
};

static int start_net(struct net *net, void *slot)
{
    struct dhcpc_net *dn = slot;
    mutex_init(&dn->lock);
    list_init(&dn->all);
    return 0;
}

static void end_net(struct net *net, void *slot)
{
    struct dhcpc_net *dn = slot;
    if (dn->has_feed)
        notify_exit(&dn->feed);
}

NET_SLOT(dhcpc_net, struct dhcpc_net, start_net, end_net);

static struct dhcpc_net *clients(struct net *net)
{
    return NET_GET(net, struct dhcpc_net, dhcpc_net);
}

struct notify_feed *dhcpc_feed(struct net *net)
{
    struct dhcpc_net *dn = clients(net);
    mutex_lock(&dn->lock);
    if (!dn->has_feed)
        dn->has_feed = !notify_init(&dn->feed, FEED);
    struct notify_feed *f = dn->has_feed ? &dn->feed : NULL;
    mutex_unlock(&dn->lock);
    return f;
}

static void tell(struct dhcpc *d, enum dhcpc_event what, const struct dhcpc_notice *n)
{
    struct dhcpc_notice notice = *n;
    notice.index = d->link.index;
    if (clients(d->net)->has_feed)
        notify_publish(&clients(d->net)->feed, what, &notice, sizeof(notice));
}

static void set_state(struct dhcpc *d, enum dhcpc_state state)
{
    mutex_lock(&clients(d->net)->lock);
    d->state = state;
    mutex_unlock(&clients(d->net)->lock);
}

static bool stopped(const struct dhcpc *d)
{
    return load_acquire(&d->stop);
}

/* ---- messages ---- */

static struct dhcp_want message(const struct dhcpc *d, enum dhcp_type type)
{
    u64 secs = (clock_ns() - d->begun) / NS_PER_S;
    return (struct dhcp_want){.type = type,
                              .xid = d->xid,
                              .secs = (u16)min(secs, 65535ull),
                              .mac = d->link.mac,
                              .broadcast = type == DHCP_DISCOVER || type == DHCP_REQUEST};
}

/* From our address to one server, or from none to all. */
static int send(struct dhcpc *d, const struct dhcp_want *w, const struct ipaddr *server)
{
    struct sock_to to = {.addr = server ? *server : ipaddr_of4(255, 255, 255, 255),
                         .port = DHCP_SERVER_PORT,
                         .src = w->ciaddr,
                         .unnamed = !server};
    u32 n = dhcp_build(d->out, sizeof(d->out), w);
    return sock_send(d->k, &to, d->out, n);
}

/* The next answer to w of a type in `types`, a bit each: 1; 0 at until; -EINTR: somebody wants something of us. */
static int hear(struct dhcpc *d, const struct dhcp_want *w, u32 types, u64 until, struct dhcp_msg *m)
{
    struct sock_from from;
    for (;;) {
        ssize n = sock_recv(d->k, d->in, sizeof(d->in), &from, until);
        if (stopped(d))
            return -EINTR;
        if (n == -ETIMEDOUT)
            return 0;
        if (n == -EINTR)
            task_interrupt_clear();
        else if (n > 0 && from.port == DHCP_SERVER_PORT && dhcp_read(d->in, (u32)n, w, m) && (types >> m->type & 1))
            return 1;
    }
}

/* A pause that ends when somebody wants something of us. */
static void rest(struct dhcpc *d, u64 until)
{
    while (!stopped(d) && clock_ns() < until) {
        task_park(until);
        task_interrupt_clear();
    }
}

static u64 jitter(u64 ns) /* a second more or less */
{
    return ns - NS_PER_S + rand_below(2 * NS_PER_S);
}

/* ---- to an address ---- */

static bool take_offer(struct dhcpc *d, struct dhcp_msg *offer)
{
    u32 tries = d->how.every ? d->how.tries : 0;
    u64 wait = d->how.every ? d->how.every : FIRST;

    for (u32 i = 0; !stopped(d) && (!tries || i < tries); i++) {
        u64 each = d->how.every ? wait : jitter(wait);
        struct dhcp_want w = message(d, DHCP_DISCOVER);
        tell(d, DHCPC_EVENT_DISCOVER, &(struct dhcpc_notice){.seconds = (u32)(each / NS_PER_S)});
        send(d, &w, NULL);
        if (hear(d, &w, 1 << DHCP_OFFER, clock_ns() + each, offer) > 0) {
            tell(d, DHCPC_EVENT_OFFER,
                 &(struct dhcpc_notice){.addr = offer->lease.addr, .server = offer->lease.server});
            return true;
        }
        wait = d->how.every ? wait : min(2 * wait, LONGEST);
    }
    return false;
}

static bool same_addr(const struct ipaddr *a, const struct ipaddr *b)
{
    return !memcmp(a, b, sizeof(*a));
}

/* The answer to a request for what was offered: DHCP_ACK, DHCP_NAK; 0: there is none. */
static int ask_for(struct dhcpc *d, const struct dhcp_msg *offer, struct dhcp_msg *m)
{
    for (u32 i = 0; i < REQUESTS && !stopped(d); i++) {
        u64 each = d->how.every ? d->how.every : jitter(FIRST);
        struct dhcp_want w = message(d, DHCP_REQUEST);
        w.requested = offer->lease.addr;
        w.server = offer->lease.server;
        tell(d, DHCPC_EVENT_REQUEST,
             &(struct dhcpc_notice){.addr = w.requested, .server = w.server, .seconds = (u32)(each / NS_PER_S)});
        send(d, &w, NULL);
        u64 until = clock_ns() + each;
        while (hear(d, &w, 1 << DHCP_ACK | 1 << DHCP_NAK, until, m) > 0)
            if (same_addr(&m->lease.server, &w.server)) /* others' say nothing about this one's */
                return m->type;
    }
    return 0;
}

static void enter_lease(struct dhcpc *d, const struct dhcp_lease *l)
{
    u64 now = clock_ns();
    bool ends = l->seconds != DHCP_FOREVER;
    mutex_lock(&clients(d->net)->lock);
    d->lease = *l;
    d->got = now;
    d->renew = ends ? now + l->renew * NS_PER_S : ~0ull;
    d->rebind = ends ? now + l->rebind * NS_PER_S : ~0ull;
    d->until = ends ? now + l->seconds * NS_PER_S : ~0ull;
    d->state = DHCPC_BOUND;
    mutex_unlock(&clients(d->net)->lock);
}

static void say_bound(struct dhcpc *d)
{
    const struct dhcp_lease *l = &d->lease;
    tell(d, DHCPC_EVENT_BOUND, &(struct dhcpc_notice){.addr = l->addr, .server = l->server, .seconds = l->renew});
}

/* Has somebody else the address that we were given? Then the server hears of it. */
static bool is_taken(struct dhcpc *d, const struct dhcp_lease *l)
{
    struct macaddr who;
    if (arp_probe(d->net, d->link.index, &l->addr, &who) <= 0)
        return false;
    struct dhcp_want w = message(d, DHCP_DECLINE);
    w.requested = l->addr;
    w.server = l->server;
    w.why = "another station has it";
    log_write(LOG_WARN, "dhcp: %s: %pI from %pI is declined: %pM has it already", d->link.name, &l->addr, &l->server,
              &who);
    tell(d, DHCPC_EVENT_DECLINE, &(struct dhcpc_notice){.addr = l->addr, .server = l->server, .mac = who});
    send(d, &w, NULL);
    return true;
}

static void refused(struct dhcpc *d, const struct dhcp_msg *m)
{
    log_write(LOG_NOTICE, "dhcp: %s: refused by %pI%s%s", d->link.name, &m->lease.server, m->why[0] ? ": " : "",
              m->why);
    tell(d, DHCPC_EVENT_NAK, &(struct dhcpc_notice){.server = m->lease.server});
}

/* False: not this time. */
static bool find_address(struct dhcpc *d)
{
    struct dhcp_msg offer, m;
    d->xid = (u32)rand_u64();
    d->begun = clock_ns();
    set_state(d, DHCPC_SELECTING);
    if (!take_offer(d, &offer))
        return false;
    set_state(d, DHCPC_REQUESTING);
    switch (ask_for(d, &offer, &m)) {
    case DHCP_ACK: break;
    case DHCP_NAK:
        refused(d, &m);
        rest(d, clock_ns() + NS_PER_S);
        return false;
    default: return false;
    }
    tell(d, DHCPC_EVENT_ACK,
         &(struct dhcpc_notice){.addr = m.lease.addr, .server = m.lease.server, .seconds = m.lease.seconds});
    if (is_taken(d, &m.lease)) {
        rest(d, clock_ns() + DECLINE_PAUSE);
        return false;
    }
    if (stopped(d))
        return false;
    enter_lease(d, &m.lease);
    apply_lease(d, NULL);
    say_bound(d);
    return true;
}

/* ---- and from then on ---- */

/* Asks until `end`, at half of the time that is left each: DHCP_ACK, DHCP_NAK, 0: nobody answered. */
static int ask_again(struct dhcpc *d, bool anybody, u64 end, struct dhcp_msg *m)
{
    while (!stopped(d) && clock_ns() < end) {
        struct dhcp_want w = message(d, DHCP_REQUEST);
        u64 left = end - clock_ns(), wait = min(max(left / 2, RENEW_LEAST), left);
        w.ciaddr = d->lease.addr;
        w.broadcast = false;
        tell(d, anybody ? DHCPC_EVENT_REQUEST : DHCPC_EVENT_RENEW,
             &(struct dhcpc_notice){
                 .addr = d->lease.addr, .server = d->lease.server, .seconds = (u32)(wait / NS_PER_S)});
        static const struct ipaddr all = {{[10] = 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
        send(d, &w, anybody ? &all : &d->lease.server);
        u64 until = clock_ns() + wait;
        while (hear(d, &w, 1 << DHCP_ACK | 1 << DHCP_NAK, until, m) > 0)
            if (m->type == DHCP_NAK || same_addr(&m->lease.addr, &d->lease.addr))
                return m->type;
    }
    return 0;
}

static void prolong(struct dhcpc *d, const struct dhcp_msg *m)
{
    struct dhcp_lease had = d->lease;
    tell(d, DHCPC_EVENT_ACK,
         &(struct dhcpc_notice){.addr = m->lease.addr, .server = m->lease.server, .seconds = m->lease.seconds});
    enter_lease(d, &m->lease);
    apply_lease(d, &had);
    say_bound(d);
}

/* Returns when the address is not ours any more, or somebody wants something of us. */
static void keep_address(struct dhcpc *d)
{
    while (!stopped(d)) {
        struct dhcp_msg m;
        rest(d, d->renew);
        if (stopped(d))
            return;
        d->xid = (u32)rand_u64();
        d->begun = clock_ns();
        set_state(d, DHCPC_RENEWING);
        int said = ask_again(d, false, d->rebind, &m);
        if (!said && !stopped(d)) {
            set_state(d, DHCPC_REBINDING);
            said = ask_again(d, true, d->until, &m);
        }
        if (stopped(d))
            return;
        if (said == DHCP_ACK) {
            prolong(d, &m);
            continue;
        }
        if (said == DHCP_NAK) {
            refused(d, &m);
        } else {
            log_write(LOG_WARN, "dhcp: %s: the lease of %pI is over: nobody prolonged it", d->link.name,
                      &d->lease.addr);
            tell(d, DHCPC_EVENT_EXPIRED, &(struct dhcpc_notice){.addr = d->lease.addr});
        }
        apply_nothing(d);
        return;
    }
}

static void give_back(struct dhcpc *d)
{
    struct dhcp_want w = message(d, DHCP_RELEASE);
    w.ciaddr = d->lease.addr;
    w.server = d->lease.server;
    tell(d, DHCPC_EVENT_RELEASE, &(struct dhcpc_notice){.addr = d->lease.addr, .server = d->lease.server});
    send(d, &w, &d->lease.server);
    apply_nothing(d);
}

static void course(struct dhcpc *d)
{
    apply_up(d);
    while (!stopped(d)) {
        if (find_address(d)) {
            if (d->how.once)
                return;
            keep_address(d);
        } else if (!stopped(d)) {
            tell(d, DHCPC_EVENT_FAILED, &(struct dhcpc_notice){0});
            if (d->how.give_up)
                return;
            if (d->how.tries)
                rest(d, clock_ns() + PAUSE);
        }
        if (stopped(d))
            break;
        if (d->state >= DHCPC_BOUND)
            set_state(d, DHCPC_INIT);
    }
    if (d->state >= DHCPC_BOUND && load_acquire(&d->release))
        give_back(d);
}

static void client(void *arg)
{
    struct dhcpc *d = arg;
    struct dhcpc_net *dn = clients(d->net);

    course(d);
    sock_close(d->k);
    mutex_lock(&dn->lock);
    list_del(&d->node);
    d->state = DHCPC_ENDED;
    mutex_unlock(&dn->lock);
    tell(d, DHCPC_EVENT_ENDED, &(struct dhcpc_notice){0});
    waitq_end(&d->end, &d->ended);
    dhcpc_put(d);
}

/* ---- who starts and ends them ---- */

static struct dhcpc *find(struct dhcpc_net *dn, const char *dev)
{
    LIST_FOREACH(&dn->all, struct dhcpc, node, d)
        if (str_eq(d->link.name, dev)) {
            d->refs++;
            return d;
        }
    return NULL;
}

struct dhcpc *dhcpc_find(struct net *net, const char *dev)
{
    struct dhcpc_net *dn = clients(net);
    mutex_lock(&dn->lock);
    struct dhcpc *d = find(dn, dev);
    mutex_unlock(&dn->lock);
    return d;
}

void dhcpc_put(struct dhcpc *d)
{
    struct dhcpc_net *dn = clients(d->net);
    mutex_lock(&dn->lock);
    bool last = !--d->refs;
    mutex_unlock(&dn->lock);
    if (last)
        mem_free(d);
}

static struct dhcpc *make(struct net *net, const char *dev, const struct dhcpc_how *how, int *err)
{
    struct dhcpc *d = mem_zalloc(sizeof(*d));
    *err = -ENOMEM;
    if (!d)
        return NULL;
    d->net = net;
    d->how = *how;
    d->refs = 2; /* the caller's and the task's */
    waitq_init(&d->end);
    if (!link_find(net, dev, &d->link))
        *err = -ENODEV;
    else if (!d->link.ether)
        *err = -EINVAL;
    else
        *err =
            sock_open(net,
                      &(struct sock_how){
                          .kind = SOCK_UDP, .families = 1 << IP_V4, .port = DHCP_CLIENT_PORT, .index = d->link.index},
                      &d->k);
    if (!*err)
        return d;
    mem_free(d);
    return NULL;
}

struct dhcpc *dhcpc_start(struct net *net, const char *dev, const struct dhcpc_how *how, int *err, bool *fresh)
{
    struct dhcpc_net *dn = clients(net);
    struct dhcpc *d = dhcpc_find(net, dev);
    if (fresh)
        *fresh = !d;
    *err = 0;
    if (d || !(d = make(net, dev, how, err)))
        return d;
    mutex_lock(&dn->lock);
    list_add_tail(&dn->all, &d->node);
    d->task = task_start("dhcpc", client, d, TASK_NORMAL, -1);
    if (!d->task)
        list_del(&d->node);
    mutex_unlock(&dn->lock);
    if (d->task)
        return d;
    sock_close(d->k);
    mem_free(d);
    *err = -ENOMEM;
    return NULL;
}

static bool has_ended(void *arg)
{
    return load_acquire(&((struct dhcpc *)arg)->ended);
}

void dhcpc_stop(struct dhcpc *d, bool release)
{
    struct dhcpc_net *dn = clients(d->net);
    store_release(&d->release, release);
    store_release(&d->stop, true);
    mutex_lock(&dn->lock);
    if (d->state != DHCPC_ENDED) /* its task is there until it has said so */
        task_interrupt(d->task);
    mutex_unlock(&dn->lock);
    waitq_wait_deaf(&d->end, has_ended, d);
    dhcpc_put(d);
}

static bool has_lease(const struct dhcpc *d)
{
    return d->state >= DHCPC_BOUND && d->state < DHCPC_ENDED;
}

/* The lock is not held while somebody is told: he may be slow. */
void dhcpc_each_lease(struct net *net, void (*fn)(void *arg, const struct dhcpc *d), void *arg)
{
    struct dhcpc_net *dn = clients(net);
    struct dhcpc *copy = mem_alloc(sizeof(*copy));
    for (u32 index = 0; copy;) {
        const struct dhcpc *next = NULL;
        mutex_lock(&dn->lock);
        LIST_FOREACH(&dn->all, struct dhcpc, node, d)
            if (has_lease(d) && d->link.index > index && (!next || d->link.index < next->link.index))
                next = d;
        if (next)
            *copy = *next;
        mutex_unlock(&dn->lock);
        if (!next)
            break;
        index = copy->link.index;
        fn(arg, copy);
    }
    mem_free(copy);
}

/* The way in of endpoints: the queue, or whoever is called instead; errors (contract: sock.h).
 *
 * The queue is a ring of bytes: of each datagram a record, then its bytes, both to a multiple of 8. One copy goes in,
 * in softirq, so that packets' buffers go back at once: an endpoint that nobody reads holds none.
 */
#include "net/sock/sock.h"

#include "lib/stats.h"
#include "lib/string.h"
#include "net/dev/busy.h"
#include "net/ip/header.h"
#include "net/ip/pmtu.h"
#include "net/skb/drop.h"

static u32 whole(u32 n)
{
    return (n + 7) & ~7u;
}

static void ring_put(struct sock *k, u64 at, const void *p, u32 n)
{
    u32 from = (u32)at & (k->size - 1), first = min(n, k->size - from);
    memcpy(k->ring + from, p, first);
    memcpy(k->ring, (const u8 *)p + first, n - first);
}

static void ring_get(const struct sock *k, u64 at, void *p, u32 n)
{
    u32 from = (u32)at & (k->size - 1), first = min(n, k->size - from);
    memcpy(p, k->ring + from, first);
    memcpy((u8 *)p + first, k->ring, n - first);
}

/* Makes room for a record of n bytes and enters its head; where the bytes go, ~0: there is none. Under the lock. */
static u64 make_room(struct sock *k, const struct sock_from *from, u32 n)
{
    u32 need = whole(sizeof(*from)) + whole(n);
    if (k->tail - k->head + need > k->size) {
        k->dropped++;
        return ~0ull;
    }
    struct sock_from f = *from;
    f.len = n;
    ring_put(k, k->tail, &f, sizeof(f));
    k->tail += need;
    return k->tail - whole(n);
}

void sock_from_skb(struct sock_from *from, struct netdev *in, const struct skb *s, const struct ip_family *f)
{
    *from = (struct sock_from){.addr = ip_addr(ip_src_key(s, f), f),
                               .to = ip_addr(ip_dst_key(s, f), f),
                               .hops = ip_hops(s, f),
                               .tos = ip_tos(s, f),
                               .index = in->port.index,
                               .stamp = s->stamp};
}

static bool enqueue(struct sock *k, const struct skb *s, const struct sock_from *from, u32 at, u32 n)
{
    spin_lock(&k->lock);
    u64 to = make_room(k, from, n);
    if (to != ~0ull) {
        u32 off = (u32)to & (k->size - 1), first = min(n, k->size - off);
        skb_read(s, at, k->ring + off, first);
        skb_read(s, at + first, k->ring, n - first);
        k->came_index = from->index;
        k->came_queue = s->queue;
    }
    spin_unlock(&k->lock);
    if (to == ~0ull)
        return false;
    waitq_wake_all(&k->readers);
    return true;
}

bool sock_deliver(struct sock *k, struct skb *s, const struct sock_from *from, u32 at, u32 n)
{
    if (k->how.rx) {
        struct sock_from f = *from;
        f.len = n;
        if (s->len > at + n && !skb_own(s)) {
            skb_drop(s, DROP_NO_MEMORY);
            return false;
        }
        skb_trim(s, at + n);
        if (!skb_need(s, 0, at)) {
            skb_drop(s, DROP_NO_MEMORY);
            return false;
        }
        skb_pull(s, at);
        k->how.rx(k, &f, s);
        return true;
    }
    if (enqueue(k, s, from, at, n)) {
        skb_free(s);
        return true;
    }
    skb_drop(s, DROP_SOCKET_FULL);
    return false;
}

void sock_tell(struct sock *k, const struct ip_error *e, u16 port, const void *p, u32 n)
{
    struct sock_from from = {.addr = e->dst,
                             .to = e->src,
                             .port = port,
                             .hops = e->hops,
                             .index = e->index,
                             .stamp = clock_ns(),
                             .len = n,
                             .error = {.err = e->err, .type = e->type, .code = e->code, .info = e->info, .by = e->by}};
    pmtu_heard(k->net, e);
    if (!k->how.errors) {
        if (e->hard && !addr_is_any(&k->how.remote)) {
            store_release(&k->error, e->err);
            waitq_wake_all(&k->readers);
        }
        return;
    }
    if (k->how.rx) {
        k->how.rx(k, &from, NULL);
        return;
    }
    spin_lock(&k->lock);
    u64 to = make_room(k, &from, n);
    if (to != ~0ull)
        ring_put(k, to, p, n);
    spin_unlock(&k->lock);
    waitq_wake_all(&k->readers);
}

/* ---- out of it ---- */

/* One datagram; -EAGAIN: there is none. */
static ssize take(struct sock *k, void *p, size_t size, struct sock_from *from)
{
    ssize n = -EAGAIN;
    int told = load_relaxed(&k->error);
    if (told && atomic_cas(&k->error, told, 0))
        return told;
    softirq_off();
    spin_lock(&k->lock);
    if (k->head != k->tail) {
        ring_get(k, k->head, from, sizeof(*from));
        n = (ssize)min((size_t)from->len, size);
        ring_get(k, k->head + whole(sizeof(*from)), p, (u32)n);
        k->head += whole(sizeof(*from)) + whole(from->len);
    }
    spin_unlock(&k->lock);
    softirq_on();
    return n;
}

/* Linux: sk_busy_loop. Whoever else wants the CPU has it between turns; a clock that stands still is a test's. */
static ssize look_myself(struct sock *k, void *p, size_t size, struct sock_from *from, u64 until_ns)
{
    u64 now = clock_ns(), before, end = min(now + busy_read_ns(k->net), until_ns);
    ssize n = -EAGAIN;

    while (n == -EAGAIN && now < end && !task_interrupted()) {
        busy_poll(k->net, load_relaxed(&k->came_index), load_relaxed(&k->came_queue));
        n = take(k, p, size, from);
        task_yield();
        before = now;
        now = clock_ns();
        if (now == before)
            break;
    }
    return n;
}

ssize sock_recv(struct sock *k, void *p, size_t size, struct sock_from *from, u64 until_ns)
{
    struct waiter w;
    ssize n = take(k, p, size, from);
    int err = 0;

    if (n != -EAGAIN || !until_ns)
        return n == -EAGAIN ? -ETIMEDOUT : n;
    if (unlikely(busy_read_ns(k->net)) && load_relaxed(&k->came_queue) &&
        (n = look_myself(k, p, size, from, until_ns)) != -EAGAIN)
        return n;
    waitq_enter(&k->readers, &w);
    while ((n = take(k, p, size, from)) == -EAGAIN && !err)
        err = waitq_park(&k->readers, &w, until_ns);
    waitq_leave(&k->readers, &w);
    return n == -EAGAIN ? err : n;
}

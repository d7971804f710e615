/* /sys/class/net/IF/queues/tx-N/byte_queue_limits: how many bytes a transmit ring may hold (net/dev/dql.h).
 *
 *     limit       what the algorithm has come to; writing it only moves it from where it is now
 *     limit_min   limit_max      between which it stays
 *     hold_time   ms: for how long slack must have been there before the limit shrinks
 *     inflight    what the ring holds now
 *
 * A device that is down has no rings: limit and inflight are 0, the others keep what they were set to.
 */
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "net/dev/dump_view.h"
#include "net/dev/tx.h"

typedef unsigned long long ull;

enum what { HOLD, LIMIT, LIMIT_MAX, LIMIT_MIN, INFLIGHT, WHATS };
static const char *const names[WHATS] = {"hold_time", "limit", "limit_max", "limit_min", "inflight"};

/* ---- values ---- */

static u64 value(struct netdev *dev, unsigned queue, enum what what)
{
    struct txq_limits l;
    txq_limits_get(dev, queue, &l);
    switch (what) {
    case HOLD: return l.hold / NS_PER_MS;
    case LIMIT: return l.limit;
    case LIMIT_MAX: return l.most;
    case LIMIT_MIN: return l.least;
    default: return l.inflight;
    }
}

static int store(struct netdev *dev, unsigned queue, enum what what, const char *text)
{
    struct txq_limits l;
    u32 v = DQL_MAX;

    if (!str_eq(text, "max") && parse_u32(text, 0, what == HOLD ? INT_MAX : DQL_MAX, &v, NULL))
        return -EINVAL;
    txq_limits_get(dev, queue, &l);
    switch (what) {
    case HOLD:
        if (str_eq(text, "max"))
            return -EINVAL;
        l.hold = v * NS_PER_MS;
        break;
    case LIMIT: l.limit = v; break;
    case LIMIT_MAX: l.most = v; break;
    default: l.least = v; break;
    }
    txq_limits_set(dev, queue, &l);
    return 0;
}

/* ---- files ---- */

static int queue_of(const struct netdev *dev, const char *name)
{
    u32 n;
    return str_starts(name, "tx-") && !parse_u32(name + 3, 0, dev->txqs_most - 1u, &n, NULL) ? (int)n : -1;
}

static enum what what_of(const char *name)
{
    unsigned i = 0;
    while (!str_eq(names[i], name))
        i++;
    return (enum what)i;
}

static void list(struct file_req *r, int depth, unsigned from, unsigned to, void (*offer)(void *arg, const char *name),
                 void *arg)
{
    char name[12];

    for (struct netdev *dev = NULL; !depth && (dev = netdev_walk(r->net, dev));)
        offer(arg, dev->port.name);
    for (unsigned i = from; depth == 2 && i < to; i++)
        offer(arg, names[i]);
    struct netdev *dev = depth == 1 ? netdev_hold(r->net, r->star[0]) : NULL;
    for (unsigned i = 0; dev && i < dev->txqs_most; i++) {
        fmt(name, sizeof(name), "tx-%u", i);
        offer(arg, name);
    }
    if (dev)
        netdev_put(dev);
}

static void list_writable(struct file_req *r, int depth, void (*offer)(void *arg, const char *name), void *arg)
{
    list(r, depth, HOLD, INFLIGHT, offer, arg);
}

static void list_fixed(struct file_req *r, int depth, void (*offer)(void *arg, const char *name), void *arg)
{
    list(r, depth, INFLIGHT, WHATS, offer, arg);
}

static int limit_show(struct file_req *r)
{
    struct netdev *dev = netdev_hold(r->net, r->star[0]);
    int queue = dev ? queue_of(dev, r->star[1]) : -1;

    if (queue >= 0)
        out_text(r->out, "%llu\n", (ull)value(dev, (unsigned)queue, what_of(r->star[2])));
    if (dev)
        netdev_put(dev);
    return queue < 0 ? -ENOENT : 0;
}

static int limit_store(struct file_req *r)
{
    struct netdev *dev = netdev_find(r->net, r->star[0]);
    int queue = dev ? queue_of(dev, r->star[1]) : -1;
    char text[16];
    size_t n = r->len;

    while (n && char_is_space(r->data[n - 1]))
        n--;
    if (queue < 0 || n >= sizeof(text))
        return queue < 0 ? -ENOENT : -EINVAL;
    str_copy_n(text, sizeof(text), r->data, n);
    return store(dev, (unsigned)queue, what_of(r->star[2]), text);
}

static void dump_queue(struct out *o, const struct netdev *dev, unsigned i)
{
    const struct txq_kept *k = &dev->tx_kept[i];
    const u64 set[] = {[HOLD] = k->hold / NS_PER_MS, [LIMIT_MAX] = k->most, [LIMIT_MIN] = k->least};

    for (unsigned what = 0; what < ARRAY_LEN(set); what++)
        if (set[what]) {
            out_text(o, "echo %llu", (ull)set[what]);
            dump_view(o, dev, "queues/tx-%u/byte_queue_limits/%s", i, names[what]);
        }
}

static void dump(struct out *o)
{
    for (struct netdev *dev = NULL; (dev = netdev_walk(net_first, dev));)
        for (unsigned i = 0; i < dev->txqs_most; i++)
            dump_queue(o, dev, i);
}

#define LIMITS "/sys/class/net/*/queues/*/byte_queue_limits/*"
FILE_VIEW(sys_bql, .path = LIMITS, .show = limit_show, .list = list_fixed);
FILE_VIEW(sys_bql_set, .path = LIMITS, .show = limit_show, .store = limit_store, .list = list_writable, .dump = dump);

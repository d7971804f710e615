/* Folders of queues (contract: queue_dir.h). Names are read as strictly as they are written: "rx-0", not "rx-00". */
#include "net/dev/queue_dir.h"

#include "lib/cpulist.h"
#include "lib/fmt.h"
#include "lib/string.h"

static bool has_queues(const struct netdev *dev)
{
    return dev && dev->napis;
}

static u16 queues(const struct netdev *dev, const char *prefix)
{
    return !has_queues(dev) ? 0 : prefix[0] == 'r' ? dev->rxqs_most : dev->txqs_most;
}

static struct netdev *hold(const struct file_req *r, const char *prefix, u16 *queue)
{
    struct netdev *dev = netdev_hold(r->net, r->star[0]);
    u16 n = queues(dev, prefix);
    for (u16 i = 0; i < n; i++) {
        char name[16];
        fmt(name, sizeof(name), "%s%u", prefix, i);
        *queue = i;
        if (str_eq(name, r->star[1]))
            return dev;
    }
    if (dev)
        netdev_put(dev);
    return NULL;
}

struct netdev *rx_queue_hold(const struct file_req *r, u16 *queue)
{
    return hold(r, "rx-", queue);
}

struct netdev *tx_queue_hold(const struct file_req *r, u16 *queue)
{
    return hold(r, "tx-", queue);
}

static void list(struct file_req *r, int depth, const char *prefix, name_offer *offer, void *arg)
{
    if (!depth) {
        for (struct netdev *dev = NULL; (dev = netdev_walk(r->net, dev));)
            if (has_queues(dev))
                offer(arg, dev->port.name);
        return;
    }
    struct netdev *dev = netdev_hold(r->net, r->star[0]);
    u16 n = queues(dev, prefix);
    for (u16 i = 0; i < n; i++) {
        char name[16];
        fmt(name, sizeof(name), "%s%u", prefix, i);
        offer(arg, name);
    }
    if (dev)
        netdev_put(dev);
}

void rx_queue_list(struct file_req *r, int depth, name_offer *offer, void *arg)
{
    list(r, depth, "rx-", offer, arg);
}

void tx_queue_list(struct file_req *r, int depth, name_offer *offer, void *arg)
{
    list(r, depth, "tx-", offer, arg);
}

int queue_cpus_parse(const struct file_req *r, u64 *cpus)
{
    int err = cpumask_parse(r->data, r->len, cpus);
    if (err == -ERANGE || (!err && (*cpus & ~(~0ull >> (64 - cpu_count())))))
        return -EOVERFLOW;
    return err;
}

void queue_cpus_text(struct out *o, u64 cpus)
{
    char text[CPULIST_TEXT];
    cpumask_text(text, sizeof(text), cpus, cpu_count());
    out_text(o, "%s", text);
}

/* The files of receive packet steering (what they mean: rps.h), in Linux's forms.
 *
 * What is written as it was already changes nothing; anything else makes a generation of its queue's table. A mask may
 * name CPUs that are there alone. The table of sockets is kept as Linux rounds it, for the sockets to come.
 */
#include "net/dev/rps.h"

#include "lib/parse.h"
#include "lib/string.h"
#include "lib/sysctl.h"
#include "net/dev/dump_view.h"
#include "net/dev/queue_dir.h"

struct rps_net {
    u32 sock_flow_entries;
};

NET_SLOT(rps_net, struct rps_net, NULL, NULL);

/* ---- of a queue ---- */

static int cpus_show(struct file_req *r)
{
    u16 queue;
    u64 cpus;
    u32 flows;
    struct netdev *dev = rx_queue_hold(r, &queue);
    if (!dev)
        return -ENOENT;
    rps_get(dev, queue, &cpus, &flows);
    netdev_put(dev);
    queue_cpus_text(r->out, cpus);
    out_text(r->out, "\n");
    return 0;
}

static int cpus_store(struct file_req *r)
{
    u16 queue;
    u64 was, cpus;
    u32 flows;
    struct netdev *dev = rx_queue_hold(r, &queue);
    if (!dev)
        return -ENOENT;
    int err = queue_cpus_parse(r, &cpus);
    if (!err) {
        rps_get(dev, queue, &was, &flows);
        err = cpus == was ? 0 : rps_set(dev, queue, cpus, flows);
    }
    netdev_put(dev);
    return err;
}

static int flows_show(struct file_req *r)
{
    u16 queue;
    u64 cpus;
    u32 flows;
    struct netdev *dev = rx_queue_hold(r, &queue);
    if (!dev)
        return -ENOENT;
    rps_get(dev, queue, &cpus, &flows);
    netdev_put(dev);
    out_text(r->out, "%u\n", flows);
    return 0;
}

/* As Linux: rounded up to a power of two. */
static u32 rounded(u64 n)
{
    return n > 1 ? 1u << (log2_floor(n - 1) + 1) : (u32)n;
}

static int flows_store(struct file_req *r)
{
    u16 queue;
    u64 cpus, want;
    u32 was;
    struct netdev *dev = rx_queue_hold(r, &queue);
    if (!dev)
        return -ENOENT;
    char text[24];
    size_t n = r->len && r->data[r->len - 1] == '\n' ? r->len - 1 : r->len;
    str_copy_n(text, sizeof(text), r->data, n);
    int err = n >= sizeof(text) || parse_u64(text, 0, RPS_FLOWS_MOST, &want, NULL) ? -EINVAL : 0;
    if (!err) {
        rps_get(dev, queue, &cpus, &was);
        err = rounded(want) == was ? 0 : rps_set(dev, queue, cpus, rounded(want));
    }
    netdev_put(dev);
    return err;
}

static void dump(struct out *o)
{
    u64 cpus;
    u32 flows;
    for (struct netdev *dev = NULL; (dev = netdev_walk(net_first, dev));)
        for (u16 i = 0; dev->rps && i < dev->rxqs_most; i++) {
            rps_get(dev, i, &cpus, &flows);
            if (flows) {
                out_text(o, "echo %u", flows);
                dump_view(o, dev, "queues/rx-%u/rps_flow_cnt", i);
            }
            if (!cpus)
                continue;
            out_text(o, "echo ");
            queue_cpus_text(o, cpus);
            dump_view(o, dev, "queues/rx-%u/rps_cpus", i);
        }
}

FILE_VIEW(rps_cpus, .path = "/sys/class/net/*/queues/*/rps_cpus", .show = cpus_show, .store = cpus_store,
          .list = rx_queue_list, .dump = dump);
FILE_VIEW(rps_flow_cnt, .path = "/sys/class/net/*/queues/*/rps_flow_cnt", .show = flows_show, .store = flows_store,
          .list = rx_queue_list);

/* ---- the table of sockets ---- */

static int entries_check(struct net *net, const char *star, i64 value)
{
    return value > 1 << 29 ? -EINVAL : 0;
}

static void entries_changed(struct net *net, const char *star)
{
    struct rps_net *rn = NET_GET(net, struct rps_net, rps_net);
    rn->sock_flow_entries = rounded(rn->sock_flow_entries);
}

SYSCTL(rps_sock_flow_entries, .name = "net.core.rps_sock_flow_entries",
       SYSCTL_NET(rps_net, struct rps_net, sock_flow_entries), .check = entries_check, .changed = entries_changed,
       .help =
           "sockets whose CPU shall be known to steering, rounded up to a power of two; kept, but without effect as "
           "long as there are no sockets");

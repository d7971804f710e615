/* Polling by tasks (contract: napi_thread.h). Linux: napi_threaded_poll.
 *
 * A turn is taken with softirqs off, as in a softirq; between two turns whatever else is due on the CPU has its time.
 * Who hands SCHED to the task says so in `handed` and wakes it, in that order; the task looks at it before it parks.
 */
#include "net/dev/napi_thread.h"

#include "lib/file.h"
#include "lib/fmt.h"
#include "net/dev/dump_view.h"
#include "net/dev/napi.h"

static void poll_while_more(struct napi *n)
{
    bool more = true;
    while (more) {
        u32 done;
        softirq_off();
        more = napi_turn(n, clock_ns(), &done);
        if (more && !load_relaxed(&n->threaded)) {
            napi_hand_on(n);
            more = false;
        }
        softirq_on();
    }
}

static void thread_main(void *arg)
{
    struct napi *n = arg;
    while (!load_acquire(&n->thread_stop)) {
        if (atomic_swap(&n->handed, 0))
            poll_while_more(n);
        else
            task_park(~0ull);
    }
    while (load_acquire(&n->thread_stop) != 2)
        task_sleep(NS_PER_MS / 10);
    store_release(&n->thread, NULL);
}

static int start_thread(struct napi *n)
{
    char name[PORT_NAME + 16];
    if (n->thread)
        return 0;
    fmt(name, sizeof(name), "napi/%s-%u", n->dev->port.name, n->queue);
    n->thread = task_start(name, thread_main, n, TASK_NORMAL, (int)(n->queue % cpu_count()));
    return n->thread ? 0 : -ENOMEM;
}

int napi_set_threaded(struct netdev *dev, bool on)
{
    for (struct napi *n = dev->napis; on && n; n = n->next_of_dev) {
        int err = start_thread(n);
        if (err)
            return err;
    }
    for (struct napi *n = dev->napis; n; n = n->next_of_dev)
        store_release(&n->threaded, on);
    dev->threaded = on;
    return 0;
}

/* ---- the file ---- */

/* Held. */
static struct netdev *polled(const struct file_req *r)
{
    struct netdev *dev = netdev_hold(r->net, r->star[0]);
    if (!dev || dev->napis)
        return dev;
    netdev_put(dev);
    return NULL;
}

static void list(struct file_req *r, int depth, void (*offer)(void *arg, const char *name), void *arg)
{
    for (struct netdev *dev = NULL; (dev = netdev_walk(r->net, dev));)
        if (dev->napis)
            offer(arg, dev->port.name);
}

static int show(struct file_req *r)
{
    struct netdev *dev = polled(r);
    if (!dev)
        return -ENOENT;
    out_text(r->out, "%u\n", dev->threaded);
    netdev_put(dev);
    return 0;
}

static int store(struct file_req *r)
{
    struct netdev *dev = polled(r);
    if (!dev)
        return -ENOENT;
    size_t n = r->len && r->data[r->len - 1] == '\n' ? r->len - 1 : r->len;
    bool good = n == 1 && (r->data[0] == '0' || r->data[0] == '1');
    int err = good ? napi_set_threaded(dev, r->data[0] == '1') : -EINVAL;
    netdev_put(dev);
    return err;
}

static void dump(struct out *o)
{
    for (struct netdev *dev = NULL; (dev = netdev_walk(net_first, dev));)
        if (dev->threaded) {
            out_text(o, "echo 1");
            dump_view(o, dev, "threaded");
        }
}

FILE_VIEW(threaded, .path = "/sys/class/net/*/threaded", .show = show, .store = store, .list = list, .dump = dump);

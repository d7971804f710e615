/* libweir.so: host/weir.h over the hosted ground.
 *
 * A stack is a struct net. The ground below is the process's only one: it is started afresh with the first stack, under
 * virtual time, with the caller as its main task. So a call returns when nothing is left to do at the present time.
 *
 * Never reads the machine's clock or its randomness, and never prints but in a panic.
 */
#include "host/host.h"
#include "host/weir.h"
#include "lib/list.h"
#include "lib/net.h"
#include "lib/plat.h"

struct weir {
    struct list node;
    struct net *net;
};

static LIST_HEAD(stacks);

const char *weir_version(void)
{
    return WEIR_VERSION;
}

static void start_ground(u64 seed)
{
    host_stop();
    host_start(&(struct host_config){.seed = seed});
}

struct weir *weir_start(const struct weir_options *o)
{
    if (o && o->size != sizeof(*o))
        return NULL;
    if (list_empty(&stacks))
        start_ground(o ? o->seed : 0);
    struct weir *w = mem_zalloc(sizeof(*w));
    if (!w)
        return NULL;
    w->net = net_new();
    if (!w->net) {
        mem_free(w);
        return NULL;
    }
    if (list_empty(&stacks))
        net_first = w->net;
    list_add_tail(&stacks, &w->node);
    return w;
}

void weir_stop(struct weir *w)
{
    if (!w)
        return;
    list_del(&w->node);
    if (net_first == w->net)
        net_first = list_empty(&stacks) ? NULL : container_of(stacks.next, struct weir, node)->net;
    net_free(w->net);
    host_run(); /* what the stack deferred */
    mem_free(w);
}

uint64_t weir_time(void)
{
    return list_empty(&stacks) ? 0 : clock_ns();
}

int weir_set_time(uint64_t ns)
{
    if (list_empty(&stacks) || ns < clock_ns())
        return -EINVAL;
    host_clock_set(ns);
    return 0;
}

uint64_t weir_next_timer(void)
{
    return list_empty(&stacks) ? WEIR_NEVER : host_clock_next();
}

void weir_run(void)
{
    if (!list_empty(&stacks))
        host_run();
}

/* libweir.so: host/weir.h over the hosted ground.
 *
 * A stack is a struct net. The ground below is the process's only one: it is started afresh with the first stack, under
 * virtual time, with the caller as its main task. So a call returns when nothing is left to do at the present time.
 *
 * Never reads the machine's clock or its randomness, and never prints but in a panic.
 */
#include "host/host.h"
#include "host/port.h"
#include "host/weir.h"
#include "lib/file.h"
#include "lib/fmt.h"
#include "lib/list.h"
#include "lib/net.h"
#include "lib/out.h"
#include "lib/plat.h"
#include "lib/script.h"
#include "net/net.h"

#include <string.h>

struct weir {
    struct list node;
    struct net *net;
    struct weir_options options;
    struct out out, err;
    struct script_env env;
    struct task *task; /* runs `text`; NULL: none */
    char *text;
    size_t len;
    int status;
    struct list ports;
};

struct weir_port {
    struct list node;
    struct netdev *dev;
};

#define INTERRUPTS 1000 /* a script that does not end after so many is stuck */

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

static int write_out(struct out *o, const char *p, size_t n)
{
    struct weir *w = o->arg;
    if (w->options.output)
        w->options.output(w->options.arg, o == &w->err, p, n);
    return 0;
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
    w->net = net_bring_up();
    if (!w->net) {
        mem_free(w);
        return NULL;
    }
    if (o)
        w->options = *o;
    list_init(&w->ports);
    out_init(&w->out, write_out, w, false);
    out_init(&w->err, write_out, w, false);
    script_env_init(&w->env, w->net, &w->out, &w->err, NULL);
    if (list_empty(&stacks))
        net_first = w->net;
    list_add_tail(&stacks, &w->node);
    return w;
}

static void remove_file(void *arg, const char *name, const struct file_stat *st)
{
    char path[FILE_PATH_MAX];
    fmt(path, sizeof(path), "/tmp/%s", name);
    file_remove(arg, path);
}

void weir_stop(struct weir *w)
{
    if (!w)
        return;
    for (unsigned i = 0; w->task && i < INTERRUPTS; i++) {
        weir_interrupt(w);
        host_run();
    }
    if (w->task)
        panic("weir_stop: a script does not end");
    script_env_free(&w->env);
    list_del(&w->node);
    if (list_empty(&stacks))
        file_list(w->net, "/tmp", remove_file, w->net);
    LIST_FOREACH_SAFE(&w->ports, struct weir_port, node, p) {
        port_del(p->dev);
        mem_free(p);
    }
    if (net_first == w->net)
        net_first = list_empty(&stacks) ? NULL : container_of(stacks.next, struct weir, node)->net;
    net_take_down(w->net);
    host_run(); /* what the stack deferred */
    mem_free(w);
}

/* ---- scripts ---- */

static void run_script(void *arg)
{
    struct weir *w = arg;
    w->status = script_text(&w->env, w->text, w->len) & 0xff;
    mem_free(w->text);
    w->task = NULL;
}

int weir_exec(struct weir *w, const char *script, size_t n)
{
    if (w->task)
        return -EBUSY;
    w->text = mem_alloc(n);
    if (!w->text)
        return -ENOMEM;
    memcpy(w->text, script, n);
    w->len = n;
    w->task = task_start("script", run_script, w, TASK_NORMAL, 0);
    if (!w->task) {
        mem_free(w->text);
        return -ENOMEM;
    }
    host_run();
    return weir_status(w);
}

int weir_status(const struct weir *w)
{
    return w->task ? -EAGAIN : w->status;
}

void weir_interrupt(struct weir *w)
{
    if (w->task)
        task_interrupt(w->task);
}

/* ---- network cards ---- */

struct weir_port *weir_port_add(struct weir *w, const char *name, const uint8_t mac[6], weir_frame *sent, void *arg)
{
    struct weir_port *p = mem_zalloc(sizeof(*p));
    struct macaddr m;
    int err;
    if (!p)
        return NULL;
    memcpy(&m, mac, sizeof(m));
    p->dev = port_new(w->net, name, &m, sent, arg, &err);
    if (!p->dev) {
        mem_free(p);
        return NULL;
    }
    list_add_tail(&w->ports, &p->node);
    return p;
}

int weir_port_rx(struct weir_port *p, const void *frame, size_t n)
{
    return port_rx(p->dev, frame, n);
}

/* ---- time ---- */

uint64_t weir_time(void)
{
    return list_empty(&stacks) ? 0 : clock_ns();
}

int weir_set_time(uint64_t ns)
{
    if (list_empty(&stacks) || ns < clock_ns() || ns == WEIR_NEVER)
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

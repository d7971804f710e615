/* dropwatch: drops as they happen, by reason and interface, until Ctrl-C.
 *
 *     dropwatch [-c N]        ends by itself when N packets were lost
 *
 * What is shown is what the counts of drops have grown by since they were looked at before, LOOK ago: nothing is
 * missed, and watching costs those nothing who drop. Linux's is told `start` first; this one starts.
 */
#include "lib/list.h"
#include "lib/option.h"
#include "lib/plat.h"
#include "net/dev/netdev.h"
#include "net/skb/drop.h"

#define LOOK (250 * NS_PER_MS)

struct seen { /* of one interface; the first one: of none */
    struct list link;
    u32 index;
    bool there;
    u64 n[DROP_REASONS];
};

struct watch {
    struct cmd_ctx *c;
    struct list ports; /* struct seen */
    struct seen none;
    u64 told, most;
};

static u64 count_all(struct watch *w, const struct skb_port *port, unsigned why)
{
    u64 n = 0;
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        n += drop_read(w->c->net, port, (enum drop_reason)why, cpu);
    return n;
}

static struct seen *seen_of(struct watch *w, const struct skb_port *port)
{
    LIST_FOREACH(&w->ports, struct seen, link, s)
        if (s->index == port->index)
            return s;
    struct seen *s = mem_zalloc(sizeof(*s));
    if (s) {
        s->index = port->index;
        list_add_tail(&w->ports, &s->link);
    }
    return s;
}

static void look_at(struct watch *w, const struct skb_port *port, struct seen *s, bool tell)
{
    s->there = true;
    for (unsigned why = DROP_NOT + 1; why < DROP_REASONS; why++) {
        u64 n = count_all(w, port, why), more = n - s->n[why];
        s->n[why] = n;
        if (!tell || !more)
            continue;
        out_text(w->c->out, "%llu drops at %s (%s) [software]\n", (unsigned long long)more,
                 drop_name((enum drop_reason)why), port ? port->name : "no interface");
        w->told += more;
    }
}

/* What one that is gone had counted is counted as of none now, and was told. */
static void forget_gone(struct watch *w)
{
    for (struct list *at = w->ports.next, *next; at != &w->ports; at = next) {
        struct seen *s = container_of(at, struct seen, link);
        next = at->next;
        if (s->there) {
            s->there = false;
            continue;
        }
        for (unsigned why = 0; why < DROP_REASONS; why++)
            w->none.n[why] += s->n[why];
        list_del(at);
        mem_free(s);
    }
}

static int look(struct watch *w, bool tell)
{
    int err = 0;
    for (struct netdev *dev = NULL; (dev = netdev_walk(w->c->net, dev));) {
        struct seen *s = seen_of(w, &dev->port);
        if (s)
            look_at(w, &dev->port, s, tell);
        else
            err = -ENOMEM;
    }
    forget_gone(w);
    look_at(w, NULL, &w->none, tell);
    return err;
}

static int follow(struct watch *w)
{
    int err = look(w, false);

    out_text(w->c->out, "Kernel monitoring activated.\nIssue Ctrl-C to stop monitoring\n");
    while (!err && w->told < w->most && !out_failed(w->c->out)) {
        task_sleep(LOOK);
        if (task_interrupted())
            break;
        err = look(w, true);
    }
    for (struct list *l; (l = list_pop(&w->ports));)
        mem_free(container_of(l, struct seen, link));
    return err ? cmd_error(w->c, "no memory") : 0;
}

static int cmd_dropwatch(struct cmd_ctx *c)
{
    struct watch w = {.c = c, .most = UINT64_MAX};
    struct option_reader o;

    list_init(&w.ports);
    for (option_start(&o, c, "c:"); option_next(&o) > 0;)
        w.most = option_number(&o, 1, UINT64_MAX);
    if (o.bad)
        return option_refuse(&o);
    if (o.at < c->argc)
        return cmd_usage(c, "\"%s\": there is nothing to say behind it", c->argv[o.at]);
    return follow(&w);
}

CMD(dropwatch, .name = "dropwatch", .group = "network", .help = "drops, as they happen", .usage = "[-c N]",
    .run = cmd_dropwatch);

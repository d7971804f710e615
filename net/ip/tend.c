/* The task that tends addresses (contract: tend.h).
 *
 * It sleeps until the earliest of what its parts said is due, or until it is woken. Packets wait in a list under a lock
 * that softirq takes, too; they are parked, so that their device stays until they were looked at. Never holds that lock
 * while a part works.
 */
#include "net/ip/tend.h"

#include "lib/conf.h"
#include "lib/errno.h"
#include "lib/wait.h"
#include "net/dev/netdev.h"
#include "net/skb/drop.h"

struct tend {
    struct task *task;
    struct waitq wishes, end;
    bool wished, stop, ended;
    struct spinlock lock; /* the packets that wait, by next; note is what is to be called */
    struct skb *first, **last;
    u32 waiting;
};

static int start(struct net *net, void *slot)
{
    struct tend *t = slot;
    waitq_init(&t->wishes);
    waitq_init(&t->end);
    t->last = &t->first;
    return 0;
}

static bool has_ended(void *arg)
{
    return load_acquire(&((struct tend *)arg)->ended);
}

static void end(struct net *net, void *slot)
{
    struct tend *t = slot;
    if (!t->task)
        return;
    store_release(&t->stop, true);
    waitq_wake_all(&t->wishes);
    waitq_wait_deaf(&t->end, has_ended, t);
}

NET_SLOT(tend, struct tend, start, end);

static struct tend *tend_of(struct net *net)
{
    return NET_GET(net, struct tend, tend);
}

void tend_soon(struct net *net)
{
    struct tend *t = tend_of(net);
    store_release(&t->wished, true);
    waitq_wake_all(&t->wishes);
}

void tend_skb(struct netdev *dev, struct skb *s, tend_fn *fn)
{
    struct tend *t = tend_of(dev_net(dev));
    s->route = NULL;
    spin_lock(&t->lock);
    bool room = dev->tending < TEND_MOST;
    if (room) {
        dev->tending++;
        skb_park(s);
        s->note = (uintptr_t)fn;
        s->next = NULL;
        *t->last = s;
        t->last = &s->next;
        t->waiting++;
    }
    spin_unlock(&t->lock);
    if (room)
        tend_soon(dev_net(dev));
    else
        skb_drop(s, DROP_TEND_FULL);
}

static struct skb *take_first(struct tend *t) /* softirqs off */
{
    spin_lock(&t->lock);
    struct skb *s = t->first;
    if (s) {
        t->first = s->next;
        t->waiting--;
        netdev_of(s)->tending--;
        if (!t->first)
            t->last = &t->first;
    }
    spin_unlock(&t->lock);
    return s;
}

/* Those that wait now: what comes meanwhile is the next round's. */
static void heed(struct tend *t)
{
    for (u32 n = load_relaxed(&t->waiting); n; n--) {
        softirq_off();
        struct skb *s = take_first(t);
        enum drop_reason why = s ? skb_unpark(s) : DROP_NOT;
        if (s && why)
            skb_drop(s, why);
        softirq_on();
        if (!s)
            return;
        if (why)
            continue;
        ((tend_fn *)(uintptr_t)s->note)(netdev_of(s), s);
        softirq_off();
        skb_free(s);
        softirq_on();
    }
}

void tend_dev_end(struct netdev *dev)
{
    struct tend *t = tend_of(dev_net(dev));
    softirq_off();
    spin_lock(&t->lock);
    struct skb *gone = NULL;
    t->last = &t->first;
    for (struct skb *s; (s = *t->last);)
        if (s->dev == &dev->port) {
            *t->last = s->next;
            s->next = gone;
            gone = s;
            t->waiting--;
            dev->tending--;
        } else {
            t->last = &s->next;
        }
    spin_unlock(&t->lock);
    for (struct skb *next; gone; gone = next) {
        next = gone->next;
        skb_unpark(gone);
        skb_drop(gone, DROP_DEV_DOWN);
    }
    softirq_on();
}

static bool has_wish(void *arg)
{
    const struct tend *t = arg;
    return load_acquire(&t->wished) || load_acquire(&t->stop);
}

static void tend(void *arg)
{
    struct net *net = arg;
    struct tend *t = tend_of(net);
    u64 next = TEND_NEVER;
    for (;;) {
        waitq_wait(&t->wishes, has_wish, t, next);
        if (load_acquire(&t->stop))
            break;
        store_release(&t->wished, false);
        conf_enter();
        heed(t);
        next = TEND_NEVER;
        SET_FOREACH(tend, const struct tend_part, p)
            next = min(next, p->due(net, clock_ns()));
        conf_leave();
    }
    waitq_end(&t->end, &t->ended); /* t may be gone behind this */
}

int tend_start(struct net *net)
{
    struct tend *t = tend_of(net);
    if (!t->task)
        t->task = task_start("addresses", tend, net, TASK_NORMAL, -1);
    return t->task ? 0 : -ENOMEM;
}

/* A pipe between tasks. Waiting gives way to Ctrl-C on either side. */
#include "lib/script_ring.h"

#include "lib/string.h"

struct ring_waiter { /* on the stack of who waits */
    struct list node;
    struct task *task;
};

static void wake_all_locked(struct script_ring *r)
{
    for (struct list *n = list_pop(&r->waiters); n; n = list_pop(&r->waiters))
        task_wake(container_of(n, struct ring_waiter, node)->task);
}

/* Under the lock, which is let go of and taken again. */
static int wait_locked(struct script_ring *r)
{
    struct ring_waiter w = {.task = task_self()};

    if (task_interrupted())
        return -EINTR;
    list_add_tail(&r->waiters, &w.node);
    spin_unlock(&r->lock);
    task_park(~0ull);
    spin_lock(&r->lock);
    list_del(&w.node);
    return task_interrupted() ? -EINTR : 0;
}

static ssize read_ring(struct cmd_io *io, void *p, size_t n)
{
    struct script_ring *r = container_of(io, struct script_ring, in);
    int err = 0;

    spin_lock(&r->lock);
    while (r->head == r->tail && !r->writer_left && !err)
        err = wait_locked(r);
    u32 at = r->tail % SCRIPT_RING;
    size_t fits = min(n, (size_t)(r->head - r->tail));
    fits = min(fits, (size_t)(SCRIPT_RING - at));
    memcpy(p, r->bytes + at, fits);
    r->tail += (u32)fits;
    if (fits)
        wake_all_locked(r);
    spin_unlock(&r->lock);
    return err ? err : (ssize)fits;
}

static int write_ring(struct out *o, const char *p, size_t n)
{
    struct script_ring *r = container_of(o, struct script_ring, out);
    int err = 0;

    spin_lock(&r->lock);
    while (n && !err) {
        u32 at = r->head % SCRIPT_RING;
        size_t fits = min(n, (size_t)(SCRIPT_RING - (r->head - r->tail)));
        fits = min(fits, (size_t)(SCRIPT_RING - at));
        if (r->reader_left) {
            err = -EPIPE;
        } else if (!fits) {
            err = wait_locked(r);
        } else {
            memcpy(r->bytes + at, p, fits);
            r->head += (u32)fits;
            p += fits;
            n -= fits;
            wake_all_locked(r);
        }
    }
    spin_unlock(&r->lock);
    return err;
}

void script_ring_init(struct script_ring *r)
{
    memset(r, 0, offsetof(struct script_ring, bytes));
    list_init(&r->waiters);
    r->in.read = read_ring;
    out_init(&r->out, write_ring, NULL, false);
}

void script_ring_reader_leaves(struct script_ring *r)
{
    spin_lock(&r->lock);
    r->reader_left = true;
    wake_all_locked(r);
    spin_unlock(&r->lock);
}

void script_ring_writer_leaves(struct script_ring *r)
{
    spin_lock(&r->lock);
    r->writer_left = true;
    wake_all_locked(r);
    spin_unlock(&r->lock);
}

/* A pipe between tasks.
 *
 * The lock covers the copying of at most a ring's bytes; nobody sleeps with it. Waiting gives way to Ctrl-C on either
 * side. Several tasks may write (a command's output and its errors), each piece as a whole only as far as it fits.
 */
#include "lib/script_ring.h"

#include "lib/string.h"

static bool is_readable(void *arg)
{
    const struct script_ring *r = arg;

    return load_acquire(&r->head) != load_acquire(&r->tail) || load_acquire(&r->writer_left);
}

static bool is_writable(void *arg)
{
    const struct script_ring *r = arg;

    return load_acquire(&r->head) - load_acquire(&r->tail) < SCRIPT_RING || load_acquire(&r->reader_left);
}

/* What is there, up to the ring's edge. */
static size_t take_bytes(struct script_ring *r, void *p, size_t n)
{
    spin_lock(&r->lock);
    u32 at = r->tail % SCRIPT_RING;
    n = min(n, (size_t)(r->head - r->tail));
    n = min(n, (size_t)(SCRIPT_RING - at));
    memcpy(p, r->bytes + at, n);
    store_release(&r->tail, r->tail + (u32)n);
    spin_unlock(&r->lock);
    return n;
}

static size_t put_bytes(struct script_ring *r, const char *p, size_t n)
{
    spin_lock(&r->lock);
    u32 at = r->head % SCRIPT_RING;
    n = min(n, (size_t)(SCRIPT_RING - (r->head - r->tail)));
    n = min(n, (size_t)(SCRIPT_RING - at));
    memcpy(r->bytes + at, p, n);
    store_release(&r->head, r->head + (u32)n);
    spin_unlock(&r->lock);
    return n;
}

static ssize read_ring(struct cmd_io *io, void *p, size_t n)
{
    struct script_ring *r = container_of(io, struct script_ring, in);
    size_t got = 0;

    while (n && !got) {
        int err = waitq_wait(&r->waiters, is_readable, r, ~0ull);
        if (err)
            return err;
        bool end = load_acquire(&r->writer_left); /* before the look: what he wrote last is seen */
        got = take_bytes(r, p, n);
        if (!got && end)
            break;
    }
    if (got)
        waitq_wake_all(&r->waiters);
    return (ssize)got;
}

static int write_ring(struct out *o, const char *p, size_t n)
{
    struct script_ring *r = container_of(o, struct script_ring, out);

    while (n) {
        int err = waitq_wait(&r->waiters, is_writable, r, ~0ull);
        if (err || load_acquire(&r->reader_left))
            return err ? err : -EPIPE;
        size_t put = put_bytes(r, p, n);
        p += put;
        n -= put;
        if (put)
            waitq_wake_all(&r->waiters);
    }
    return 0;
}

void script_ring_init(struct script_ring *r)
{
    memset(r, 0, offsetof(struct script_ring, bytes));
    waitq_init(&r->waiters);
    r->in.read = read_ring;
    out_init(&r->out, write_ring, NULL, false);
}

void script_ring_reader_leaves(struct script_ring *r)
{
    store_release(&r->reader_left, true);
    waitq_wake_all(&r->waiters);
}

void script_ring_writer_leaves(struct script_ring *r)
{
    store_release(&r->writer_left, true);
    waitq_wake_all(&r->waiters);
}

/* Bounded event feeds: a ring of records that any number of followers read at their own place.
 *
 *     tail                                  head
 *     | length type bytes | length type bytes |            places count up for ever; at % size is where it lies
 *
 * The lock covers the copy of one event (NOTIFY_EVENT_MAX bytes at most), by publisher and followers alike. A follower
 * whose place is before the tail has lost what lay between; since events are numbered he can be told how many.
 */
#include "lib/notify.h"

#include "lib/string.h"

struct record {
    u32 len, type;
};

static void copy_in(struct notify_feed *f, u64 at, const void *p, size_t n)
{
    size_t offset = at & (f->size - 1), first = min(n, f->size - offset);

    memcpy(f->bytes + offset, p, first);
    memcpy(f->bytes, (const u8 *)p + first, n - first);
}

static void copy_out(const struct notify_feed *f, u64 at, void *p, size_t n)
{
    size_t offset = at & (f->size - 1), first = min(n, f->size - offset);

    memcpy(p, f->bytes + offset, first);
    memcpy((u8 *)p + first, f->bytes, n - first);
}

int notify_init(struct notify_feed *f, u32 size)
{
    if (!is_pow2(size) || size < 2 * NOTIFY_EVENT_MAX)
        panic("notify: a feed of %u bytes", size);
    *f = (struct notify_feed){.size = size, .bytes = mem_alloc(size)};
    waitq_init(&f->followers);
    return f->bytes ? 0 : -ENOMEM;
}

void notify_exit(struct notify_feed *f)
{
    mem_free(f->bytes);
    f->bytes = NULL;
}

void notify_publish(struct notify_feed *f, u32 type, const void *data, size_t n)
{
    struct record r = {(u32)min(n, (size_t)NOTIFY_EVENT_MAX), type}, old;
    u64 flags = spin_lock_irq(&f->lock);

    while (f->size - (f->head - f->tail) < sizeof(r) + r.len) {
        copy_out(f, f->tail, &old, sizeof(old));
        f->tail += sizeof(old) + old.len;
        f->oldest++;
    }
    copy_in(f, f->head, &r, sizeof(r));
    copy_in(f, f->head + sizeof(r), data, r.len);
    f->head += sizeof(r) + r.len;
    store_release(&f->events, f->events + 1);
    spin_unlock_irq(&f->lock, flags);
    waitq_wake_all(&f->followers);
}

void follow_start(struct follower *w, struct notify_feed *f)
{
    u64 flags = spin_lock_irq(&f->lock);

    *w = (struct follower){f, f->head, f->events};
    store_relaxed(&f->following, f->following + 1);
    spin_unlock_irq(&f->lock, flags);
}

void follow_end(struct follower *w)
{
    u64 flags = spin_lock_irq(&w->feed->lock);

    store_relaxed(&w->feed->following, w->feed->following - 1);
    spin_unlock_irq(&w->feed->lock, flags);
    w->feed = NULL;
}

static bool has_news(void *arg)
{
    const struct follower *w = arg;
    return load_acquire(&w->feed->events) != w->next;
}

int follow_read(struct follower *w, struct event *e, void *p, size_t size, u64 until_ns)
{
    struct notify_feed *f = w->feed;
    struct record r;
    int err = waitq_wait(&f->followers, has_news, w, until_ns);

    if (err)
        return err == -ETIMEDOUT ? 0 : err;
    *e = (struct event){.lost = 0};
    u64 flags = spin_lock_irq(&f->lock);
    if (w->next < f->oldest) {
        e->lost = f->oldest - w->next;
        w->next = f->oldest;
        w->at = f->tail;
    }
    copy_out(f, w->at, &r, sizeof(r));
    copy_out(f, w->at + sizeof(r), p, min(size, (size_t)r.len));
    w->at += sizeof(r) + r.len;
    w->next++;
    spin_unlock_irq(&f->lock, flags);
    e->type = r.type;
    e->len = r.len;
    return 1;
}

static int first_with_news(const struct follower *w, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (has_news((void *)&w[i]))
            return (int)i;
    return -1;
}

int follow_any(const struct follower *w, unsigned n, u64 until_ns)
{
    struct waiter at[FOLLOW_MOST];
    int which, err = 0;

    if (!n || n > FOLLOW_MOST)
        panic("notify: %u feeds at once", n);
    for (unsigned i = 0; i < n; i++)
        waitq_enter(&w[i].feed->followers, &at[i]);
    while ((which = first_with_news(w, n)) < 0 && !err)
        err = waitq_park(&w[0].feed->followers, &at[0], until_ns); /* whichever wakes this task */
    for (unsigned i = 0; i < n; i++)
        waitq_leave(&w[i].feed->followers, &at[i]);
    return which >= 0 ? which : err;
}

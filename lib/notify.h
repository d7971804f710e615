/* Bounded event feeds: what stands behind every `monitor` command.
 *
 *     publisher, softirq or task      static ... notify_publish(&feed, EVENT_ROUTE_ADD, text, len);
 *     follower, task                  struct follower f;  follow_start(&f, &feed);
 *                                     while (follow_read(&f, &event, buf, size, until) > 0) ...
 *                                     follow_end(&f);
 *
 * A publisher never waits and never fails: events lie in a ring of bytes, the oldest make room. A follower who is too
 * slow is told how many he lost, in the place where they are missing; the others do not notice. Any number may
 * follow; following costs the publisher a wake-up and no memory.
 */
#ifndef LIB_NOTIFY_H
#define LIB_NOTIFY_H

#include "lib/base.h"
#include "lib/plat.h"
#include "lib/wait.h"

#define NOTIFY_EVENT_MAX 1024 /* bytes of one event: longer ones are cut, and told so by their length */

struct notify_feed {
    struct spinlock lock;
    struct waitq followers;
    u8 *bytes;
    u32 size;           /* a power of two, at least 2 * NOTIFY_EVENT_MAX */
    u64 head, tail;     /* where the next event goes, and the oldest is: in bytes, ever */
    u32 following;      /* how many do */
    u64 events, oldest; /* published ever, and the number of the oldest that is kept */
};

/* Does anyone follow? Where nobody does, an event need not be made: who comes later begins behind it. */
static inline bool notify_is_followed(const struct notify_feed *f)
{
    return load_relaxed(&f->following);
}
int notify_init(struct notify_feed *f, u32 size);                                 /* -ENOMEM */
void notify_exit(struct notify_feed *f);                                          /* nobody follows any more */
void notify_publish(struct notify_feed *f, u32 type, const void *data, size_t n); /* softirq */

struct follower {
    struct notify_feed *feed;
    u64 at, next; /* the next event to read: its place and its number */
};

void follow_start(struct follower *w, struct notify_feed *f); /* from the next event on */
struct event {
    u32 type, len; /* len: of the whole event; what did not fit into the reader's room is gone */
    u64 lost;      /* events that this follower missed just before it */
};
/* The next event: 1, 0 at until_ns, -EINTR. */
int follow_read(struct follower *w, struct event *e, void *p, size_t size, u64 until_ns);
void follow_end(struct follower *w);
/* Waits until one of n has an event: which (the first of them), -ETIMEDOUT, -EINTR. n up to FOLLOW_MOST. */
#define FOLLOW_MOST 8
int follow_any(const struct follower *w, unsigned n, u64 until_ns);

#endif

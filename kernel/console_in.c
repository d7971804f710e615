/* What was typed, as console_in.h tells: one ring for all devices. No byte means anything here, Ctrl-C neither: who
 * reads always reads, and knows whom to interrupt.
 *
 * Lock: interrupts off; taken under a serial port's, and holding none itself.
 */
#include "kernel/console_in.h"
#include "lib/plat.h"
#include "lib/wait.h"

#define RING (16 * KIB)

static struct {
    struct spinlock lock;
    u32 head, tail; /* only grow */
    u8 ring[RING];
    enum console_source from;
    u64 dropped; /* keys without room */
} in;
static WAITQ(readers);
static void (*tell_room)(void);

void console_in_start(void (*room)(void))
{
    tell_room = room;
}

/* Called with the lock held, or by who can live with an old answer. */
size_t console_in_room(void)
{
    return RING - (load_relaxed(&in.tail) - load_relaxed(&in.head));
}

enum console_source console_in_from(void)
{
    return in.from;
}

u64 console_in_dropped(void)
{
    return in.dropped;
}

size_t console_input(enum console_source from, const void *p, size_t n)
{
    const u8 *byte = p;
    size_t taken = 0;
    u64 flags = spin_lock_irq(&in.lock);

    in.from = from;
    while (taken < n && console_in_room())
        in.ring[in.tail++ % RING] = byte[taken++];
    if (from == CONSOLE_KEYBOARD)
        in.dropped += n - taken;
    spin_unlock_irq(&in.lock, flags);
    waitq_wake_all(&readers);
    return taken;
}

static size_t take(u8 *p, size_t n)
{
    size_t taken = 0;
    u64 flags = spin_lock_irq(&in.lock);

    while (taken < n && in.head != in.tail)
        p[taken++] = in.ring[in.head++ % RING];
    spin_unlock_irq(&in.lock, flags);
    if (taken && tell_room && console_in_room() >= RING / 2)
        tell_room();
    return taken;
}

ssize console_read(void *p, size_t n, u64 until_ns)
{
    struct waiter w;
    int err = 0;
    size_t got;

    if (!n)
        return 0;
    waitq_enter(&readers, &w);
    while (!(got = take(p, n)) && !err)
        err = waitq_park(&readers, &w, until_ns);
    waitq_leave(&readers, &w);
    return got ? (ssize)got : err == -ETIMEDOUT ? 0 : err;
}

/* What was typed, as console_in.h tells: one ring for all devices.
 *
 * Ctrl-C alone means something here, once console_owner has named a task: it takes effect where it arrives, in the
 * interrupt, however much is queued before it. What was typed before it is dropped, as a terminal does in Linux, and
 * the owner is interrupted; his next console_read says -EINTR before it gives what came behind. So a command that
 * reads nothing can be ended behind a RING of typed-ahead lines; beyond that a sender is held back, and nothing is
 * lost.
 *
 * Lock: interrupts off; taken under a serial port's; inside it the scheduler's (task_interrupt).
 */
#include "kernel/console_in.h"
#include "lib/plat.h"
#include "lib/wait.h"

#define RING   (64 * KIB)
#define CTRL_C 0x03

static struct {
    struct spinlock lock;
    u32 head, tail; /* only grow */
    u8 ring[RING];
    enum console_source from;
    struct task *owner; /* NULL: Ctrl-C is a byte like others */
    u64 dropped;        /* keys without room */
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
    for (; taken < n; taken++) {
        if (byte[taken] == CTRL_C && in.owner) {
            in.head = in.tail;
            task_interrupt(in.owner);
        } else if (console_in_room()) {
            in.ring[in.tail++ % RING] = byte[taken];
        } else {
            break;
        }
    }
    if (from == CONSOLE_KEYBOARD)
        in.dropped += n - taken;
    spin_unlock_irq(&in.lock, flags);
    waitq_wake_all(&readers);
    return taken;
}

void console_owner(struct task *t)
{
    u64 flags = spin_lock_irq(&in.lock);
    in.owner = t;
    spin_unlock_irq(&in.lock, flags);
}

/* -EINTR: the owner, after a Ctrl-C; what is in the ring came behind it. */
static ssize take(u8 *p, size_t n)
{
    size_t taken = 0;
    u64 flags = spin_lock_irq(&in.lock);
    bool interrupted = task_interrupted() && in.owner == task_self();

    while (!interrupted && taken < n && in.head != in.tail)
        p[taken++] = in.ring[in.head++ % RING];
    spin_unlock_irq(&in.lock, flags);
    if ((taken || interrupted) && tell_room && console_in_room() >= RING / 2)
        tell_room();
    return interrupted ? -EINTR : (ssize)taken;
}

ssize console_read(void *p, size_t n, u64 until_ns)
{
    struct waiter w;
    int err = 0;
    ssize got;

    if (!n)
        return 0;
    waitq_enter(&readers, &w);
    while (!(got = take(p, n)) && !err)
        err = waitq_park(&readers, &w, until_ns);
    waitq_leave(&readers, &w);
    return got ? got : err == -ETIMEDOUT ? 0 : err;
}

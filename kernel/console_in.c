/* What was typed, as console_in.h tells: one ring for all devices, and Ctrl-C.
 *
 * A Ctrl-C is seen by an interrupt's handler, which may not look for a task; it notes whom it is for and wakes the
 * console's task, which delivers it. So a command that spins is interrupted as soon as the scheduler gives that
 * task its share.
 *
 * Lock: interrupts off; taken under a serial port's, and holding none itself.
 */
#include "kernel/console_in.h"
#include "kernel/task.h"
#include "lib/plat.h"
#include "lib/wait.h"

#define CTRL_C 3
#define RING   (16 * KIB)

static struct {
    struct spinlock lock;
    u32 head, tail; /* only grow */
    u8 ring[RING];
    u32 foreground;   /* id of the task that read last; 0: none yet */
    unsigned reading; /* tasks inside console_read */
    enum console_source from;
    u64 dropped;   /* keys without room, and what stood before a Ctrl-C */
    u32 interrupt; /* id of the task to which a Ctrl-C is owed */
} in;
static WAITQ(readers);
static void (*tell_room)(void);
static void (*tell_interrupt)(void);

void console_in_start(void (*room)(void), void (*wake)(void))
{
    tell_room = room;
    tell_interrupt = wake;
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

/* One byte, under the lock; false: no room. *interrupted: it was a Ctrl-C for who does not read. */
static bool take_byte(u8 byte, bool *interrupted)
{
    if (byte == CTRL_C && !in.reading && in.foreground) {
        in.dropped += in.tail - in.head;
        in.head = in.tail;
        in.interrupt = in.foreground;
        *interrupted = true;
        return true;
    }
    if (!console_in_room())
        return false;
    in.ring[in.tail++ % RING] = byte;
    return true;
}

size_t console_input(enum console_source from, const void *p, size_t n)
{
    const u8 *byte = p;
    bool interrupted = false;
    size_t taken = 0;
    u64 flags = spin_lock_irq(&in.lock);

    in.from = from;
    while (taken < n && take_byte(byte[taken], &interrupted))
        taken++;
    if (from == CONSOLE_KEYBOARD)
        in.dropped += n - taken;
    spin_unlock_irq(&in.lock, flags);
    if (interrupted && tell_interrupt)
        tell_interrupt();
    waitq_wake_all(&readers);
    return taken;
}

void console_in_interrupt(void)
{
    u32 id = load_relaxed(&in.interrupt) ? atomic_swap(&in.interrupt, 0) : 0;

    if (!id)
        return;
    rcu_enter();
    struct task *t = task_find(id);
    if (t)
        task_interrupt(t);
    rcu_exit();
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

static void reading(int change)
{
    u64 flags = spin_lock_irq(&in.lock);
    in.reading += (unsigned)change;
    in.foreground = task_id(task_self());
    spin_unlock_irq(&in.lock, flags);
}

ssize console_read(void *p, size_t n, u64 until_ns)
{
    struct waiter w;
    int err = 0;
    size_t got;

    if (!n)
        return 0;
    reading(1);
    waitq_enter(&readers, &w);
    while (!(got = take(p, n)) && !err)
        err = waitq_park(&readers, &w, until_ns);
    waitq_leave(&readers, &w);
    reading(-1);
    return got ? (ssize)got : err == -ETIMEDOUT ? 0 : err;
}

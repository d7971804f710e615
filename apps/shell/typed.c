/* What is typed, between the reader of the console and whoever wants it.
 *
 *     console_read -> reader task --ring--> line editor (prompt)
 *                         |         `-----> a command's input, the pager
 *                         `- Ctrl-C -> task_interrupt(foreground)
 *
 * The reader owns the console: a Ctrl-C interrupts it wherever it waits, for bytes or for room.
 *
 * Lock order: the queue of waiters is asked without the lock held.
 */
#include "apps/shell/typed.h"
#include "lib/plat.h"

#define CTRL_C 0x03

static bool has_room(void *arg)
{
    struct typed *t = arg;
    spin_lock(&t->lock);
    bool yes = t->tail - t->head < TYPED_BYTES || t->ends;
    spin_unlock(&t->lock);
    return yes;
}

static bool has_byte(void *arg)
{
    struct typed *t = arg;
    spin_lock(&t->lock);
    bool yes = t->tail != t->head;
    spin_unlock(&t->lock);
    return yes;
}

/* True when it was for the command that runs: it is interrupted, and what was typed before is dropped, as a terminal
 * does in Linux. */
static bool interrupt_foreground(struct typed *t)
{
    spin_lock(&t->lock);
    struct task *task = t->foreground;
    if (task) {
        t->head = t->tail;
        task_interrupt(task);
    }
    spin_unlock(&t->lock);
    return task;
}

/* False: a Ctrl-C has come, and what was typed before it counts no more. */
static bool put(struct typed *t, u8 byte)
{
    if (byte == CTRL_C && load_acquire(&t->foreground)) {
        console_write("^C\n", 3); /* before the prompt of who is interrupted, on whatever CPU */
        if (interrupt_foreground(t))
            return true;
    }
    if (waitq_wait(&t->changed, has_room, t, ~0ull))
        return false;
    spin_lock(&t->lock);
    if (t->tail - t->head < TYPED_BYTES)
        t->byte[t->tail++ % TYPED_BYTES] = byte;
    spin_unlock(&t->lock);
    waitq_wake_all(&t->changed);
    return true;
}

static void read_console(void *arg)
{
    struct typed *t = arg;
    u8 some[64];
    console_owner(task_self());
    while (!load_acquire(&t->ends)) {
        ssize n = console_read(some, sizeof(some), ~0ull);
        if (n == -EINTR) {
            task_interrupt_clear();
            some[0] = CTRL_C;
            n = 1;
        }
        for (ssize i = 0; i < n && !load_acquire(&t->ends) && put(t, some[i]); i++) {
        }
    }
    console_owner(NULL);
    waitq_end(&t->changed, &t->ended); /* t may be gone behind this */
}

int typed_start(struct typed *t)
{
    *t = (struct typed){.head = 0};
    waitq_init(&t->changed);
    t->reader = task_start("keyboard", read_console, t, TASK_NORMAL, -1);
    return t->reader ? 0 : -ENOMEM;
}

static bool has_ended(void *arg)
{
    struct typed *t = arg;
    return load_acquire(&t->ended);
}

void typed_stop(struct typed *t)
{
    if (!t->reader)
        return;
    store_release(&t->ends, true);
    task_interrupt(t->reader);
    waitq_wake_all(&t->changed);
    waitq_wait_deaf(&t->changed, has_ended, t);
    t->reader = NULL;
}

static int take_byte(struct typed *t)
{
    spin_lock(&t->lock);
    int byte = t->tail != t->head ? t->byte[t->head++ % TYPED_BYTES] : -EAGAIN;
    spin_unlock(&t->lock);
    if (byte >= 0)
        waitq_wake_all(&t->changed);
    return byte;
}

/* Who was interrupted takes nothing more: what is typed behind a Ctrl-C is for the prompt. */
int typed_get(struct typed *t, u64 until_ns)
{
    for (;;) {
        int byte = task_interrupted() ? -EINTR : take_byte(t);
        if (byte != -EAGAIN)
            return byte;
        int err = waitq_wait(&t->changed, has_byte, t, until_ns);
        if (err)
            return err;
    }
}

/* Drops what was typed up to the last Ctrl-C; false when there is none. */
static bool drop_to_interrupt_locked(struct typed *t)
{
    u32 behind = t->tail;
    while (behind != t->head && t->byte[(behind - 1) % TYPED_BYTES] != CTRL_C)
        behind--;
    bool found = behind != t->head;
    if (found)
        t->head = behind;
    return found;
}

void typed_foreground(struct typed *t, struct task *task)
{
    spin_lock(&t->lock);
    t->foreground = task;
    bool already = task && drop_to_interrupt_locked(t); /* typed together with the line that is run now */
    spin_unlock(&t->lock);
    if (already) {
        console_write("^C\n", 3);
        task_interrupt(task);
    }
}

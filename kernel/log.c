/* The machine's messages: one ring for all CPUs and contexts, from the first instruction of C on.
 *
 * log_write formats on the stack of its caller, puts the line into the ring and tells the console, if it shows that
 * level, that there is something; it never waits, takes no lock, and knows no device. A text with newlines becomes so
 * many lines. Everything that shows messages keeps a place of its own in the ring and is told how many were
 * overwritten before it came.
 */
#include "kernel/log.h"
#include "kernel/cmdline.h"
#include "kernel/irq.h"
#include "kernel/x86.h"
#include "lib/atomic.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "lib/wait.h"

#define NMI_MASK (15 * NMI_ONE)
#define SLOTS    1024 /* 88 KiB of text */

static struct log_slot slots[SLOTS];
static struct log_ring ring = {.slots = slots, .count = SLOTS, .next = SLOTS};
static void (*told)(void);
static bool told_wakes, told_owed;
static bool in_panic;
static WAITQ(readers);
u32 log_console_level = LOG_DEBUG;

static int set_level(const char *value)
{
    if (!value || !char_is_digit(value[0]) || value[1] || value[0] > '8')
        return -EINVAL;
    log_console_level = (u32)(value[0] - '0');
    return 0;
}
BOOT_OPTION(loglevel, "loglevel", set_level, "0..8: the console shows messages below this level (7: all but debug)");

/* A wake-up takes a run queue's lock with interrupts off. So where they are on, or in an interrupt's handler (they were
 * on before it), it is not held on this CPU; elsewhere it may be, and the CPU interrupts itself to do it after. An NMI
 * does neither: the next message shows its own, too. */
static void tell(void)
{
    void (*fn)(void) = load_acquire(&told);
    u32 context = preempt_count();

    if (!fn)
        return;
    if (!load_relaxed(&told_wakes) || (!(context & NMI_MASK) && (context & IRQ_MASK || rflags() & RFLAGS_IF))) {
        fn();
    } else if (!(context & NMI_MASK)) {
        store_release(&told_owed, true);
        cpu_kick(cpu_id());
    }
}

static void kicked(void)
{
    if (load_relaxed(&told_owed) && atomic_swap(&told_owed, false))
        tell();
}

void log_on_line(void (*fn)(void), bool wakes)
{
    store_release(&told_wakes, wakes);
    store_release(&told, fn);
    if (wakes)
        irq_on_kick(kicked);
}

void log_write(enum log_level level, const char *f, ...)
{
    char text[LOG_LINE_MAX + 32];
    va_list ap;
    u64 now = clock_ns();

    va_start(ap, f);
    size_t len = fmt_v(text, sizeof(text), f, ap);
    va_end(ap);
    if (len >= sizeof(text)) { /* the last of several lines may be cut here, and fit into the ring */
        len = sizeof(text) - 1;
        memcpy(text + len - 3, "...", 3);
    }
    while (len && text[len - 1] == '\n')
        len--;
    text[len] = 0;
    for (const char *p = text;;) {
        const char *end = strchrnul(p, '\n');
        log_ring_put(&ring, level, now, cpu_id(), p, (size_t)(end - p));
        if (!*end)
            break;
        p = end + 1;
    }
    if (level < load_relaxed(&log_console_level))
        tell();
}

u64 log_first(void)
{
    return log_ring_first(&ring);
}

u64 log_end(void)
{
    return log_ring_end(&ring);
}

u64 log_lost(void)
{
    return load_relaxed(&ring.lost);
}

bool log_next(u64 *at, struct log_line *line)
{
    return log_ring_get(&ring, at, line, load_relaxed(&in_panic));
}

u64 log_tail(unsigned lines)
{
    u64 end = log_end(), first = log_first();
    return end - first > lines ? end - lines : first;
}

struct waiting {
    u64 at;
};

static bool has_line(void *arg)
{
    const struct waiting *w = arg;
    u64 at = w->at;
    struct log_line line;
    return log_next(&at, &line);
}

int log_wait(u64 at, u64 until_ns)
{
    struct waiting w = {at};
    return waitq_wait(&readers, has_line, &w, until_ns);
}

void log_wake(void)
{
    waitq_wake_all(&readers);
}

void log_panic(void)
{
    store_relaxed(&in_panic, true);
}

size_t log_text(char *p, const struct log_line *line)
{
    u64 us = line->when_ns / NS_PER_US;
    size_t n = fmt(p, LOG_TEXT_MAX, "[%5llu.%06llu] %s\n", (unsigned long long)(us / 1000000),
                   (unsigned long long)(us % 1000000), line->text);
    return min(n, (size_t)LOG_TEXT_MAX - 1);
}

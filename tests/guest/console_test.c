/* The console and the log inside the machine: floods of output and input, messages from every context. While tests
 * run nobody else reads the console, so what is put in here is read here. */
#include "kernel/console_in.h"
#include "kernel/log.h"
#include "kernel/uart.h"
#include "lib/check.h"
#include "lib/fmt.h"
#include "lib/log.h"
#include "lib/string.h"
#include "lib/timer.h"
#include "tests/guest/crew.h"

/* ---- the log ---- */

static unsigned count_lines(u64 at, const char *prefix, u64 *missed)
{
    struct log_line line;
    unsigned n = 0;

    *missed = 0;
    while (log_next(&at, &line)) {
        *missed += line.missed;
        n += str_starts(line.text, prefix);
    }
    return n;
}

static void log_many(unsigned i)
{
    for (unsigned n = 0; n < 50; n++)
        log_write(LOG_DEBUG, "log-test %u %u", i, n);
}

TEST(log_from_many_tasks_is_whole)
{
    u64 at = log_end(), missed;

    crew_run(8, log_many);
    CHECK_EQ(count_lines(at, "log-test ", &missed), 400);
    CHECK_EQ(missed, 0);
}

static u32 fired;

static void log_in_softirq(struct timer *t)
{
    log_write(LOG_INFO, "# log-softirq %u", fired);
    if (atomic_add(&fired, 1) < 20)
        timer_arm(t, clock_ns() + NS_PER_MS / 4);
}

/* At a level that the console shows: each wakes its task from where that is not always allowed. */
TEST(log_from_softirqs_and_with_interrupts_off)
{
    static struct timer t;
    u64 at = log_end(), missed;

    fired = 0;
    timer_init(&t, log_in_softirq);
    timer_arm(&t, clock_ns());
    for (unsigned i = 0; i < 20; i++) {
        u64 flags = irq_save();
        log_write(LOG_INFO, "# log-quiet %u", i);
        irq_restore(flags);
        task_sleep(NS_PER_MS / 2);
    }
    while (load_acquire(&fired) < 20)
        task_sleep(NS_PER_MS);
    timer_cancel_wait(&t);
    CHECK_EQ(count_lines(at, "# log-softirq ", &missed), 20);
    CHECK_EQ(count_lines(at, "# log-quiet ", &missed), 20);
}

TEST(log_long_text_of_many_lines_says_that_it_is_cut)
{
    char text[600];
    struct log_line line;
    u64 at = log_end(), cut = 0;

    memset(text, '#', sizeof(text) - 1);
    text[300] = '\n';
    text[sizeof(text) - 1] = 0;
    log_write(LOG_DEBUG, "%s", text);
    while (log_next(&at, &line))
        cut += line.text[0] == '#' && str_ends(line.text, "#...");
    CHECK_EQ(cut, 1);
}

TEST(log_wait_wakes_up)
{
    u64 at = log_end();

    CHECK_EQ(log_wait(at, clock_ns() + NS_PER_MS), -ETIMEDOUT);
    log_write(LOG_INFO, "# a line to wake up for");
    CHECK_EQ(log_wait(at, clock_ns() + 5 * NS_PER_S), 0);
}

TEST(log_limited_holds_back)
{
    static struct log_limit limit = LOG_LIMIT(3600 * NS_PER_S, 3);
    u64 at = log_end(), missed;

    for (unsigned i = 0; i < 100; i++)
        log_limited(&limit, LOG_DEBUG, "limit-test %u", i);
    CHECK_EQ(count_lines(at, "limit-test ", &missed), 3);
}

/* ---- output ---- */

#define FLOOD_BYTES (32 * KIB)
#define FLOOD_SENT  (FLOOD_BYTES + FLOOD_BYTES / 64) /* with a CR for each line */

static u32 ticks;
static bool ticking;

static void tick(struct timer *t)
{
    atomic_add(&ticks, 1);
    if (load_acquire(&ticking))
        timer_arm(t, t->when + NS_PER_MS);
}

/* More than any ring holds: the writer waits, softirqs go on, and every byte leaves the machine. */
TEST(console_output_flood_loses_nothing)
{
    static char line[65];
    static struct timer t;
    struct uart_info before, after;

    uart_info(0, &before);
    if (!before.open || !before.interrupts) {
        test_skip("no serial port with interrupts");
        return;
    }
    fmt(line, sizeof(line), "# %61s", "flood");
    line[63] = '\n';
    store_release(&ticking, true);
    ticks = 0;
    timer_init(&t, tick);
    timer_arm(&t, clock_ns());
    u64 start = clock_ns();
    for (unsigned n = 0; n < FLOOD_BYTES / 64; n++)
        console_write(line, 64);
    u64 ms = (clock_ns() - start) / NS_PER_MS;
    store_release(&ticking, false);
    timer_cancel_wait(&t);
    CHECK_LE(ms / 4, ticks);
    for (unsigned i = 0; i < 5000; i++) {
        uart_info(0, &after);
        if (after.tx - before.tx >= FLOOD_SENT)
            break;
        task_sleep(NS_PER_MS);
    }
    CHECK_LE(FLOOD_SENT, after.tx - before.tx);
    CHECK_EQ(after.unsent, before.unsent);
}

/* ---- input ---- */

TEST(console_input_is_refused_when_full_and_kept_in_order)
{
    static u8 bytes[1024];
    u8 got[256];
    size_t put = 0, taken, read = 0;

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (u8)(i * 7);
    while ((taken = console_input(CONSOLE_SERIAL, bytes, sizeof(bytes))) == sizeof(bytes))
        put += taken;
    put += taken;
    CHECK_EQ(console_in_room(), 0);
    CHECK_EQ(console_input(CONSOLE_SERIAL, bytes, 1), 0);
    while (read < put) {
        ssize n = console_read(got, sizeof(got), clock_ns() + NS_PER_S);
        if (n <= 0)
            break;
        for (ssize i = 0; i < n; i++)
            CHECK_EQ(got[i], bytes[(read + (size_t)i) % sizeof(bytes)]);
        read += (size_t)n;
    }
    CHECK_EQ(read, put);
    CHECK_EQ(console_read(got, sizeof(got), clock_ns() + NS_PER_MS), 0);
}

static void type_later(unsigned i)
{
    task_sleep(5 * NS_PER_MS);
    console_input(CONSOLE_KEYBOARD, "x", 1);
}

TEST(console_read_wakes_up)
{
    struct crew crew = {0};
    char c = 0;

    crew_start(&crew, 1, -1, TASK_NORMAL, type_later);
    CHECK_EQ(console_read(&c, 1, clock_ns() + 5 * NS_PER_S), 1);
    CHECK_EQ(c, 'x');
    crew_wait(&crew);
    CHECK_EQ(console_in_from(), CONSOLE_KEYBOARD);
}

/* However much is queued: Ctrl-C drops it and reaches who owns the console, in the interrupt; what came behind is read
 * after it. */
TEST(console_ctrl_c_passes_what_was_typed_ahead)
{
    static u8 ahead[1024];
    char got[8];
    size_t room = console_in_room();

    memset(ahead, 'a', sizeof(ahead));
    CHECK_EQ(console_input(CONSOLE_SERIAL, "\3", 1), 1); /* nobody's: a byte */
    CHECK_EQ(console_read(got, sizeof(got), 0), 1);
    CHECK_EQ(got[0], 3);
    console_owner(task_self());
    while (console_input(CONSOLE_SERIAL, ahead, sizeof(ahead)) == sizeof(ahead)) {
    }
    CHECK_EQ(console_in_room(), 0);
    CHECK(!task_interrupted());
    CHECK_EQ(console_input(CONSOLE_SERIAL, "\3y\3z", 4), 4);
    CHECK(task_interrupted());
    CHECK_EQ(console_in_room(), room - 1);
    CHECK_EQ(console_read(got, sizeof(got), 0), -EINTR);
    task_interrupt_clear();
    CHECK_EQ(console_read(got, sizeof(got), 0), 1);
    CHECK_EQ(got[0], 'z');
    console_owner(NULL);
}

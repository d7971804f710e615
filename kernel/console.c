/* The console, as console.h tells.
 *
 *     task: console_write --+-> [out lock] -> serial ring -> interrupt -> line
 *     any:  log_write -> ring of messages -> task "console" --+        -> terminal -> screen
 *
 * A newline goes out as CR LF. A log line that comes while a line is half written (a prompt, and what was typed) is
 * put above it: the row is cleared, the message printed, and what stood there written again.
 * The log is shown by a task, so that no interrupt waits for a line; the writer of a message only wakes it.
 * The screen answers a question for the cursor only while its keyboard is what is typed on: a serial terminal
 * answers for itself.
 *
 * Lock: out.lock, a mutex; inside it the serial port's.
 */
#include "kernel/console.h"

#include "kernel/bootinfo.h"
#include "kernel/cmdline.h"
#include "kernel/console_in.h"
#include "kernel/console_serial.h"
#include "kernel/keyboard.h"
#include "kernel/log.h"
#include "kernel/power.h"
#include "kernel/screen.h"
#include "lib/fmt.h"
#include "lib/string.h"
#include "lib/wait.h"

#define HALF_LINE  1024 /* of a line that a log message interrupts, so many bytes can be written again */
#define DRAW_BYTES 4096 /* the screen is drawn at least that often */

enum mode { EARLY, TASKS, PANIC };

static enum mode mode;
static struct uart *uart; /* NULL: none */
static u32 uart_baud = 115200;
static bool serial_wanted;
static bool uart_named;         /* by console=: firmware is not asked */
static bool uart_polled = true; /* no interrupts, or not yet */
static bool poll_wanted;        /* console=ttyS0,115200,poll */
static bool screen_wanted = true, screen_on;

static struct {
    struct mutex lock;
    struct task *writer;  /* waits for room in the serial ring */
    char half[HALF_LINE]; /* what was written since the last newline */
    u32 half_len;         /* > HALF_LINE: too long to be kept */
    bool after_cr;
    u64 log_at; /* place of the next message to be shown */
} out = {.lock = {NULL, {{0}, {&out.lock.q.waiters, &out.lock.q.waiters}}}};

static struct task *log_shower;
static u32 early_busy; /* one CPU shows early messages at a time */

/* ---- which devices ---- */

struct device {
    bool serial, poll;
    unsigned nr;
    u32 baud;
};

/* "ttyS0", "ttyS1,9600", "ttyS0,115200n8,poll", "tty0": true when it is one. */
static bool parse_device(const char *s, struct device *d)
{
    u64 v;

    *d = (struct device){.serial = str_starts(s, "ttyS"), .baud = 115200};
    if (!d->serial)
        return str_eq(s, "tty0") || str_eq(s, "tty");
    s += 4;
    if (*s < '0' || *s >= '0' + UART_PORTS)
        return false;
    d->nr = (unsigned)(*s++ - '0');
    if (!*s)
        return true;
    if (*s++ != ',')
        return false;
    for (v = 0; char_is_digit(*s) && v < 1000000; s++)
        v = v * 10 + (u64)(*s - '0');
    d->baud = (u32)v;
    d->poll = str_ends(s, ",poll");
    return v >= 50 && v <= 115200 &&
           (!*s || str_eq(s, "n8") || str_eq(s, "n") || str_eq(s, ",poll") || str_eq(s, "n8,poll"));
}

static int set_console(const char *value)
{
    struct device d;
    return value && parse_device(value, &d) ? 0 : -EINVAL;
}
BOOT_OPTION(console, "console", set_console,
            "ttyS0 .. ttyS3[,BAUD[,poll]] or tty0; may be given for both; default: both, serial as firmware says");

static void choose_devices(void)
{
    bool any = false;
    struct device d = {0}, serial = {.baud = uart_baud};
    char value[32];

    screen_wanted = false;
    for (unsigned n = 0; cmdline_get(bootinfo.cmdline, "console", n, value, sizeof(value)); n++) {
        if (!parse_device(value, &d))
            continue;
        any = true;
        *(d.serial ? &uart_named : &screen_wanted) = true;
        if (d.serial)
            serial = d;
    }
    if (!any)
        screen_wanted = true;
    uart_baud = serial.baud;
    poll_wanted = serial.poll;
    if (!any || uart_named)
        uart = uart_open(serial.nr, uart_baud);
    serial_wanted = !any || uart_named;
}

/* ---- out ---- */

static void wake_writer(void *arg)
{
    struct task *t = load_acquire(&out.writer);
    if (t)
        task_wake(t);
}

/* All of it into the serial ring, waiting for room. Task, out.lock held. */
static void serial_write(const char *p, size_t n)
{
    while (n) {
        size_t part = uart_put(uart, p, n);
        p += part;
        n -= part;
        if (!n)
            return;
        store_release(&out.writer, task_self());
        if (uart_waiting(uart) > UART_RING / 2 && !task_park(clock_ns() + 200 * NS_PER_MS))
            uart_nudge(uart);
        store_release(&out.writer, NULL);
    }
}

static void devices_write(const char *p, size_t n)
{
    if (uart && (uart_polled || mode == PANIC))
        uart_put_polled(uart, p, n);
    else if (uart)
        serial_write(p, n);
    if (screen_on)
        screen_write(p, n);
}

static void remember_half(const char *p, size_t n)
{
    const char *end = memrchr(p, '\n', n);

    if (end) {
        n -= (size_t)(end + 1 - p);
        p = end + 1;
        out.half_len = 0;
    }
    if (out.half_len + n > HALF_LINE) {
        out.half_len = HALF_LINE + 1;
        return;
    }
    memcpy(out.half + out.half_len, p, n);
    out.half_len += (u32)n;
}

/* Text with its newlines made CR LF, in pieces. */
static void write_text(const char *p, size_t n)
{
    char piece[512];
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\n' && !out.after_cr)
            piece[len++] = '\r';
        out.after_cr = p[i] == '\r';
        piece[len++] = p[i];
        if (len >= sizeof(piece) - 2) {
            devices_write(piece, len);
            len = 0;
        }
    }
    if (len)
        devices_write(piece, len);
}

void console_write(const void *p, size_t n)
{
    bool lock = mode == TASKS;

    if (lock)
        mutex_lock(&out.lock);
    for (const char *c = p; n;) {
        size_t part = min(n, (size_t)DRAW_BYTES);
        remember_half(c, part);
        write_text(c, part);
        c += part;
        n -= part;
    }
    if (lock)
        mutex_unlock(&out.lock);
}

int console_flush(u64 until_ns)
{
    while (uart && !uart_polled && uart_waiting(uart)) {
        if (clock_ns() >= until_ns)
            return -ETIMEDOUT;
        task_sleep(NS_PER_MS);
    }
    return 0;
}

/* ---- the log ---- */

static void show_line(const struct log_line *line)
{
    char text[LOG_TEXT_MAX];
    bool half = out.half_len != 0;

    if (half)
        write_text("\r\033[K", 4);
    if (line->missed) {
        size_t n = fmt(text, sizeof(text), "(%llu older messages were overwritten before they were shown)\n",
                       (unsigned long long)line->missed);
        write_text(text, n);
    }
    if (line->level < load_relaxed(&log_console_level))
        write_text(text, log_text(text, line));
    if (half && out.half_len <= HALF_LINE)
        write_text(out.half, out.half_len);
    else
        out.half_len = 0;
}

/* Shows what has come. The callers see to it that only one does this at a time. */
static void show_log(void)
{
    struct log_line line;

    while (log_next(&out.log_at, &line))
        if (line.missed || line.level < load_relaxed(&log_console_level))
            show_line(&line);
}

static void log_task(void *arg)
{
    for (;;) {
        mutex_lock(&out.lock);
        show_log();
        mutex_unlock(&out.lock);
        log_wake();
        if (log_end() == out.log_at)
            task_park(~0ull);
        else
            task_sleep(NS_PER_MS); /* a line is still being written */
    }
}

static void show_early(void)
{
    u64 seen;

    do {
        seen = log_end();
        if (atomic_swap(&early_busy, 1)) /* who is at it looks again before it leaves */
            return;
        show_log();
        store_release(&early_busy, 0);
    } while (log_end() != seen);
}

static void wake_shower(void)
{
    task_wake(log_shower);
}

/* ---- in: what the devices need of it ---- */

static size_t serial_room(void *arg)
{
    return console_in_room();
}

static void serial_received(void *arg, const u8 *p, size_t n)
{
    console_input(CONSOLE_SERIAL, p, n);
}

static void more_room(void)
{
    if (uart)
        uart_resume(uart);
}

static void screen_reply(void *arg, const char *p, size_t n)
{
    if (!uart || console_in_from() == CONSOLE_KEYBOARD)
        console_input(CONSOLE_KEYBOARD, p, n);
}

/* ---- from one mode to the next ---- */

void console_early(void)
{
    choose_devices();
    log_on_line(show_early, false);
    show_early();
}

/* What was shown so far, to a device that comes late. */
static void show_again(void (*write)(const char *p, size_t n))
{
    struct log_line line;
    char text[LOG_TEXT_MAX];

    for (u64 at = log_first(); at < out.log_at && log_next(&at, &line);) {
        if (line.level >= log_console_level)
            continue;
        size_t n = log_text(text, &line);
        write(text, n - 1);
        write("\r\n", 2);
    }
}

static void write_screen(const char *p, size_t n)
{
    screen_write(p, n);
}

static void write_uart(const char *p, size_t n)
{
    uart_put_polled(uart, p, n);
}

void console_firmware(void)
{
    u32 baud;
    struct uart *named = serial_wanted && !uart_named ? serial_of_firmware(&baud) : NULL;

    if (!named || named == uart)
        return;
    log_write(LOG_INFO, "console: %s, as firmware says (SPCR)", uart_name(named));
    if (uart)
        uart_close(uart);
    uart = named;
    uart_baud = baud;
    show_again(write_uart);
}

void console_screen(void)
{
    static const char *const why[] = {"no memory for it", "there is none"};

    if (!screen_wanted)
        return;
    int err = screen_init(&bootinfo.screen, screen_reply);
    if (err) {
        log_write(LOG_DEBUG, "screen: %s", why[err == -ENODEV]);
        return;
    }
    show_again(write_screen);
    screen_on = true;
}

void console_start(void)
{
    static const struct uart_user user = {serial_room, serial_received, wake_writer};

    if (uart) {
        int err = uart_start(uart, &user, NULL, poll_wanted);
        uart_polled = err != 0;
        if (err) {
            if (poll_wanted)
                log_write(LOG_INFO, "console: %s: polled, as asked for", uart_name(uart));
            else
                log_write(LOG_WARN, "console: %s: no interrupt (error %d): it is polled", uart_name(uart), -err);
            serial_poll(uart);
        }
    }
    if (screen_on)
        keyboard_init();
    console_in_start(more_room);
    power_set_flush(console_flush);
    store_release(&mode, TASKS);
    struct task *t = task_start("console", log_task, NULL, TASK_NORMAL, 0);
    if (!t) {
        store_release(&mode, EARLY);
        log_write(LOG_ERR, "console: no memory for its task: messages stay polled");
        return;
    }
    log_shower = t;
    log_on_line(wake_shower, true);
    task_wake(t);
}

static void enter_panic(void)
{
    store_release(&mode, PANIC);
    log_on_line(show_log, false);
    out.log_at = log_end(); /* a panic shows the last messages itself */
    if (uart)
        uart_panic(uart);
    screen_panic();
}

void console_panic_write(const char *p, size_t n)
{
    if (mode != PANIC)
        enter_panic();
    write_text(p, n);
}

void console_summary(char *p, size_t n)
{
    char screen[64];

    *p = 0;
    if (uart && uart_baud)
        fmt(p, n, "%s %u", uart_name(uart), uart_baud);
    else if (uart)
        str_copy(p, n, uart_name(uart));
    if (screen_on) {
        screen_name(screen, sizeof(screen));
        str_append(p, n, uart ? ", " : "");
        str_append(p, n, screen);
    }
    if (!*p)
        str_copy(p, n, "none");
}

/* The console and the log of a hosted Weir.
 *
 * Virtual: what a test types (host_console_type) is read, what is written is kept until the test takes it
 * (host_console_take). A reader without input parks; nothing to type is no end of file, as on a serial line.
 * Real: stdin and stdout. The idle loop polls stdin for the reader; at its end every read gives a Ctrl-D, which is how
 * a terminal says it. The log keeps its last lines; they go to stderr as well when time is real or host_log_to_stderr
 * was called.
 *
 * Ctrl-C interrupts the owner (console_owner), unless it reads just now: then it gets the byte. What was typed before
 * it and not read is dropped, as the machine's console does.
 *
 * Never interprets any other byte.
 */
#define _GNU_SOURCE /* memrchr */
#include "host/ground.h"
#include "host/host.h"
#include "lib/fmt.h"

#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define CTRL_C       0x03
#define END_OF_INPUT 0x04
#define TYPED_MOST   (16 * KIB) /* stdin is not read beyond that */

struct bytes {
    char *p;
    size_t n, room;
};

static struct {
    struct spinlock lock; /* guards all of it */
    struct bytes typed, written;
    struct task *reader;      /* parked for input */
    struct task *owner;       /* whom Ctrl-C interrupts */
    struct task *stream;      /* parked in host_stdin_read */
    size_t patience, patient; /* bytes; 0: without end */
} console;

static struct {
    struct spinlock lock;
    char lines[32 * KIB];
    size_t n;
    bool to_stderr;
} logged;

static void bytes_add(struct bytes *b, const void *p, size_t n)
{
    if (!n)
        return;
    if (b->n + n > b->room) {
        size_t room = max(b->n + n, b->room * 2);
        char *grown = realloc(b->p, room);
        if (!grown)
            panic("host: no memory for the console");
        b->p = grown;
        b->room = room;
    }
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

static size_t bytes_take(struct bytes *b, void *p, size_t n)
{
    n = min(n, b->n);
    if (n)
        memcpy(p, b->p, n);
    b->n -= n;
    if (n && b->n)
        memmove(b->p, b->p + n, b->n);
    return n;
}

static void bytes_free(struct bytes *b)
{
    free(b->p);
    *b = (struct bytes){0};
}

void console_start(void)
{
    bytes_free(&console.typed);
    bytes_free(&console.written);
    console.reader = console.owner = console.stream = NULL;
    console.patience = 0;
    logged.n = 0;
    logged.lines[0] = 0;
    logged.to_stderr = host_ground.real;
}

int console_fd(void)
{
    bool wanted = console.stream || (console.owner && console.typed.n < TYPED_MOST);
    return host_ground.real && wanted ? STDIN_FILENO : -1;
}

void console_ready(void)
{
    char buf[4096];
    if (console.stream) {
        task_wake(console.stream);
        console.stream = NULL;
        return;
    }
    ssize n = read(STDIN_FILENO, buf, sizeof(buf));
    if (n <= 0) {
        buf[0] = END_OF_INPUT;
        n = 1;
    }
    host_console_type(buf, (size_t)n);
}

void host_console_type(const void *p, size_t n)
{
    spin_take(&console.lock);
    struct task *reader = console.reader, *owner = console.owner;
    const char *intr = owner && !reader ? memrchr(p, CTRL_C, n) : NULL;
    if (intr) {
        n -= (size_t)(intr + 1 - (const char *)p);
        p = intr + 1;
        console.typed.n = 0;
    }
    bytes_add(&console.typed, p, n);
    spin_unlock(&console.lock);
    if (reader)
        task_wake(reader);
    if (intr)
        task_interrupt(owner);
}

void console_forget(const struct task *t)
{
    spin_take(&console.lock);
    if (console.owner == t)
        console.owner = NULL;
    spin_unlock(&console.lock);
}

void console_owner(struct task *t)
{
    spin_take(&console.lock);
    console.owner = t;
    spin_unlock(&console.lock);
}

ssize console_read(void *p, size_t n, u64 until_ns)
{
    if (!n)
        return 0;
    for (;;) {
        if (task_interrupted()) /* before what was typed behind the Ctrl-C */
            return -EINTR;
        spin_take(&console.lock);
        size_t got = bytes_take(&console.typed, p, n);
        console.reader = got ? NULL : task_self();
        spin_unlock(&console.lock);
        if (got)
            return (ssize)got;
        bool late = clock_ns() >= until_ns;
        if (!late && !task_interrupted())
            task_park(until_ns);
        if (late || task_interrupted()) {
            spin_take(&console.lock);
            console.reader = NULL;
            spin_unlock(&console.lock);
            return late ? 0 : -EINTR;
        }
    }
}

ssize host_stdin_read(void *p, size_t n)
{
    do {
        console.stream = task_self();
        task_park(~0ull);
        if (task_interrupted())
            return -EINTR;
    } while (console.stream); /* woken by somebody else */
    ssize got = read(STDIN_FILENO, p, n);
    return got < 0 ? -EIO : got;
}

static struct termios before;

static void terminal_restore(void)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
}

void host_console_raw(void)
{
    if (tcgetattr(STDIN_FILENO, &before))
        return; /* no terminal */
    struct termios raw = before;
    raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IXON | BRKINT | ISTRIP);
    raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG | IEXTEN);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    atexit(terminal_restore);
    host_at_death(terminal_restore);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
}

static void write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize done = write(fd, p, n);
        if (done <= 0)
            exit(1); /* nobody reads any more */
        p += done;
        n -= (size_t)done;
    }
}

void host_console_patience(size_t n)
{
    console.patience = console.patient = n;
}

/* What was written adds up: a person who waits for the end of it types Ctrl-C. */
static void lose_patience(size_t n)
{
    if (!console.patience)
        return;
    if (n < console.patient) {
        console.patient -= n;
        return;
    }
    console.patient = console.patience;
    console.written.n = 0;
    host_console_type("\3", 1);
}

void console_write(const void *p, size_t n)
{
    if (host_ground.real) {
        write_all(STDOUT_FILENO, p, n);
        return;
    }
    spin_take(&console.lock);
    bytes_add(&console.written, p, n);
    spin_unlock(&console.lock);
    lose_patience(n);
}

size_t host_console_take(char *p, size_t size)
{
    spin_take(&console.lock);
    size_t n = bytes_take(&console.written, p, size - 1);
    spin_unlock(&console.lock);
    p[n] = 0;
    return n;
}

void log_write(enum log_level level, const char *f, ...)
{
    char line[512];
    size_t head = fmt(line, sizeof(line), "<%d>", level);
    va_list ap;
    va_start(ap, f);
    size_t body = fmt_v(line + head, sizeof(line) - head - 1, f, ap);
    va_end(ap);
    size_t n = min(head + body, sizeof(line) - 2);
    line[n++] = '\n';
    line[n] = 0;

    spin_take(&logged.lock);
    while (logged.n + n >= sizeof(logged.lines)) { /* the oldest line goes */
        size_t first = (size_t)(strchr(logged.lines, '\n') + 1 - logged.lines);
        logged.n -= first;
        memmove(logged.lines, logged.lines + first, logged.n + 1);
    }
    memcpy(logged.lines + logged.n, line, n + 1);
    logged.n += n;
    spin_unlock(&logged.lock);
    if (logged.to_stderr)
        write_all(STDERR_FILENO, line + head, n - head);
}

const char *host_log(void)
{
    return logged.lines;
}

void host_log_to_stderr(bool yes)
{
    logged.to_stderr = yes;
}

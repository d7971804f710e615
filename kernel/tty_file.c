/* /dev/ttyS0 .. ttyS3: what is written there goes over that serial port, byte for byte.
 *
 *     tcpdump -i eth0 -w /dev/ttyS1            cat /proc/interrupts >/dev/ttyS1
 *
 * A port that is there appears when its name is asked for; it is opened by the first who writes, at 115200 baud, and
 * stays open. The console's own port is not given away: -EBUSY. Writing waits until the port has taken all; a far end
 * that holds us back is waited for, until Ctrl-C. What is received is dropped: nobody reads.
 */
#include "kernel/uart.h"
#include "lib/file.h"
#include "lib/plat.h"
#include "lib/string.h"
#include "lib/wait.h"

#define BAUD 115200

static struct uart *mine[UART_PORTS]; /* opened here */
static bool polled[UART_PORTS];       /* without an interrupt: nobody sends unless asked to */
static MUTEX(writers);

static size_t take_all(void *arg)
{
    return UART_TURN;
}

static void drop(void *arg, const u8 *p, size_t n)
{
}

static void sent(void *arg)
{
}

static const struct uart_user user = {take_all, drop, sent};

/* "ttyS1": 1; -ENOENT. */
static int number_of(const char *name)
{
    bool one = str_starts(name, "ttyS") && name[4] >= '0' && name[4] < '0' + UART_PORTS && !name[5];
    return one ? name[4] - '0' : -ENOENT;
}

/* Opens it, if it is there and nobody's. Under `writers`. */
static int open_port(int nr)
{
    struct uart_info info;
    if (mine[nr])
        return 0;
    uart_info((unsigned)nr, &info);
    if (info.open)
        return -EBUSY;
    mine[nr] = uart_open((unsigned)nr, BAUD);
    if (!mine[nr])
        return -ENOENT;
    polled[nr] = uart_start(mine[nr], &user, NULL, false) < 0;
    return 0;
}

static int tty_stat(struct net *net, const char *name, struct file_stat *st)
{
    int nr = number_of(name);
    if (nr < 0)
        return nr;
    mutex_lock(&writers);
    int err = open_port(nr);
    mutex_unlock(&writers);
    *st = (struct file_stat){.writable = !err};
    return err == -EBUSY ? 0 : err;
}

/* A moment for the line; -EINTR after Ctrl-C. */
static int wait_for_line(struct uart *u)
{
    if (task_interrupted())
        return -EINTR;
    task_sleep(NS_PER_MS);
    uart_nudge(u);
    return 0;
}

static int send(struct uart *u, const char *p, size_t n, bool to_the_end)
{
    int err = 0;
    while (n && !err) {
        size_t part = uart_put(u, p, n);
        p += part;
        n -= part;
        if (n && !part)
            err = wait_for_line(u);
    }
    while (to_the_end && !err && uart_waiting(u))
        err = wait_for_line(u);
    return err;
}

static int tty_write(struct net *net, const char *name, const char *p, size_t n, bool append)
{
    int nr = number_of(name);
    if (nr < 0)
        return nr;
    mutex_lock(&writers);
    int err = open_port(nr);
    if (!err)
        err = send(mine[nr], p, n, polled[nr]);
    mutex_unlock(&writers);
    return err;
}

static int tty_list(struct net *net, const char *name, file_offer *offer, void *arg)
{
    char tty[] = "ttyS0";
    struct file_stat st;
    for (int nr = 0; nr < UART_PORTS && !*name; nr++) {
        tty[4] = (char)('0' + nr);
        if (!tty_stat(net, tty, &st))
            offer(arg, tty, NULL);
    }
    return 0;
}

FILE_TREE(dev, .path = "/dev", .stat = tty_stat, .write = tty_write, .list = tty_list);

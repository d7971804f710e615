/* The 16550's driver against a chip in memory: registers 4 bytes apart, of 32 bits each, as SPCR may name them. What
 * the driver asks of the machine (a mapping, an interrupt) is answered here.
 */
#include "kernel/irq.h"
#include "kernel/uart.h"
#include "lib/check.h"
#include "lib/string.h"

enum { DATA, IER, FCR, LCR, MCR, LSR, MSR, SCRATCH, REGS };

extern u32 fake_io[5][128]; /* virtio_mmio_test.c maps it, the last at 5000 hex */
#define regs fake_io[4]
static u32 asked_gsi;
static bool (*handler)(void *arg);
static void *handler_arg;

int irq_request_isa(unsigned line, const char *name, irq_fn *fn, void *arg)
{
    return -ENXIO;
}

int irq_request_gsi(u32 gsi, unsigned flags, const char *name, irq_fn *fn, void *arg)
{
    asked_gsi = gsi;
    handler = fn;
    handler_arg = arg;
    return gsi == 17 ? 0 : -ENXIO;
}

static size_t room(void *arg)
{
    return 1; /* the chip's status does not change by itself when it is read */
}

static char got[8];
static size_t got_n;

static void received(void *arg, const u8 *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        got[got_n++ % sizeof(got)] = (char)p[i];
    regs[LSR] = 0x60;
    regs[FCR] = 1; /* IIR: no more */
}

static void sent(void *arg)
{
}

static const struct uart_user user = {room, received, sent};
static const struct uart_place place = {.base = 0x5000, .mmio = true, .stride = 4, .wide = true, .gsi = 17};

static struct uart *plugged(const struct uart_place *at, u32 baud)
{
    memset(regs, 0, sizeof(regs));
    got_n = 0;
    return uart_open_at(at, baud);
}

/* One byte waits in the chip, and its IIR says so. */
static void key(char c)
{
    regs[DATA] = (u8)c;
    regs[LSR] = 0x61;
    regs[FCR] = 4;
}

TEST(uart_in_memory_by_stride)
{
    struct uart *u = plugged(&place, 0);
    CHECK(u != NULL);
    if (!u)
        return;
    CHECK_STR(uart_name(u), "ttyS4");
    CHECK_EQ(regs[LCR], 3);                 /* 8N1 */
    CHECK_EQ(regs[MCR], 0x0b);              /* DTR, RTS, OUT2 */
    CHECK_EQ(regs[DATA], 0);                /* no divisor was written: baud 0 leaves it */
    CHECK(uart_open_at(&place, 0) == NULL); /* there is one such port */
    regs[LSR] = 0x60;
    uart_put_polled(u, "ab", 2);
    CHECK_EQ(regs[DATA], 'b');
    regs[FCR] = 1;
    CHECK_EQ(uart_start(u, &user, NULL, false), 0);
    CHECK_EQ(asked_gsi, 17);
    CHECK(!uart_nudge(u));
    key('k');
    CHECK(handler && handler(handler_arg));
    CHECK_EQ(got_n, 1);
    CHECK_EQ(got[0], 'k');
    CHECK_EQ(regs[IER], 0); /* no more room: held back */
    CHECK_EQ(regs[MCR], 0x09);
    uart_resume(u);
    CHECK_EQ(regs[IER], 5);
    CHECK_EQ(regs[MCR], 0x0b);
    uart_close(u);
}

TEST(uart_without_an_interrupt_is_polled)
{
    struct uart_place at = place;
    at.gsi = 0;
    for (int polled = 0; polled < 2; polled++) {
        struct uart *u = plugged(&at, 115200);
        CHECK(u != NULL);
        if (!u)
            return;
        regs[FCR] = 1;
        CHECK_EQ(uart_start(u, &user, NULL, polled), -ENXIO);
        CHECK(!uart_nudge(u));
        key('p');
        CHECK(uart_nudge(u));
        CHECK(!uart_nudge(u));
        CHECK_EQ(got_n, 1);
        CHECK_EQ(got[0], 'p');
        uart_close(u);
        at.gsi = 17; /* and one that has an interrupt which is not wanted */
    }
}

TEST(uart_that_is_not_there)
{
    struct uart_place at = place;
    at.base = 0x9000; /* cannot be mapped */
    CHECK(plugged(&at, 0) == NULL);
    at = place;
    at.stride = 0;
    CHECK(plugged(&at, 0) == NULL);
}

/* The serial port that SPCR names, and the polling of one whose interrupt could not be had. See console_serial.h.
 *
 * Polling wakes an idle machine five times a second, no more; what a person types meanwhile lies in the port's FIFO of
 * 16 bytes. From the first byte on the port is asked every 2 ms, which 115200 baud does not outrun, until nothing came
 * for a second.
 */
#include "kernel/console_serial.h"

#include "kernel/acpi.h"
#include "lib/plat.h"
#include "lib/timer.h"

#define POLL_IDLE_NS (200 * NS_PER_MS)
#define POLL_BUSY_NS (2 * NS_PER_MS)
#define POLL_CALM    500 /* so many polls without a byte, and it is idle again */

static struct {
    struct timer timer;
    struct uart *uart;
    unsigned busy; /* polls left before it is idle */
} poll;

struct uart *serial_of_firmware(u32 *baud)
{
    const struct acpi_spcr *s = &acpi.spcr;
    struct uart_place at = {
        .base = s->base, .mmio = s->mmio, .stride = s->stride, .wide = s->wide, .line = s->line, .gsi = s->gsi};

    if (!s->base)
        return NULL;
    *baud = s->baud;
    struct uart *u = uart_open_at(&at, s->baud);
    if (!u)
        log_write(LOG_WARN, "console: SPCR names a serial port at %lx, but nothing answers there", s->base);
    return u;
}

static void ask(struct timer *t)
{
    poll.busy = uart_nudge(poll.uart) ? POLL_CALM : poll.busy - !!poll.busy;
    timer_arm(t, clock_ns() + (poll.busy ? POLL_BUSY_NS : POLL_IDLE_NS));
}

void serial_poll(struct uart *u)
{
    poll.uart = u;
    timer_init(&poll.timer, ask);
    timer_arm(&poll.timer, clock_ns() + POLL_IDLE_NS);
}

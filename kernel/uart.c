/* The 16550, as uart.h tells.
 *
 *     uart_put -> ring -> transmit hold register (16 bytes a turn) -> line
 *     line -> receive FIFO -> user->received, or stays there while the user has no room
 *
 * The interrupt line of ISA is an edge: if the handler leaves while the chip still asks, no further edge would come.
 * So a handler that stops at its bound takes the chip's request away and lets it ask again (`ask_again`).
 * Bytes are sent directly when the chip is idle; the interrupt of the transmitter is on only while the ring has more.
 *
 * Lock order: a port's lock is taken with interrupts off, and user->room and user->received are called under it: what
 * they take comes after. user->sent is called without.
 */
#include "kernel/uart.h"
#include "kernel/irq.h"
#include "kernel/vm.h"
#include "kernel/x86.h"
#include "lib/file.h"
#include "lib/plat.h"
#include "lib/string.h"

enum reg { DATA = 0, IER = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6, SCRATCH = 7 };

#define IER_RECEIVED 0x01
#define IER_SENT     0x02
#define IER_ERROR    0x04
#define IIR_NONE     0x01
#define LCR_8N1      0x03
#define LCR_DIVISOR  0x80
#define MCR_DTR      0x01
#define MCR_RTS      0x02
#define MCR_OUT2     0x08 /* lets the interrupt out, on a PC */
#define LSR_READY    0x01
#define LSR_OVERRUN  0x02
#define LSR_PARITY   0x04
#define LSR_FRAMING  0x08
#define LSR_BREAK    0x10
#define LSR_EMPTY    0x20 /* the hold register and its FIFO */
#define CLOCK_BAUD   115200
#define POLLS        100000 /* of about a microsecond each */

struct uart {
    struct uart_place at;
    volatile void *regs; /* where they are mapped; NULL: ports */
    const char *name;
    bool open, interrupts, fifo;
    const struct uart_user *user;
    void *arg;

    struct spinlock lock; /* guards what follows, and the chip; interrupts off */
    u8 ier;
    bool stopped;   /* no room: the FIFO is left alone */
    u32 head, tail; /* of the ring: only grow */
    u64 tx, rx, overruns, framing, parity, breaks, held, unsent;
    u8 *ring; /* UART_RING bytes */
};

static u8 rings[UARTS][UART_RING]; /* apart, so that the image holds no zeroes for them */

static struct uart ports[UARTS] = {
    {.at = {.base = 0x3f8, .stride = 1, .line = 4}, .name = "ttyS0", .ring = rings[0]},
    {.at = {.base = 0x2f8, .stride = 1, .line = 3}, .name = "ttyS1", .ring = rings[1]},
    {.at = {.base = 0x3e8, .stride = 1, .line = 4}, .name = "ttyS2", .ring = rings[2]},
    {.at = {.base = 0x2e8, .stride = 1, .line = 3}, .name = "ttyS3", .ring = rings[3]},
    {.name = "ttyS4", .ring = rings[4]}, /* uart_open_at's */
};

static u8 get(const struct uart *u, enum reg r)
{
    u32 off = r * u->at.stride;
    if (!u->regs)
        return inb((u16)(u->at.base + off));
    volatile u8 *p = (volatile u8 *)u->regs + off;
    return u->at.wide ? (u8) * (volatile u32 *)p : *p;
}

static void set(const struct uart *u, enum reg r, u8 v)
{
    u32 off = r * u->at.stride;
    volatile u8 *p = (volatile u8 *)u->regs + off;
    if (!u->regs)
        outb((u16)(u->at.base + off), v);
    else if (u->at.wide)
        *(volatile u32 *)p = v;
    else
        *p = v;
}

/* Is there a chip? Its scratch register keeps what is written, and the upper half of IER is always 0. */
static bool probe(const struct uart *u)
{
    set(u, SCRATCH, 0x5a);
    if (get(u, SCRATCH) != 0x5a)
        return false;
    set(u, SCRATCH, 0xa5);
    if (get(u, SCRATCH) != 0xa5)
        return false;
    set(u, IER, 0);
    return get(u, IER) == 0;
}

static void set_baud(const struct uart *u, u32 baud)
{
    u32 divisor = min(CLOCK_BAUD / baud, 0xffffu);
    set(u, LCR, LCR_DIVISOR | LCR_8N1);
    set(u, DATA, (u8)divisor);
    set(u, IER, (u8)(divisor >> 8));
}

static struct uart *open(struct uart *u, u32 baud)
{
    set(u, LCR, LCR_8N1); /* whoever was here before us may have left the divisor in the way */
    if (!probe(u))
        return NULL;
    if (baud && baud <= CLOCK_BAUD)
        set_baud(u, baud);
    set(u, LCR, LCR_8N1);
    set(u, FCR, 0x87); /* on, both emptied, interrupt at 8 received */
    u->fifo = (get(u, IIR) & 0xc0) == 0xc0;
    set(u, MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
    u->ier = 0; /* as probe left it */
    u->stopped = false;
    u->open = true;
    return u;
}

struct uart *uart_open(unsigned nr, u32 baud)
{
    return nr < UART_PORTS ? open(&ports[nr], baud) : NULL;
}

struct uart *uart_open_at(const struct uart_place *at, u32 baud)
{
    struct uart *u = &ports[UART_PORTS];

    for (unsigned nr = 0; nr < UART_PORTS && !at->mmio; nr++)
        if (ports[nr].at.base == at->base && at->stride == 1)
            return open(&ports[nr], baud);
    if (u->open || !at->stride)
        return NULL;
    u->at = *at;
    if (at->mmio && !(u->regs = vm_map_io(at->base, 8ull * at->stride, VM_UNCACHED)))
        return NULL;
    return open(u, baud);
}

void uart_close(struct uart *u)
{
    uart_panic(u);
    u->open = false;
    u->regs = NULL;
}

/* ---- under the lock ---- */

static void set_ier(struct uart *u, u8 ier)
{
    if (ier != u->ier)
        set(u, IER, ier);
    u->ier = ier;
}

/* As much as the chip takes now; the caller saw LSR_EMPTY. */
static void send_turn(struct uart *u)
{
    for (unsigned n = u->fifo ? 16 : 1; n && u->head != u->tail; n--) {
        set(u, DATA, u->ring[u->head++ % UART_RING]);
        u->tx++;
    }
}

static void note_errors(struct uart *u, u8 lsr)
{
    u->overruns += !!(lsr & LSR_OVERRUN);
    u->parity += !!(lsr & LSR_PARITY);
    u->framing += !!(lsr & LSR_FRAMING);
    u->breaks += !!(lsr & LSR_BREAK);
}

/* Takes what was received, as far as the user has room. */
static void receive(struct uart *u, u8 lsr)
{
    u8 bytes[UART_TURN];
    size_t n = 0, room = min(u->user->room(u->arg), sizeof(bytes));

    for (; lsr & LSR_READY && n < room; lsr = get(u, LSR)) {
        note_errors(u, lsr);
        u8 byte = get(u, DATA);
        if (lsr & LSR_BREAK) /* the line was held low: that is no byte */
            continue;
        bytes[n++] = byte;
    }
    u->rx += n;
    if (n)
        u->user->received(u->arg, bytes, n);
    if (lsr & LSR_READY && n == room && room < sizeof(bytes)) {
        u->stopped = true;
        u->held++;
        set_ier(u, u->ier & ~(IER_RECEIVED | IER_ERROR));
        set(u, MCR, MCR_DTR | MCR_OUT2);
    }
}

static void send(struct uart *u)
{
    send_turn(u);
    if (u->head == u->tail)
        set_ier(u, u->ier & ~IER_SENT);
}

static void ask_again(struct uart *u)
{
    set(u, IER, 0);
    set(u, IER, u->ier);
}

/* One look at the chip, bounded; true when it wanted something. *room: the ring has become half empty. */
static bool serve(struct uart *u, bool *room)
{
    unsigned turns = UART_TURN / 16;
    u32 before = u->tail - u->head;

    for (; turns && !(get(u, IIR) & IIR_NONE); turns--) {
        u8 lsr = get(u, LSR);
        if (!u->stopped && lsr & (LSR_READY | LSR_BREAK))
            receive(u, lsr);
        else
            note_errors(u, lsr);
        if (lsr & LSR_EMPTY && u->ier & IER_SENT)
            send(u);
        get(u, MSR); /* a change of the modem's lines is seen, and forgotten */
    }
    if (!turns)
        ask_again(u);
    u32 after = u->tail - u->head;
    *room = before > UART_RING / 2 && after <= UART_RING / 2;
    return turns < UART_TURN / 16;
}

static bool uart_interrupt(void *arg)
{
    struct uart *u = arg;
    bool room;

    spin_lock(&u->lock);
    bool mine = serve(u, &room);
    spin_unlock(&u->lock);
    if (room)
        u->user->sent(u->arg);
    return mine;
}

/* ---- the ways in ---- */

static int request_irq(struct uart *u)
{
    if (u->at.line)
        return irq_request_isa(u->at.line, u->name, uart_interrupt, u);
    if (u->at.gsi)
        return irq_request_gsi(u->at.gsi, IRQ_LEVEL | IRQ_LOW, u->name, uart_interrupt, u);
    return -ENXIO;
}

int uart_start(struct uart *u, const struct uart_user *user, void *arg, bool polled)
{
    u->user = user;
    u->arg = arg;
    int irq = polled ? -ENXIO : request_irq(u);
    u64 flags = spin_lock_irq(&u->lock);
    u->interrupts = irq >= 0;
    set_ier(u, IER_RECEIVED | IER_ERROR); /* polled too: it is how the chip tells what it wants */
    spin_unlock_irq(&u->lock, flags);
    uart_nudge(u); /* what was typed meanwhile */
    return min(irq, 0);
}

size_t uart_put(struct uart *u, const void *p, size_t n)
{
    u64 flags = spin_lock_irq(&u->lock);
    u32 at = u->tail % UART_RING;
    n = min(n, (size_t)(UART_RING - (u->tail - u->head)));
    size_t first = min(n, (size_t)(UART_RING - at));
    memcpy(u->ring + at, p, first);
    memcpy(u->ring, (const u8 *)p + first, n - first);
    u->tail += (u32)n;
    if (n && !(u->ier & IER_SENT)) {
        if (get(u, LSR) & LSR_EMPTY)
            send_turn(u);
        if (u->head != u->tail)
            set_ier(u, u->ier | IER_SENT);
    }
    spin_unlock_irq(&u->lock, flags);
    return n;
}

size_t uart_waiting(struct uart *u)
{
    u64 flags = spin_lock_irq(&u->lock);
    size_t n = u->tail - u->head;
    spin_unlock_irq(&u->lock, flags);
    return n;
}

void uart_resume(struct uart *u)
{
    u64 flags = spin_lock_irq(&u->lock);
    if (u->stopped) {
        u->stopped = false;
        set(u, MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
        set_ier(u, u->ier | IER_RECEIVED | IER_ERROR);
    }
    spin_unlock_irq(&u->lock, flags);
}

bool uart_nudge(struct uart *u)
{
    bool room;
    u64 flags = spin_lock_irq(&u->lock);
    u64 before = u->rx;

    serve(u, &room);
    ask_again(u);
    bool came = u->rx != before;
    spin_unlock_irq(&u->lock, flags);
    if (room)
        u->user->sent(u->arg);
    return came;
}

/* ---- polled ---- */

static bool wait_empty(const struct uart *u)
{
    for (unsigned i = 0; i < POLLS; i++) {
        if (get(u, LSR) & LSR_EMPTY)
            return true;
        cpu_pause();
    }
    return false;
}

void uart_put_polled(struct uart *u, const void *p, size_t n)
{
    const u8 *byte = p;

    while (n) {
        size_t part = min(n, (size_t)(u->fifo ? 16 : 1));
        if (wait_empty(u)) {
            for (size_t i = 0; i < part; i++)
                set(u, DATA, byte[i]);
            u->tx += part;
        } else {
            u->unsent += part;
        }
        byte += part;
        n -= part;
    }
}

void uart_panic(struct uart *u)
{
    set(u, IER, 0);
    for (unsigned left = UART_RING; left && u->head != u->tail && wait_empty(u); left--)
        send_turn(u);
}

const char *uart_name(const struct uart *u)
{
    return u->name;
}

void uart_info(unsigned nr, struct uart_info *info)
{
    const struct uart *u = &ports[nr];

    *info = (struct uart_info){
        .at = u->at,
        .open = u->open,
        .interrupts = u->interrupts,
        .fifo = u->fifo,
        .modem = u->open ? get(u, MSR) : 0,
        .tx = u->tx,
        .rx = u->rx,
        .overruns = u->overruns,
        .framing = u->framing,
        .parity = u->parity,
        .breaks = u->breaks,
        .held = u->held,
        .unsent = u->unsent,
    };
}

/* ---- /proc/tty/driver/serial, as Linux has it, and what was held back or given up ---- */

static void show_error(struct file_req *r, const char *name, u64 n)
{
    if (n)
        out_text(r->out, " %s:%llu", name, (unsigned long long)n);
}

static int serial_show(struct file_req *r)
{
    static const struct {
        u8 bit;
        const char *name;
    } lines[] = {{0x10, "CTS"}, {0x20, "DSR"}, {0x80, "CD"}};
    struct uart_info i;

    out_text(r->out, "serinfo:1.0 driver revision:\n");
    for (unsigned nr = 0; nr < UARTS; nr++) {
        uart_info(nr, &i);
        if (!i.open)
            continue;
        out_text(r->out, "%u: uart:%s %s:%08llX irq:%u tx:%llu rx:%llu", nr, i.fifo ? "16550A" : "16450",
                 i.at.mmio ? "mmio" : "port", (unsigned long long)i.at.base, i.at.line ? i.at.line : i.at.gsi,
                 (unsigned long long)i.tx, (unsigned long long)i.rx);
        show_error(r, "fe", i.framing);
        show_error(r, "pe", i.parity);
        show_error(r, "brk", i.breaks);
        show_error(r, "oe", i.overruns);
        show_error(r, "held", i.held);
        show_error(r, "unsent", i.unsent);
        out_text(r->out, " RTS|DTR");
        for (size_t k = 0; k < ARRAY_LEN(lines); k++)
            if (i.modem & lines[k].bit)
                out_text(r->out, "|%s", lines[k].name);
        out_text(r->out, "\n");
    }
    return 0;
}
FILE_VIEW(serial, .path = "/proc/tty/driver/serial", .show = serial_show);

/* Serial ports: 16550 and kin at COM1 .. COM4 and at one more place that firmware names, by interrupts both ways, or
 * polled.
 *
 *     struct uart *u = uart_open(0, 115200);              NULL: there is no such port
 *     uart_put_polled(u, "hello\r\n", 7);                 early boot and panic: waits for the line, takes no lock
 *     uart_start(u, &users, arg, false);                  from now on by interrupts
 *     size_t n = uart_put(u, p, len);                     what fitted; users.sent tells when there is room again
 *
 * Nothing is lost silently. Out: what does not fit into the ring is refused, and the user waits. In: when the user has
 * no room the port stops receiving and lowers RTS, so the sender is held back; what a sender that does not
 * listen overruns is counted. An interrupt moves at most UART_TURN bytes each way, so a flood shares the CPU.
 */
#ifndef KERNEL_UART_H
#define KERNEL_UART_H

#include "lib/base.h"

#define UART_PORTS 4                /* COM1 .. COM4 */
#define UARTS      (UART_PORTS + 1) /* and what firmware names */
#define UART_RING  (8 * KIB)        /* bytes waiting to be sent */
#define UART_TURN  64

struct uart;

struct uart_user {
    size_t (*room)(void *arg);                          /* bytes that received() would take; interrupts off */
    void (*received)(void *arg, const u8 *p, size_t n); /* interrupts off; n <= room */
    void (*sent)(void *arg);                            /* any: half of the ring is free again */
};

struct uart_place {
    u64 base;
    bool mmio;
    u8 stride; /* bytes from register to register */
    bool wide; /* mmio: read and written by 32 bits */
    u8 line;   /* the ISA interrupt; 0: none */
    u32 gsi;   /* else this one, level and low; 0: none */
};

/* baud 0: as it is. NULL: nothing answers there. */
struct uart *uart_open(unsigned nr, u32 baud);                    /* early; no memory needed */
struct uart *uart_open_at(const struct uart_place *at, u32 baud); /* after vm_init; one of COM1 .. COM4 is itself */
void uart_close(struct uart *u);                                  /* before uart_start: somebody else is the console */
/* Task. 0, or -errno: it has no interrupt, and its user calls uart_nudge now and then. polled: do not ask for one. */
int uart_start(struct uart *u, const struct uart_user *user, void *arg, bool polled);
size_t uart_put(struct uart *u, const void *p, size_t n); /* any */
size_t uart_waiting(struct uart *u);                      /* any: bytes not sent yet */
void uart_resume(struct uart *u);                         /* any: there is room again */
/* Any: does what an interrupt would, where there is none or it was lost; true when something was received. */
bool uart_nudge(struct uart *u);

/* For early boot and panic; one caller at a time. Gives up a byte when the line does not take it for 100 ms or so. */
void uart_put_polled(struct uart *u, const void *p, size_t n);
void uart_panic(struct uart *u); /* sends what waits in the ring, polled, and switches interrupts off */

const char *uart_name(const struct uart *u); /* "ttyS0" */

struct uart_info {
    struct uart_place at;
    bool open, interrupts, fifo;
    u8 modem;   /* the modem status register */
    u64 tx, rx; /* bytes */
    u64 overruns, framing, parity, breaks;
    u64 held;   /* times that the sender was held back */
    u64 unsent; /* polled bytes given up */
};
void uart_info(unsigned nr, struct uart_info *info);

#endif

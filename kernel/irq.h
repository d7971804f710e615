/* Interrupts: who wants which, on which CPU it arrives, and how often it did.
 *
 * A number (`irq`) stands for one source: 0 .. irq_gsis-1 are the I/O APICs' inputs (GSI), IRQ_MSI and up are messages.
 *
 *     int irq = irq_request_gsi(gsi, IRQ_LEVEL | IRQ_LOW | IRQ_SHARED, "eth0", nic_interrupt, nic);
 *     int irq = irq_request_msi("eth0-rx-0", nic_rx_interrupt, rx, cpu, nic_write_message, rx);
 *     irq_free(irq, nic);
 *
 * Handlers run with interrupts off, on the stack of what they interrupted; they mask, note and schedule (softirq_raise,
 * task_wake), no more. They return whether their device wanted something: a line on which nobody wants anything 100,000
 * times is masked and told ("nobody cared"). After the handler softirqs run, on their own stack, then tasks may change.
 *
 * Lock order: irq_conf (a mutex, task context) -> a source's lock (interrupts off).
 */
#ifndef KERNEL_IRQ_H
#define KERNEL_IRQ_H

#include "kernel/vector.h"
#include "lib/plat.h"

#define IRQ_MSI 256 /* the first number of a message */
#define IRQ_MAX 768

/* How a line signals. Neither EDGE nor LEVEL (HIGH nor LOW): as the ISA bus does and MADT overrides: edge, high. */
enum irq_flags {
    IRQ_EDGE = 1,
    IRQ_LEVEL = 2,
    IRQ_HIGH = 4,
    IRQ_LOW = 8,
    IRQ_SHARED = 16, /* others may request the line too, in the same way */
};

typedef bool irq_fn(void *arg); /* interrupt context; was it mine? (edges and messages: always true) */

/* Writes the message into the device: masks, writes, unmasks. Task context; may be called again at any time until
 * irq_free, when the affinity changes. */
typedef void irq_write_fn(void *dev, u64 addr, u32 data);

int irq_init_cpu(unsigned cpu); /* the first CPU, for another: its table; 0 or -ENOMEM */
void irq_init(void);            /* after acpi, slab: the local APIC, I/O APICs, all inputs masked, 8259 masked */

/* Each returns the irq number or -EBUSY (line taken, not shared or in another way), -ENXIO (no such input), -ENOSPC
 * (no vector), -ENOMEM. The source is unmasked on return. Task context. */
int irq_request_gsi(u32 gsi, unsigned flags, const char *name, irq_fn *fn, void *arg);
int irq_request_isa(unsigned line, const char *name, irq_fn *fn, void *arg); /* through MADT's overrides */
/* before: the number that it is to have if that is free, as it had it before; -1: any. */
int irq_request_msi(const char *name, irq_fn *fn, void *arg, int before, irq_write_fn *write, void *dev);

/* Takes back what was requested with `arg`. No handler of it runs after the return. Task context. */
void irq_free(int irq, void *arg);

void irq_mask(int irq);   /* a line alone; any context; nests not */
void irq_unmask(int irq); /* the same */

/* ---- where it arrives (task) ---- */
int irq_affinity(int irq, unsigned cpu);  /* to this CPU: 0, -EINVAL: no such CPU, -ENOENT: nobody has the irq */
int irq_affinity_mask(int irq, u64 cpus); /* to one of these, the one with the fewest sources */
int irq_affinity_choose(int irq, u64 cpus); /* the same, by a person: it shall outlive the request */
u64 irq_affinity_chosen(int irq);           /* what a person chose; 0: nobody did */
int irq_affinity_get(int irq, u64 *cpus); /* what was asked for, */
int irq_effective_cpu(int irq);           /* and where it arrives */

/* The GSI at which an ISA line arrives, and how it signals, by MADT's overrides. */
void irq_isa_gsi(unsigned line, u32 *gsi, unsigned *flags);

/* ---- INTx of a PCI function ----
 * The GSI at which pin 1..4 (A..D) of the function in `slot` on a root bus arrives, and how it signals (*flags);
 * -ENXIO when it is not known. `line` is the function's Interrupt Line register. Behind a bridge the caller swizzles:
 * pin = (pin - 1 + slot) % 4 + 1, slot = the bridge's. */
int irq_intx(unsigned slot, unsigned pin, u8 line, unsigned *flags);

/* ---- what was seen ---- */
#define IRQ_SHARES 8  /* at most so many on one line */
#define IRQ_NAME   32 /* bytes of a name, its NUL included: longer ones are cut */

struct irq_info {
    int irq;
    const char *chip; /* "IO-APIC", "PCI-MSI" */
    unsigned pin;     /* of the I/O APIC */
    bool level;
    u64 affinity;
    unsigned cpu, vector; /* where it arrives now */
    u32 count[CPU_MAX];
    u32 unhandled;
    unsigned shares;
    char names[IRQ_SHARES][IRQ_NAME]; /* of all who share it, `shares` of them */
};

/* In order of irq; task. fn gets a copy and no lock is held: it may wait, or ask for interrupts itself. */
void irq_walk(void (*fn)(const struct irq_info *info, void *arg), void *arg);

/* What no device asked for, by CPU: the rest of /proc/interrupts. */
enum irq_local {
    IRQ_LOCAL_TIMER,      /* LOC */
    IRQ_LOCAL_KICK,       /* KCK softirqs raised from another CPU */
    IRQ_LOCAL_RESCHED,    /* RES */
    IRQ_LOCAL_CALL,       /* CAL */
    IRQ_LOCAL_NMI,        /* NMI */
    IRQ_LOCAL_SPURIOUS,   /* SPU */
    IRQ_LOCAL_UNEXPECTED, /* ERR a vector that nobody has */
    IRQ_LOCAL_ERROR,      /* APE the local APIC's error vector */
    IRQ_LOCALS,
};
u64 irq_local_count(enum irq_local what, unsigned cpu);
void irq_on_kick(void (*fn)(void)); /* called in interrupt context after each cpu_kick, on the CPU that was kicked */
void irq_local_counted(enum irq_local what);          /* +1 on this CPU; any context */
u64 irq_total(unsigned cpu);                          /* all of one CPU: for mpstat's intr/s, and /proc/stat */
extern const char *const irq_local_short[IRQ_LOCALS]; /* "LOC" */
extern const char *const irq_local_long[IRQ_LOCALS];  /* "Local timer interrupts" */

/* ---- for kernel/trap.S ----
 * Called for vectors 32..255 with interrupts off, on the stack of what was interrupted; when it returns, softirqs
 * have run and tasks may have changed meanwhile. `f` is what was interrupted. */
struct trap_frame;
void irq_enter_vector(unsigned vector, const struct trap_frame *f);

#endif

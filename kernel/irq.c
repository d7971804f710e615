/* Interrupts from devices: vectors, handlers, where they arrive; and the way in and out of every interrupt.
 *
 *     vector --(this CPU's table)--> struct irq --> up to 8 shares (handler, argument, name)
 *
 * Configuration (request, free, affinity) is for tasks, one at a time under irq_conf. The way of an interrupt takes no
 * lock: tables and shares are pointers, published whole; who takes one away calls every CPU afterwards, and since
 * handlers run with interrupts off, none can still be inside when the call has been answered.
 *
 * Moving a line: both its vector and its CPU change, while one message of the old kind may wait in the old CPU's
 * request register. The same vector number is taken on the new CPU when it is free there, since an I/O APIC input waits
 * for the end of the very vector that it sent. The old slot stays until nothing waits there any more.
 */
#include "kernel/irq.h"

#include "kernel/acpi.h"
#include "kernel/apic.h"
#include "kernel/entropy.h"
#include "kernel/ioapic.h"
#include "kernel/irq_local.h"
#include "kernel/smp.h"
#include "kernel/x86.h"
#include "lib/string.h"
#include "lib/wait.h"

#define UNHANDLED_WINDOW 100000
#define UNHANDLED_MOST   99900
#define MOVE_TRIES       100

struct share {
    irq_fn *fn;
    void *arg;
    char name[IRQ_NAME];
};

struct irq {
    int number;
    bool msi, level, low, shared, edge_asked;
    u32 gsi;
    struct share *share[IRQ_SHARES]; /* NULL: free place */
    u32 shares;                      /* behind them all are free */
    irq_write_fn *write;             /* messages */
    void *dev;
    u64 affinity; /* as asked for, */
    bool chosen;  /* by a person */
    unsigned cpu, vector;
    u32 window, unhandled, unhandled_total;
    u32 count[CPU_MAX];
};

static MUTEX(irq_conf);
static struct irq *irqs[IRQ_MAX];
static struct irq **tables[CPU_MAX]; /* 256 each */
static u32 sources[CPU_MAX];         /* vectors in use */

/* ---- the way of an interrupt ---- */

static void nobody_cared(struct irq *q)
{
    q->unhandled_total += q->unhandled;
    if (q->unhandled > UNHANDLED_MOST && !q->msi) {
        ioapic_mask(q->gsi, true);
        log_write(LOG_ERR, "irq %d: nobody cared %u times: masked", q->number, q->unhandled);
    }
    q->window = q->unhandled = 0;
}

static void handle(struct irq *q)
{
    bool mine = false;
    q->count[cpu_id()]++;
    for (unsigned i = 0; i < load_relaxed(&q->shares); i++) {
        struct share *s = load_acquire(&q->share[i]);
        if (s)
            mine |= s->fn(s->arg);
    }
    q->unhandled += !mine;
    if (unlikely(++q->window >= UNHANDLED_WINDOW))
        nobody_cared(q);
}

void irq_dispatch(unsigned vector)
{
    struct irq **table = tables[cpu_id()];
    struct irq *q = table ? load_acquire(&table[vector]) : NULL;
    if (likely(q)) {
        handle(q);
        entropy_interrupt(this_cpu()->use_tsc, (unsigned)q->number);
        apic_eoi();
        return;
    }
    irq_local_counted(IRQ_LOCAL_UNEXPECTED);
    if (vector >= VECTOR_DEVICE)
        apic_eoi(); /* the vectors below are the 8259's, which the APIC knows nothing of */
}

/* ---- vectors: with irq_conf ---- */

static unsigned free_vector(unsigned cpu, unsigned like)
{
    struct irq **t = tables[cpu];
    if (like && !t[like])
        return like;
    for (unsigned v = VECTOR_DEVICE; v < VECTOR_DEVICE_END; v++)
        if (!t[v])
            return v;
    return 0;
}

static void take_vector(struct irq *q, unsigned cpu, unsigned vector)
{
    store_release(&tables[cpu][vector], q);
    sources[cpu]++;
}

static void give_vector(unsigned cpu, unsigned vector)
{
    store_release(&tables[cpu][vector], NULL);
    sources[cpu]--;
}

/* Of the CPUs asked for that are up, the one with the fewest sources; -1: none of them is. */
static int quietest(u64 cpus)
{
    int best = -1;
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        if (cpus >> cpu & 1 && tables[cpu] && (best < 0 || sources[cpu] < sources[best]))
            best = (int)cpu;
    return best;
}

static void nothing(void *arg)
{
}

/* Returns when no handler that was running runs any more. */
static void synchronize(void)
{
    smp_call(~0ull, nothing, NULL);
}

static void point(struct irq *q)
{
    u32 id = (u32)cpu_table[q->cpu]->apic_id;
    if (q->msi)
        q->write(q->dev, apic_msi_addr(id), apic_msi_data(q->vector));
    else
        ioapic_route(q->gsi, id, q->vector, q->level, q->low);
}

/* ---- requesting ---- */

static struct irq *new_irq(int number)
{
    struct irq *q = mem_zalloc(sizeof(*q));
    int cpu = quietest(~0ull);
    unsigned vector = cpu >= 0 ? free_vector((unsigned)cpu, 0) : 0;
    if (!q || !vector) {
        mem_free(q);
        return NULL;
    }
    q->number = number;
    q->affinity = ~0ull;
    q->cpu = (unsigned)cpu;
    q->vector = vector;
    take_vector(q, q->cpu, vector);
    irqs[number] = q;
    return q;
}

static int add_share(struct irq *q, const char *name, irq_fn *fn, void *arg)
{
    for (unsigned i = 0; i < IRQ_SHARES; i++) {
        if (q->share[i])
            continue;
        struct share *s = mem_zalloc(sizeof(*s));
        if (!s)
            return -ENOMEM;
        s->fn = fn;
        s->arg = arg;
        str_copy(s->name, sizeof(s->name), name);
        store_release(&q->share[i], s);
        store_release(&q->shares, max(q->shares, i + 1));
        return q->number;
    }
    return -EBUSY;
}

static bool has_shares(const struct irq *q)
{
    for (unsigned i = 0; i < IRQ_SHARES; i++)
        if (q->share[i])
            return true;
    return false;
}

static void drop_irq(struct irq *q)
{
    if (!q->msi)
        ioapic_mask(q->gsi, true);
    irqs[q->number] = NULL;
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++) /* the slot of a move that never settled, too */
        for (unsigned v = VECTOR_DEVICE; tables[cpu] && v < VECTOR_DEVICE_END; v++)
            if (tables[cpu][v] == q)
                give_vector(cpu, v);
    synchronize();
    mem_free(q);
}

static int request_gsi(u32 gsi, unsigned flags, const char *name, irq_fn *fn, void *arg)
{
    bool level = flags & IRQ_LEVEL, low = flags & IRQ_LOW, shared = flags & IRQ_SHARED;
    if (gsi >= IRQ_MSI || !ioapic_has(gsi))
        return -ENXIO;
    struct irq *q = irqs[gsi];
    bool fresh = !q;
    if (fresh) {
        q = new_irq((int)gsi);
        if (!q)
            return -ENOMEM;
        q->gsi = gsi;
        q->level = level;
        q->low = low;
        q->shared = shared;
    } else if (!shared || !q->shared || q->level != level || q->low != low) {
        return -EBUSY;
    }
    int err = add_share(q, name, fn, arg);
    if (err < 0) {
        if (fresh)
            drop_irq(q);
        return err;
    }
    if (fresh) {
        point(q);
        ioapic_mask(gsi, false);
    }
    return err;
}

int irq_request_gsi(u32 gsi, unsigned flags, const char *name, irq_fn *fn, void *arg)
{
    mutex_lock(&irq_conf);
    int err = request_gsi(gsi, flags, name, fn, arg);
    mutex_unlock(&irq_conf);
    return err;
}

int irq_request_isa(unsigned line, const char *name, irq_fn *fn, void *arg)
{
    u32 gsi;
    unsigned flags;
    irq_isa_gsi(line, &gsi, &flags);
    return irq_request_gsi(gsi, flags, name, fn, arg);
}

static int request_msi(const char *name, irq_fn *fn, void *arg, int before, irq_write_fn *write, void *dev)
{
    int number = before >= IRQ_MSI && before < IRQ_MAX && !irqs[before] ? before : IRQ_MSI;
    while (number < IRQ_MAX && irqs[number])
        number++;
    if (number == IRQ_MAX)
        return -ENOSPC;
    struct irq *q = new_irq(number);
    if (!q)
        return -ENOMEM;
    q->msi = true;
    q->write = write;
    q->dev = dev;
    int err = add_share(q, name, fn, arg);
    if (err < 0)
        drop_irq(q);
    return err;
}

int irq_request_msi(const char *name, irq_fn *fn, void *arg, int before, irq_write_fn *write, void *dev)
{
    mutex_lock(&irq_conf);
    int number = request_msi(name, fn, arg, before, write, dev);
    if (number >= 0)
        point(irqs[number]);
    mutex_unlock(&irq_conf);
    return number;
}

void irq_free(int irq, void *arg)
{
    mutex_lock(&irq_conf);
    struct irq *q = irq >= 0 && irq < IRQ_MAX ? irqs[irq] : NULL;
    struct share *gone = NULL;
    for (unsigned i = 0; q && i < IRQ_SHARES && !gone; i++)
        if (q->share[i] && q->share[i]->arg == arg) {
            gone = q->share[i];
            store_release(&q->share[i], NULL);
        }
    if (gone && !has_shares(q))
        drop_irq(q);
    else if (gone)
        synchronize();
    mem_free(gone);
    mutex_unlock(&irq_conf);
}

void irq_mask(int irq)
{
    ioapic_mask((u32)irq, true);
}

void irq_unmask(int irq)
{
    ioapic_mask((u32)irq, false);
}

/* ---- moving: with irq_conf ---- */

struct move {
    struct irq *q;
    unsigned cpu, vector; /* where to; afterwards where it was */
    bool waits;
};

/* On the old CPU, interrupts off: nothing of this line is being handled now. */
static void move_line(void *arg)
{
    struct move *m = arg;
    struct irq *q = m->q;
    ioapic_mask(q->gsi, true);
    m->waits = q->level && m->vector != q->vector && apic_requested(q->vector);
    if (!m->waits) {
        unsigned cpu = q->cpu, vector = q->vector;
        q->cpu = m->cpu;
        q->vector = m->vector;
        m->cpu = cpu;
        m->vector = vector;
        point(q);
    }
    ioapic_mask(q->gsi, false);
}

static void look_for_old(void *arg)
{
    struct move *m = arg;
    m->waits = apic_requested(m->vector);
}

static int move(struct irq *q, unsigned cpu)
{
    struct move m = {.q = q, .cpu = cpu, .vector = free_vector(cpu, q->vector)};
    unsigned to = m.vector;
    if (!to)
        return -ENOSPC;
    take_vector(q, cpu, to);
    if (q->msi) {
        m.cpu = q->cpu;
        m.vector = q->vector;
        q->cpu = cpu;
        q->vector = to;
        point(q);
    } else {
        for (unsigned i = 0; i < MOVE_TRIES; i++) {
            smp_call(1ull << q->cpu, move_line, &m);
            if (!m.waits)
                break;
            task_sleep(NS_PER_MS);
        }
        if (m.waits) {
            give_vector(cpu, to);
            return -EBUSY;
        }
    }
    for (unsigned i = 0; i < MOVE_TRIES; i++) { /* what was on its way arrives at the old slot */
        smp_call(1ull << m.cpu, look_for_old, &m);
        if (!m.waits) {
            give_vector(m.cpu, m.vector);
            return 0;
        }
        task_sleep(NS_PER_MS);
    }
    return 0; /* the old slot stays with the irq */
}

static int set_affinity(struct irq *q, u64 cpus)
{
    int to = quietest(cpus);
    if (to < 0)
        return -EINVAL;
    int err = cpus >> q->cpu & 1 && (cpus & (cpus - 1)) ? 0 : (unsigned)to == q->cpu ? 0 : move(q, (unsigned)to);
    if (err)
        return err;
    q->affinity = cpus;
    if (q->msi && q->cpu == (unsigned)to)
        point(q);
    return 0;
}

int irq_affinity_mask(int irq, u64 cpus)
{
    mutex_lock(&irq_conf);
    struct irq *q = irq >= 0 && irq < IRQ_MAX ? irqs[irq] : NULL;
    int err = q ? set_affinity(q, cpus) : -ENOENT;
    mutex_unlock(&irq_conf);
    return err;
}

int irq_affinity_choose(int irq, u64 cpus)
{
    mutex_lock(&irq_conf);
    struct irq *q = irq >= 0 && irq < IRQ_MAX ? irqs[irq] : NULL;
    int err = q ? set_affinity(q, cpus) : -ENOENT;
    if (!err)
        q->chosen = true;
    mutex_unlock(&irq_conf);
    return err;
}

u64 irq_affinity_chosen(int irq)
{
    mutex_lock(&irq_conf);
    struct irq *q = irq >= 0 && irq < IRQ_MAX ? irqs[irq] : NULL;
    u64 cpus = q && q->chosen ? q->affinity : 0;
    mutex_unlock(&irq_conf);
    return cpus;
}

int irq_affinity(int irq, unsigned cpu)
{
    return cpu < cpu_count() ? irq_affinity_mask(irq, 1ull << cpu) : -EINVAL;
}

/* ---- what is there ---- */

static void fill_info(const struct irq *q, struct irq_info *info)
{
    *info = (struct irq_info){.irq = q->number,
                              .chip = q->msi ? "PCI-MSI" : "IO-APIC",
                              .pin = q->msi ? 0 : ioapic_pin(q->gsi),
                              .level = q->level,
                              .affinity = q->affinity,
                              .cpu = q->cpu,
                              .vector = q->vector,
                              .unhandled = q->unhandled_total + q->unhandled};
    for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
        info->count[cpu] = load_relaxed(&q->count[cpu]);
    for (unsigned i = 0; i < IRQ_SHARES; i++)
        if (q->share[i])
            str_copy(info->names[info->shares++], IRQ_NAME, q->share[i]->name);
}

void irq_walk(void (*fn)(const struct irq_info *info, void *arg), void *arg)
{
    struct irq_info info;
    for (unsigned i = 0; i < IRQ_MAX; i++) {
        mutex_lock(&irq_conf);
        bool there = irqs[i] != NULL;
        if (there)
            fill_info(irqs[i], &info);
        mutex_unlock(&irq_conf);
        if (there)
            fn(&info, arg);
    }
}

int irq_affinity_get(int irq, u64 *cpus)
{
    mutex_lock(&irq_conf);
    struct irq *q = irq >= 0 && irq < IRQ_MAX ? irqs[irq] : NULL;
    if (q)
        *cpus = q->affinity;
    mutex_unlock(&irq_conf);
    return q ? 0 : -ENOENT;
}

int irq_effective_cpu(int irq)
{
    mutex_lock(&irq_conf);
    struct irq *q = irq >= 0 && irq < IRQ_MAX ? irqs[irq] : NULL;
    int cpu = q ? (int)q->cpu : -ENOENT;
    mutex_unlock(&irq_conf);
    return cpu;
}

u64 irq_device_total(unsigned cpu)
{
    u64 n = 0;
    for (unsigned i = 0; i < IRQ_MAX; i++)
        if (irqs[i])
            n += load_relaxed(&irqs[i]->count[cpu]);
    return n;
}

/* ---- bring-up ---- */

int irq_init_cpu(unsigned cpu)
{
    struct irq **t = mem_zalloc(256 * sizeof(*t));
    if (!t)
        return -ENOMEM;
    store_release(&tables[cpu], t);
    return 0;
}

void irq_init(void)
{
    apic_init();
    irq_mask_8259();
    ioapic_init();
    if (irq_init_cpu(0))
        panic("no memory for interrupts");
}

/* The way into and out of every interrupt, and the vectors that belong to no device: timer, messages between CPUs,
 * errors. Counted per CPU: with the devices' they are /proc/interrupts.
 *
 *     kernel/trap.S -> irq_enter_vector -> handler, EOI
 *                      on the way out, when nothing forbids: softirqs, then who runs next
 *
 * A nested interrupt (softirqs run with interrupts on) does neither: the outer one looks when it leaves.
 */
#include "kernel/irq_local.h"

#include "kernel/acpi.h"
#include "kernel/apic.h"
#include "kernel/irq.h"
#include "kernel/quiescent.h"
#include "kernel/smp.h"
#include "kernel/softirq.h"
#include "kernel/task.h"
#include "kernel/time.h"
#include "kernel/x86.h"
#include "lib/plat.h"

const char *const irq_local_short[IRQ_LOCALS] = {"LOC", "KCK", "RES", "CAL", "NMI", "SPU", "ERR", "APE"};
const char *const irq_local_long[IRQ_LOCALS] = {
    "Local timer interrupts",  "Softirq kicks",       "Rescheduling interrupts", "Function call interrupts",
    "Non-maskable interrupts", "Spurious interrupts", "Unexpected interrupts",   "APIC errors"};

static struct local_counts {
    u64 n[IRQ_LOCALS];
} CACHE_ALIGNED counts[CPU_MAX];

static void (*on_kick)(void);

void irq_on_kick(void (*fn)(void))
{
    store_release(&on_kick, fn);
}

void irq_local_counted(enum irq_local what)
{
    counts[cpu_id()].n[what]++;
}

u64 irq_local_count(enum irq_local what, unsigned cpu)
{
    return load_relaxed(&counts[cpu].n[what]);
}

u64 irq_total(unsigned cpu)
{
    u64 n = irq_device_total(cpu);
    for (unsigned i = 0; i < IRQ_LOCALS; i++)
        n += irq_local_count((enum irq_local)i, cpu);
    return n;
}

static void apic_error_interrupt(void)
{
    static u64 told_ns;
    u32 error = apic_error();
    u64 now = clock_ns();
    if (now - told_ns < NS_PER_S && told_ns)
        return;
    told_ns = now;
    log_write(LOG_WARN, "apic: error %x on CPU %u", error, cpu_id());
}

static void dispatch(unsigned vector, const struct trap_frame *f)
{
    switch (vector) {
    case VECTOR_TIMER:
        irq_local_counted(IRQ_LOCAL_TIMER);
        time_interrupt(f);
        break;
    case VECTOR_KICK:
        irq_local_counted(IRQ_LOCAL_KICK); /* softirqs: the way out does it */
        if (load_relaxed(&on_kick))
            on_kick();
        break;
    case VECTOR_RESCHED:
        irq_local_counted(IRQ_LOCAL_RESCHED);
        task_look();
        break;
    case VECTOR_CALL:
        irq_local_counted(IRQ_LOCAL_CALL);
        smp_call_interrupt();
        break;
    case VECTOR_ERROR:
        irq_local_counted(IRQ_LOCAL_ERROR);
        apic_error_interrupt();
        break;
    case VECTOR_SPURIOUS: irq_local_counted(IRQ_LOCAL_SPURIOUS); return;
    default: irq_dispatch(vector); return;
    }
    apic_eoi();
}

void irq_enter_vector(unsigned vector, const struct trap_frame *f)
{
    struct cpu *c = this_cpu();
    c->preempt += IRQ_ONE;
    enum time_use use = time_use_at(c, TIME_USE_IRQ, rdtsc());
    c->use_before = use;
    rcu_idle_exit();
    dispatch(vector, f);
    c->preempt -= IRQ_ONE;
    if (likely(!(c->preempt & (SOFTIRQ_MASK | IRQ_MASK))))
        softirq_run_then(use);
    else
        time_use(use);
    if (unlikely(c->need_resched))
        task_switch_due();
}

/* ---- the lines of a PC ---- */

void irq_isa_gsi(unsigned line, u32 *gsi, unsigned *flags)
{
    u16 inti = 0;
    *gsi = line;
    for (u32 i = 0; i < acpi.overrides; i++)
        if (acpi.override[i].isa == line) {
            *gsi = acpi.override[i].gsi;
            inti = acpi.override[i].inti;
        }
    *flags = ((inti & ACPI_INTI_TRIGGER) == 12 ? IRQ_LEVEL : IRQ_EDGE) |
             ((inti & ACPI_INTI_POLARITY) == 3 ? IRQ_LOW : IRQ_HIGH);
}

/* Both chips are set up all the same, so that what they send in spite of their masks arrives at VECTOR_PIC. */
void irq_mask_8259(void)
{
    if (!acpi.pic)
        return;
    static const u8 words[][2] = {{0x20, 0x11}, {0xa0, 0x11}, {0x21, VECTOR_PIC}, {0xa1, VECTOR_PIC + 8}, {0x21, 4},
                                  {0xa1, 2},    {0x21, 1},    {0xa1, 1},          {0x21, 0xff},           {0xa1, 0xff}};
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        outb(words[i][0], words[i][1]);
}

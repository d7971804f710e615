/* Calling and stopping the other CPUs (smp_start.c starts them).
 *
 * Calls: one at a time in the whole machine. Who waits for the turn, or for answers, has interrupts on and answers
 * others meanwhile; softirqs are off, since one that called would wait for the task below it.
 *
 * NMIs are used twice: to stop the others at a panic, whatever they are doing, and to ask one that does not take its
 * interrupts where it is. Every other NMI is kernel/trap.c's.
 */
#include "kernel/smp.h"

#include "kernel/apic.h"
#include "kernel/smp_start.h"
#include "kernel/vector.h"
#include "kernel/vm.h"
#include "kernel/x86.h"
#include "lib/plat.h"

#define NMI_TRIES      50000000
#define NMI_WAIT_NS    (100 * NS_PER_MS)
#define TLB_ONE_BY_ONE 32 /* pages; more: all at once */

static u64 online = 1;

u64 smp_online(void)
{
    return load_acquire(&online);
}

void smp_count_in(unsigned cpu)
{
    atomic_or(&online, 1ull << cpu);
}

/* ---- kicks ---- */

static void ipi(unsigned cpu, unsigned vector)
{
    if (smp_online() >> cpu & 1)
        apic_ipi((u32)cpu_table[cpu]->apic_id, vector);
}

void smp_kick(unsigned cpu)
{
    ipi(cpu, VECTOR_KICK);
}

void smp_resched(unsigned cpu)
{
    ipi(cpu, VECTOR_RESCHED);
}

/* ---- calls ---- */

static struct {
    struct spinlock lock;
    void (*fn)(void *arg);
    void *arg;
    u32 left CACHE_ALIGNED; /* who has not answered yet */
} call;

void smp_call_interrupt(void)
{
    if (!load_acquire(&call.left))
        return; /* a message that nobody sent */
    call.fn(call.arg);
    atomic_sub(&call.left, 1);
}

static void call_here(void (*fn)(void *arg), void *arg)
{
    u64 flags = irq_save();
    fn(arg);
    irq_restore(flags);
}

static void call_others(u64 cpus, void (*fn)(void *arg), void *arg)
{
    spin_lock(&call.lock);
    call.fn = fn;
    call.arg = arg;
    u32 n = 0;
    for (u64 left = cpus; left; left &= left - 1)
        n++;
    store_release(&call.left, n);
    for (u64 left = cpus; left; left &= left - 1)
        ipi((unsigned)__builtin_ctzll(left), VECTOR_CALL);
    while (load_acquire(&call.left))
        cpu_pause();
    spin_unlock(&call.lock);
}

void smp_call(u64 cpus, void (*fn)(void *arg), void *arg)
{
    softirq_off();
    u64 me = 1ull << cpu_id(), others = cpus & smp_online() & ~me;
    if (others) {
        if (PLAT_DEBUG && !irqs_on())
            panic("smp_call with interrupts off");
        call_others(others, fn, arg);
    }
    if (cpus & me)
        call_here(fn, arg);
    softirq_on();
}

/* ---- translations ---- */

struct range {
    u64 addr, size;
};

static void flush_here(void *arg)
{
    const struct range *r = arg;
    if (r->size / VM_PAGE > TLB_ONE_BY_ONE) {
        u64 cr4 = read_cr4();
        write_cr4(cr4 & ~CR4_PGE); /* global ones too */
        write_cr3(read_cr3());
        write_cr4(cr4);
        return;
    }
    for (u64 at = r->addr; at < r->addr + r->size; at += VM_PAGE)
        invlpg(at);
}

void smp_tlb_flush(u64 addr, u64 size)
{
    struct range r = {.addr = round_down(addr, VM_PAGE), .size = round_up(addr + size, VM_PAGE)};
    r.size -= r.addr;
    smp_call(~0ull, flush_here, &r);
}

/* ---- NMI ---- */

static u32 stopper; /* CPU + 1 that stops the others */
static u32 stopped;
static u32 probed; /* CPU + 1 that is asked where it is */

static void (*on_probe)(const struct trap_frame *f);

void smp_on_probe(void (*fn)(const struct trap_frame *f))
{
    store_release(&on_probe, fn);
}

/* Spins: interrupts may be off, here and there. */
static void wait_until(bool (*done)(void))
{
    u64 end = clock_ns() + NMI_WAIT_NS;
    for (u64 tries = 0; !done() && clock_ns() < end && tries < NMI_TRIES; tries++) /* the clock may not run yet */
        cpu_pause();
}

static bool all_stopped(void)
{
    return load_acquire(&stopped) + 1 >= cpu_count();
}

void smp_stop_others(void)
{
    if (!atomic_cas(&stopper, 0, cpu_id() + 1) || cpu_count() < 2)
        return;
    apic_nmi_others();
    wait_until(all_stopped);
}

static bool was_answered(void)
{
    return load_acquire(&probed) == 0;
}

bool smp_nmi(const struct trap_frame *f)
{
    u32 who = load_acquire(&stopper), me = cpu_id() + 1;
    if (who && who != me) {
        atomic_add(&stopped, 1);
        for (;;) {
            cli();
            hlt();
        }
    }
    if (load_acquire(&probed) != me)
        return false;
    void (*fn)(const struct trap_frame *) = load_acquire(&on_probe);
    if (fn)
        fn(f);
    store_release(&probed, 0);
    return true;
}

bool smp_probe(unsigned cpu)
{
    if (!(smp_online() >> cpu & 1) || cpu == cpu_id() || !atomic_cas(&probed, 0, cpu + 1))
        return false;
    apic_nmi((u32)cpu_table[cpu]->apic_id);
    wait_until(was_answered);
    return !atomic_swap(&probed, 0);
}

/* The IDT, and what happens at a fault: a report and the end, unless somebody expected it.
 *
 *     expected     trap_read (backtraces over stacks that may be broken), trap_try (tests of memory rights)
 *     NMI          kernel/smp.c: another CPU panics, or asks where we are
 *     the rest     panic, with "stack overflow in TASK" where the address is in a guard page
 *
 * A stack that overflows cannot take the page fault's frame: the CPU makes it a double fault, which has a stack of its
 * own. Double fault, NMI and machine check therefore never run on the stack of what they interrupted.
 */
#include "kernel/trap.h"

#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/panic.h"
#include "kernel/smp.h"
#include "kernel/vm.h"
#include "kernel/x86.h"
#include "lib/plat.h"

enum { NMI = 2, DOUBLE_FAULT = 8, PAGE_FAULT = 14, MACHINE_CHECK = 18 };

#define GATE_BYTES     16
#define GATE_INTERRUPT 0x8e00ull /* present, ring 0, interrupts off on entry */
#define FAULTS         32

struct PACKED idt_entry {
    u16 offset_low, selector;
    u16 ist_type; /* bits 0-2 IST, 8-15 type */
    u16 offset_mid;
    u32 offset_high, zero;
};

extern const u8 trap_gates[];
extern const u8 trap_read_at[], trap_read_failed[], trap_call_failed[];
int trap_call(void (*fn)(void *arg), void *arg, u64 *resume);
void trap_fault(struct trap_frame *f);

static struct idt_entry idt[256] CACHE_ALIGNED;

/* trap_try's: one at a time, on one CPU. */
static struct {
    struct task *task; /* NULL: nobody expects a fault */
    u64 resume;
    u64 addr;
} expected;

static const char *const names[FAULTS] = {
    [0] = "divide error",
    [1] = "debug",
    [2] = "NMI",
    [3] = "breakpoint",
    [4] = "overflow",
    [5] = "bound range",
    [6] = "invalid opcode",
    [7] = "no FPU",
    [8] = "double fault",
    [10] = "invalid TSS",
    [11] = "segment not present",
    [12] = "stack fault",
    [13] = "general protection fault",
    [14] = "page fault",
    [16] = "x87 error",
    [17] = "alignment check",
    [18] = "machine check",
    [19] = "SIMD error",
    [21] = "control protection",
};

const char *trap_name(unsigned vector)
{
    const char *n = vector < FAULTS ? names[vector] : NULL;
    return n ? n : "reserved exception";
}

static unsigned ist_of(unsigned vector)
{
    switch (vector) {
    case NMI: return IST_NMI;
    case DOUBLE_FAULT: return IST_DOUBLE_FAULT;
    case MACHINE_CHECK: return IST_MACHINE_CHECK;
    default: return 0;
    }
}

void trap_init(void)
{
    for (unsigned i = 0; i < ARRAY_LEN(idt); i++) {
        u64 at = (u64)(trap_gates + (size_t)i * GATE_BYTES);
        idt[i] = (struct idt_entry){.offset_low = (u16)at,
                                    .selector = SELECTOR_CODE,
                                    .ist_type = (u16)(GATE_INTERRUPT | ist_of(i)),
                                    .offset_mid = (u16)(at >> 16),
                                    .offset_high = (u32)(at >> 32)};
    }
}

void trap_init_cpu(void)
{
    struct descriptor_table t = {sizeof(idt) - 1, (u64)idt};
    lidt(&t);
}

int trap_try(void (*fn)(void *arg), void *arg, u64 *addr)
{
    expected.task = task_self();
    int vector = trap_call(fn, arg, &expected.resume);
    expected.task = NULL;
    if (addr)
        *addr = expected.addr;
    return vector;
}

/* True when the fault was one that somebody waits for; the frame then leads to where he goes on. */
static bool was_expected(struct trap_frame *f)
{
    if (f->rip == (u64)trap_read_at) {
        f->rip = (u64)trap_read_failed;
        return true;
    }
    if (!expected.task || expected.task != task_self() || f->vector == DOUBLE_FAULT)
        return false;
    expected.addr = f->vector == PAGE_FAULT ? read_cr2() : 0;
    expected.task = NULL;
    f->rax = f->vector;
    f->rip = (u64)trap_call_failed;
    f->rsp = expected.resume;
    return true;
}

static const char *how(u64 error)
{
    if (error & 8)
        return "reserved bits set, at";
    if (error & 16)
        return "execution of";
    return error & 2 ? "write to" : "read of";
}

static void nmi(const struct trap_frame *f)
{
    struct cpu *c = this_cpu();
    c->preempt += NMI_ONE;
    irq_local_counted(IRQ_LOCAL_NMI);
    if (!smp_nmi(f))
        log_write(LOG_ERR, "NMI for no reason that we know, at %p", (void *)f->rip);
    c->preempt -= NMI_ONE;
}

/* Whose stack is above the guard page that addr is in? */
static const char *stack_at(u64 addr)
{
    u64 softirq = this_cpu()->softirq_stack;
    if (addr < softirq && softirq - addr <= VM_STACK_MOST)
        return "softirq";
    return task_self() ? task_name(task_self()) : "boot";
}

void trap_fault(struct trap_frame *f)
{
    if (f->vector == NMI) {
        nmi(f);
        return;
    }
    if (was_expected(f))
        return;
    u64 addr = read_cr2();
    if ((f->vector == PAGE_FAULT || f->vector == DOUBLE_FAULT) && vm_is_guard(addr))
        panic_frame(f, "stack overflow in %s", stack_at(addr));
    if (f->vector == PAGE_FAULT)
        panic_frame(f, "page fault: %s %p%s", how(f->error), (void *)addr,
                    f->error & 1     ? " (mapped, but not for that)"
                    : addr < VM_PAGE ? " (null pointer)"
                                     : "");
    panic_frame(f, "%s (error %lx)", trap_name((unsigned)f->vector), f->error);
}

/* The local APIC of each CPU, behind one pair of functions: registers in memory (xAPIC) or in MSRs (x2APIC).
 *
 * x2APIC is entered when firmware entered it already, or when a CPU's id has more than 8 bits; a machine that could but
 * need not stays with xAPIC, as firmware left it. The timer counts down once by 1/8 of the bus clock, or compares the
 * TSC where the CPU can. Never waits for a delivery but where the ICR is still busy with the last one.
 */
#include "kernel/apic.h"

#include "kernel/acpi.h"
#include "kernel/cpuid.h"
#include "kernel/vector.h"
#include "kernel/vm.h"
#include "kernel/x86.h"
#include "lib/plat.h"

enum reg {
    REG_ID = 0x02,
    REG_TPR = 0x08,
    REG_EOI = 0x0b,
    REG_LDR = 0x0d,
    REG_DFR = 0x0e,
    REG_SVR = 0x0f,
    REG_IRR = 0x20,
    REG_ESR = 0x28,
    REG_ICR = 0x30,
    REG_ICR_HIGH = 0x31,
    REG_LVT_TIMER = 0x32,
    REG_LVT_THERMAL = 0x33,
    REG_LVT_PERF = 0x34,
    REG_LVT_LINT0 = 0x35,
    REG_LVT_LINT1 = 0x36,
    REG_LVT_ERROR = 0x37,
    REG_TIMER_INITIAL = 0x38,
    REG_TIMER_CURRENT = 0x39,
    REG_TIMER_DIVIDE = 0x3e,
};

#define MSR_APIC_BASE    0x1b
#define MSR_TSC_DEADLINE 0x6e0
#define MSR_X2APIC       0x800
#define BASE_ENABLE      (1u << 11)
#define BASE_X2          (1u << 10)
#define BASE_ADDR        0xffffff000ull
#define SVR_ENABLE       0x100
#define LVT_MASKED       0x10000
#define LVT_DEADLINE     0x40000
#define LVT_NMI          0x400
#define LVT_LEVEL        0x8000
#define LVT_LOW          0x2000
#define ICR_BUSY         0x1000
#define ICR_ASSERT       0x4000
#define ICR_NMI          0x400
#define ICR_INIT         0x500
#define ICR_SIPI         0x600
#define ICR_LEVEL        0x8000
#define ICR_ALL_BUT_SELF 0xc0000
#define DIVIDE_BY_8      0x2

static volatile u32 *regs;
static bool x2, deadline;

static u32 read_reg(enum reg r)
{
    return x2 ? (u32)rdmsr(MSR_X2APIC + r) : regs[r * 4];
}

static void write_reg(enum reg r, u32 v)
{
    if (x2)
        wrmsr(MSR_X2APIC + r, v);
    else
        regs[r * 4] = v;
}

u32 apic_id(void)
{
    u32 id = read_reg(REG_ID);
    return x2 ? id : id >> 24;
}

bool apic_x2(void)
{
    return x2;
}

void apic_eoi(void)
{
    write_reg(REG_EOI, 0);
}

bool apic_requested(unsigned vector)
{
    return read_reg((enum reg)(REG_IRR + vector / 32)) >> vector % 32 & 1;
}

u32 apic_error(void)
{
    write_reg(REG_ESR, 0); /* what was gathered is readable after a write */
    u32 v = read_reg(REG_ESR);
    write_reg(REG_ESR, 0);
    return v;
}

/* ---- messages ---- */

static void send(u32 id, u32 command)
{
    if (x2) {
        atomic_fence(); /* a write to an MSR may overtake stores that the receiver is to see */
        wrmsr(MSR_X2APIC + REG_ICR, (u64)id << 32 | command);
        return;
    }
    u64 flags = irq_save(); /* both halves belong together */
    while (read_reg(REG_ICR) & ICR_BUSY)
        cpu_pause();
    write_reg(REG_ICR_HIGH, id << 24);
    write_reg(REG_ICR, command);
    irq_restore(flags);
}

void apic_ipi(u32 id, unsigned vector)
{
    send(id, ICR_ASSERT | vector);
}

void apic_nmi(u32 id)
{
    send(id, ICR_ASSERT | ICR_NMI);
}

void apic_nmi_others(void)
{
    send(0, ICR_ASSERT | ICR_NMI | ICR_ALL_BUT_SELF);
}

void apic_start_init(u32 id)
{
    send(id, ICR_INIT | ICR_LEVEL | ICR_ASSERT);
    send(id, ICR_INIT | ICR_LEVEL);
}

void apic_start_sipi(u32 id, unsigned page)
{
    send(id, ICR_SIPI | ICR_ASSERT | page);
}

u64 apic_msi_addr(u32 id)
{
    return 0xfee00000ull | (u64)(id & 0xff) << 12;
}

u32 apic_msi_data(unsigned vector)
{
    return vector; /* fixed, edge */
}

/* ---- the timer ---- */

bool apic_timer_deadline(void)
{
    return deadline;
}

void apic_timer_deadline_set(u64 tsc)
{
    wrmsr(MSR_TSC_DEADLINE, tsc);
}

void apic_timer_count_set(u32 count)
{
    write_reg(REG_TIMER_INITIAL, count);
}

u32 apic_timer_count(void)
{
    return read_reg(REG_TIMER_CURRENT);
}

void apic_timer_stop(void)
{
    if (deadline)
        apic_timer_deadline_set(0);
    else
        apic_timer_count_set(0);
}

void apic_timer_mode(bool by_deadline)
{
    deadline = by_deadline && cpu_features.tsc_deadline;
    write_reg(REG_LVT_TIMER, VECTOR_TIMER | (deadline ? LVT_DEADLINE : 0));
    atomic_fence(); /* the mode before the first deadline (Intel SDM 3A 10.5.4.1) */
}

/* ---- bring-up ---- */

static u32 my_uid(u32 id)
{
    for (u32 i = 0; i < acpi.cpus; i++)
        if (acpi.cpu_apic_id[i] == id)
            return acpi.cpu_uid[i];
    return ~0u;
}

/* The pins LINT0 and LINT1: NMI where MADT says so; LINT1 is the NMI of a PC where there is no MADT. */
static void set_pins(void)
{
    u32 lint[2] = {LVT_MASKED, acpi.madt ? LVT_MASKED : LVT_NMI}, uid = my_uid(apic_id());
    for (u32 i = 0; i < acpi.nmis; i++) {
        const struct acpi_nmi *n = &acpi.nmi[i];
        if (n->uid != ~0u && n->uid != uid)
            continue;
        bool low = (n->inti & ACPI_INTI_POLARITY) == 3;
        lint[n->lint] = LVT_NMI | (low ? LVT_LOW : 0);
    }
    write_reg(REG_LVT_LINT0, lint[0]);
    write_reg(REG_LVT_LINT1, lint[1]);
}

void apic_init_cpu(void)
{
    u64 base = rdmsr(MSR_APIC_BASE);
    if (x2 && !(base & BASE_X2))
        wrmsr(MSR_APIC_BASE, base | BASE_ENABLE | BASE_X2);
    else if (!(base & BASE_ENABLE))
        wrmsr(MSR_APIC_BASE, base | BASE_ENABLE);
    if (!x2) { /* flat model: only for the record, all our messages are physical */
        write_reg(REG_DFR, ~0u);
        write_reg(REG_LDR, 0);
    }
    write_reg(REG_TPR, 0);
    write_reg(REG_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
    write_reg(REG_LVT_THERMAL, LVT_MASKED);
    write_reg(REG_LVT_PERF, LVT_MASKED);
    write_reg(REG_TIMER_DIVIDE, DIVIDE_BY_8);
    write_reg(REG_TIMER_INITIAL, 0);
    set_pins();
    write_reg(REG_ESR, 0);
    write_reg(REG_LVT_ERROR, VECTOR_ERROR);
    write_reg(REG_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
    for (unsigned i = 0; i < 256; i++) /* what firmware left in service */
        if (!(read_reg((enum reg)(0x10 + i / 32))))
            i |= 31;
        else if (read_reg((enum reg)(0x10 + i / 32)) >> i % 32 & 1)
            apic_eoi();
    this_cpu()->apic_id = apic_id();
}

static bool needs_x2(void)
{
    if (!cpu_features.x2apic)
        return false;
    if (rdmsr(MSR_APIC_BASE) & BASE_X2)
        return true;
    for (u32 i = 0; i < acpi.cpus; i++)
        if (acpi.cpu_apic_id[i] > 254)
            return true;
    return false;
}

void apic_init(void)
{
    x2 = needs_x2();
    if (!x2) {
        u64 addr = rdmsr(MSR_APIC_BASE) & BASE_ADDR; /* MADT says the same, or is wrong */
        regs = vm_map_io(addr, 4096, VM_UNCACHED);
        if (!regs)
            panic("no memory to map the local APIC");
    }
    apic_init_cpu();
    apic_timer_mode(false); /* counting first, to be measured */
}

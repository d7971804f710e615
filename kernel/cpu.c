/* GDT, TSS, emergency stacks and control bits of each CPU.
 *
 * The first CPU's block is static, since it is there before memory is; other CPUs' come from cpu_new. Until there is
 * memory the first CPU has one emergency stack for all purposes, in the image; then, as the others have from the start,
 * one for each, above guard pages.
 */
#include "kernel/cpu.h"

#include "kernel/trap_frame.h"
#include "kernel/vm.h"
#include "kernel/x86.h"
#include "lib/plat.h"
#include "lib/string.h"

#define IST_STACK (8 * KIB)

static_assert(offsetof(struct cpu, preempt) == 12 && offsetof(struct cpu, softirq_pending) == 16 &&
                  offsetof(struct cpu, need_resched) == 20 && offsetof(struct cpu, softirq_stack) == 32 &&
                  offsetof(struct cpu, canary) == 40,
              "entry code and the compiler know these offsets");

struct PACKED tss {
    u32 reserved0;
    u64 rsp[3];
    u64 reserved1;
    u64 ist[7];
    u64 reserved2;
    u16 reserved3, io_map;
};

/* Cold: beside the hot block, not in it. */
struct cpu_tables {
    u64 gdt[5]; /* null, code, data, TSS (two) */
    struct tss tss;
};

struct cpu *cpu_table[CPU_MAX] = {&cpu_boot};
u32 cpu_online = 1;

struct cpu cpu_boot; /* GS points here from boot/entry.S on */

static struct cpu_tables boot_tables;
static u8 boot_ist[IST_STACK] CACHE_ALIGNED; /* for all three: until cpu_init_stacks */
static struct cpu_tables *tables[CPU_MAX] = {&boot_tables};

static void gdt_fill(struct cpu_tables *t)
{
    u64 base = (u64)&t->tss, limit = sizeof(t->tss) - 1;

    t->gdt[SELECTOR_CODE / 8] = 0x00af9b000000ffff;
    t->gdt[SELECTOR_DATA / 8] = 0x00cf93000000ffff;
    t->gdt[SELECTOR_TSS / 8] = limit | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
    t->gdt[SELECTOR_TSS / 8 + 1] = base >> 32;
    t->tss.io_map = sizeof(t->tss); /* none */
}

static void control_bits(void)
{
    u64 cr4 = read_cr4();
    if (cpu_features.mce)
        cr4 |= CR4_MCE; /* without it a machine check is a reset, not a report */
    if (cpu_features.pge)
        cr4 |= CR4_PGE;
    if (cpu_features.smep)
        cr4 |= CR4_SMEP;
    if (cpu_features.smap)
        cr4 |= CR4_SMAP;
    if (cpu_features.umip)
        cr4 |= CR4_UMIP;
    write_cr4(cr4);
    write_cr0(read_cr0() | CR0_WP);
    if (cpu_features.nx)
        wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
}

void cpu_init(void)
{
    struct cpu_tables *t = tables[cpu_id()];

    if (cpu_id() == 0)
        for (unsigned i = 0; i < IST_COUNT; i++)
            t->tss.ist[i] = (u64)(boot_ist + IST_STACK);
    gdt_fill(t);
    struct descriptor_table gdt = {sizeof(t->gdt) - 1, (u64)t->gdt};
    lgdt(&gdt);
    ltr(SELECTOR_TSS);
    trap_init_cpu();
    control_bits();
}

static bool ist_alloc(struct cpu_tables *t)
{
    for (unsigned i = 0; i < IST_COUNT; i++) {
        u8 *low = vm_stack_alloc(IST_STACK);
        if (!low)
            return false;
        t->tss.ist[i] = (u64)(low + IST_STACK);
    }
    return true;
}

void cpu_init_stacks(void)
{
    if (!ist_alloc(tables[cpu_id()]))
        panic("no memory for emergency stacks");
}

static void ist_free(struct cpu_tables *t)
{
    for (unsigned i = 0; i < IST_COUNT; i++)
        if (t->tss.ist[i])
            vm_stack_free((u8 *)t->tss.ist[i] - IST_STACK, IST_STACK);
}

struct cpu *cpu_new(unsigned id, u32 apic_id)
{
    struct cpu *c = mem_zalloc(sizeof(*c));
    struct cpu_tables *t = mem_zalloc(sizeof(*t));

    if (!c || !t || !ist_alloc(t)) {
        if (t)
            ist_free(t);
        mem_free(t);
        mem_free(c);
        return NULL;
    }
    c->self = c;
    c->id = id;
    c->apic_id = apic_id;
    c->canary = this_cpu()->canary;
    tables[id] = t;
    cpu_table[id] = c;
    return c;
}

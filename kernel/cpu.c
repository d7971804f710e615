/* GDT, TSS, emergency stacks and control bits of each CPU; what CPUs can do.
 *
 * The first CPU's block is static, since it is there before memory is; other CPUs' come from cpu_new. Emergency stacks
 * of the first CPU lie in the image, those of the others above guard pages.
 */
#include "kernel/cpu.h"

#include "kernel/trap.h"
#include "kernel/vm.h"
#include "kernel/x86.h"
#include "lib/plat.h"
#include "lib/string.h"

#define IST_STACK (8 * KIB)

static_assert(offsetof(struct cpu, preempt) == 12 && offsetof(struct cpu, need_resched) == 20 &&
                  offsetof(struct cpu, softirq_stack) == 32 && offsetof(struct cpu, canary) == 40,
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

struct cpu_features cpu_features;
struct cpu *cpu_table[CPU_MAX] = {&cpu_boot};
u32 cpu_online = 1;

struct cpu cpu_boot; /* GS points here from boot/entry.S on */

static struct cpu_tables boot_tables;
static u8 boot_ist[IST_COUNT][IST_STACK] CACHE_ALIGNED;
static struct cpu_tables *tables[CPU_MAX] = {&boot_tables};

static bool bit(u32 word, unsigned n)
{
    return word >> n & 1;
}

static void detect_name(struct cpu_features *c)
{
    u32 r[4];
    cpuid(0, 0, r);
    c->max_leaf = r[0];
    memcpy(c->vendor, &r[1], 4);
    memcpy(c->vendor + 4, &r[3], 4);
    memcpy(c->vendor + 8, &r[2], 4);
    cpuid(0x80000000, 0, r);
    if (r[0] < 0x80000004)
        return;
    for (u32 i = 0; i < 3; i++) {
        cpuid(0x80000002 + i, 0, r);
        memcpy(c->model + 16 * i, r, 16);
    }
}

static void detect_standard(struct cpu_features *c)
{
    u32 r[4];
    cpuid(1, 0, r);
    u32 family = r[0] >> 8 & 15, ext = r[0] >> 20 & 255;
    c->family = family == 15 ? family + ext : family;
    c->model_nr = (r[0] >> 4 & 15) | (family == 6 || family == 15 ? r[0] >> 12 & 0xf0 : 0);
    c->stepping = r[0] & 15;
    c->x2apic = bit(r[2], 21);
    c->popcnt = bit(r[2], 23);
    c->tsc_deadline = bit(r[2], 24);
    c->rdrand = bit(r[2], 30);
    c->hypervisor = bit(r[2], 31);
    c->pge = bit(r[3], 13);
    c->pat = bit(r[3], 16);
    if (c->max_leaf >= 6) {
        cpuid(6, 0, r);
        c->arat = bit(r[0], 2);
    }
    if (c->max_leaf >= 7) {
        cpuid(7, 0, r);
        c->fsgsbase = bit(r[1], 0);
        c->smep = bit(r[1], 7);
        c->bmi2 = bit(r[1], 8);
        c->erms = bit(r[1], 9);
        c->rdseed = bit(r[1], 18);
        c->smap = bit(r[1], 20);
        c->umip = bit(r[2], 2);
    }
}

static void detect_extended(struct cpu_features *c)
{
    u32 r[4], most;
    cpuid(0x80000000, 0, r);
    most = r[0];
    cpuid(0x80000001, 0, r);
    c->nx = bit(r[3], 20);
    c->pages_1g = bit(r[3], 26);
    c->rdtscp = bit(r[3], 27);
    if (most >= 0x80000007) {
        cpuid(0x80000007, 0, r);
        c->tsc_invariant = bit(r[3], 8);
    }
    c->phys_bits = 36;
    if (most >= 0x80000008) {
        cpuid(0x80000008, 0, r);
        c->phys_bits = (u8)r[0];
    }
    if (c->hypervisor) {
        cpuid(0x40000000, 0, r);
        memcpy(c->hypervisor_name, &r[1], 12);
    }
}

/* It changes the canary, so it is not protected itself; its caller never returns. */
__attribute__((no_stack_protector)) void cpu_detect(void)
{
    u64 v;
    detect_name(&cpu_features);
    detect_standard(&cpu_features);
    detect_extended(&cpu_features);
    if (cpu_features.rdrand && rdrand(&v))
        this_cpu()->canary ^= v & ~0xffull;
}

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
            t->tss.ist[i] = (u64)(boot_ist[i] + IST_STACK);
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

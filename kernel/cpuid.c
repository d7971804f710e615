/* Reads CPUID once, on the first CPU. See cpuid.h.
 *
 * Nothing is assumed: leaves beyond the highest that the CPU names are not asked for, and what is not known is false. A
 * feature that is used by choice alone (popcnt, bmi2) is chosen through a function pointer by who uses it.
 */
#include "kernel/cpuid.h"

#include "kernel/x86.h"
#include "lib/lpm.h"
#include "lib/string.h"
#include "plat_cpu.h"

struct cpu_features cpu_features;

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
    c->mce = bit(r[3], 7);
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
    if (cpu_features.popcnt)
        lpm_use_popcnt();
}

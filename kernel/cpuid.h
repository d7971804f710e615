/* What the CPU can do. */
#ifndef KERNEL_CPUID_H
#define KERNEL_CPUID_H

#include "lib/base.h"

/* Read once, on the first CPU. The others are taken to be alike; what one of them lacks faults when it starts. */
struct cpu_features {
    char vendor[13], model[49];
    u32 family, model_nr, stepping, max_leaf;
    bool nx, pages_1g, smep, smap, umip, pge, pat, mce;
    bool x2apic, tsc_deadline, tsc_invariant, arat;
    bool rdrand, rdseed, rdtscp, popcnt, bmi2, erms, fsgsbase;
    bool hypervisor;
    char hypervisor_name[13]; /* "TCGTCGTCGTCG", "KVMKVMKVM" */
    u8 phys_bits;
};
extern struct cpu_features cpu_features;

void cpu_detect(void); /* the first CPU, first of all: fills cpu_features, makes the canary stronger; no protected
                          function may return after it that was entered before */

#endif

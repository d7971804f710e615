/* The time stamp counter's rate from those who know it, and the comparison of two CPUs' counters.
 *
 * KVM's clock page holds the factor from cycles to nanoseconds; it is mapped for a moment, read, and given back, since
 * the factor is all we want of it. CPUID 40000010h (VMware's, KVM's too) tells the rate in kHz, CPUID 15h the crystal's
 * and the ratio. Nothing here measures: clock.c does.
 */
#include "kernel/tsc.h"

#include "kernel/cpuid.h"
#include "kernel/vm.h"
#include "kernel/x86.h"
#include "lib/plat.h"
#include "lib/string.h"

#define KVM_FEATURES     0x40000001
#define KVM_CLOCKSOURCE2 (1u << 3)
#define MSR_KVM_TIME_NEW 0x4b564d01
#define TIMING_LEAF      0x40000010
#define ROUNDS           64

struct kvm_time { /* Linux: struct pvclock_vcpu_time_info */
    u32 version, pad;
    u64 tsc_timestamp, system_time;
    u32 mul;
    i8 shift;
    u8 flags, pad2[2];
};

static u64 kvm_hz(void)
{
    static struct kvm_time page CACHE_ALIGNED;
    u32 r[4];
    if (memcmp(cpu_features.hypervisor_name, "KVMKVMKVM", 9) != 0)
        return 0;
    cpuid(KVM_FEATURES, 0, r);
    if (!(r[0] & KVM_CLOCKSOURCE2))
        return 0;
    wrmsr(MSR_KVM_TIME_NEW, vm_to_phys(&page) | 1);
    compiler_fence();
    const volatile struct kvm_time *t = &page;
    u32 mul = t->mul;
    int shift = t->shift;
    wrmsr(MSR_KVM_TIME_NEW, 0);
    if (!mul || shift > 31 || shift < -31)
        return 0;
    u64 khz = (1000000ull << 32) / mul;
    return (shift < 0 ? khz << -shift : khz >> shift) * 1000;
}

static u64 hypervisor_hz(void)
{
    u32 r[4];
    if (!cpu_features.hypervisor)
        return 0;
    cpuid(0x40000000, 0, r);
    if (r[0] < TIMING_LEAF || r[0] > 0x400000ff)
        return 0;
    cpuid(TIMING_LEAF, 0, r);
    return r[0] * 1000ull;
}

static u64 crystal_hz(void)
{
    u32 r[4];
    if (cpu_features.max_leaf < 0x15)
        return 0;
    cpuid(0x15, 0, r);
    return r[0] && r[1] && r[2] ? (u64)r[2] * r[1] / r[0] : 0;
}

u64 tsc_told_hz(const char **by)
{
    u64 hz;
    if ((hz = kvm_hz()))
        *by = "kvm-clock";
    else if ((hz = hypervisor_hz()))
        *by = "the hypervisor";
    else if ((hz = crystal_hz()))
        *by = "CPUID 15h";
    return hz;
}

bool tsc_steady(void)
{
    return cpu_features.tsc_invariant || cpu_features.hypervisor;
}

/* ---- two CPUs ---- */

static struct {
    struct spinlock lock;
    u64 last, behind;
    u32 present, done;
} pair CACHE_ALIGNED;

/* Each takes the counter in turn under the lock: a reading may not be before the one that was taken before it. */
u64 tsc_compare(bool first)
{
    if (first) {
        pair.last = pair.behind = 0;
        store_relaxed(&pair.done, 0);
        store_release(&pair.present, 1);
        while (load_acquire(&pair.present) != 2)
            cpu_pause();
    } else {
        while (!atomic_cas(&pair.present, 1, 2))
            cpu_pause();
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        spin_lock(&pair.lock);
        u64 now = rdtsc_ordered();
        if (now < pair.last)
            pair.behind = max(pair.behind, pair.last - now);
        pair.last = now;
        store_release(&pair.lock.locked, 0);
        this_cpu()->preempt -= PREEMPT_ONE; /* no look at need_resched: interrupts are off */
        cpu_pause();
    }
    atomic_add(&pair.done, 1);
    while (load_acquire(&pair.done) < 2)
        cpu_pause();
    if (first)
        store_relaxed(&pair.present, 0);
    return pair.behind;
}

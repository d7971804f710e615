/* The machine's own instructions, one inline function each; bits of the control registers and MSRs that we use.
 *
 * Privileged instructions stand here and in .S files alone. No policy: who calls knows what he does.
 */
#ifndef KERNEL_X86_H
#define KERNEL_X86_H

#include "lib/base.h"

/* ---- ports ---- */
static inline u8 inb(u16 port)
{
    u8 v;
    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static inline u16 inw(u16 port)
{
    u16 v;
    __asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static inline u32 inl(u16 port)
{
    u32 v;
    __asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static inline void outb(u16 port, u8 v)
{
    __asm__ volatile("outb %0, %1" ::"a"(v), "Nd"(port));
}

static inline void outw(u16 port, u16 v)
{
    __asm__ volatile("outw %0, %1" ::"a"(v), "Nd"(port));
}

static inline void outl(u16 port, u32 v)
{
    __asm__ volatile("outl %0, %1" ::"a"(v), "Nd"(port));
}

/* ---- interrupts ---- */
#define RFLAGS_IF (1ull << 9)
#define RFLAGS_AC (1ull << 18) /* with SMAP: user pages may be touched. Never set */

static inline void cli(void)
{
    __asm__ volatile("cli" ::: "memory");
}

static inline void sti(void)
{
    __asm__ volatile("sti" ::: "memory");
}

/* Interrupts on and halt, with nothing in between: a wake-up that comes before the halt is not lost. */
static inline void sti_hlt(void)
{
    __asm__ volatile("sti; hlt" ::: "memory");
}

static inline void hlt(void)
{
    __asm__ volatile("hlt" ::: "memory");
}

static inline u64 rflags(void)
{
    u64 f;
    __asm__ volatile("pushfq; popq %0" : "=r"(f)::"memory");
    return f;
}

static inline bool irqs_on(void)
{
    return rflags() & RFLAGS_IF;
}

/* ---- arithmetic that C has not ---- */
/* (high << 64 | low) / by; the quotient must fit into 64 bits: high < by. */
static inline u64 div128(u64 high, u64 low, u64 by)
{
    u64 q, r;
    __asm__("divq %4" : "=a"(q), "=d"(r) : "a"(low), "d"(high), "r"(by) : "cc");
    return q;
}

/* ---- control registers ---- */
#define CR0_WP   (1ull << 16)
#define CR4_MCE  (1ull << 6)
#define CR4_PGE  (1ull << 7)
#define CR4_UMIP (1ull << 11)
#define CR4_SMEP (1ull << 20)
#define CR4_SMAP (1ull << 21)

static inline u64 read_cr0(void)
{
    u64 v;
    __asm__ volatile("movq %%cr0, %0" : "=r"(v));
    return v;
}

static inline void write_cr0(u64 v)
{
    __asm__ volatile("movq %0, %%cr0" ::"r"(v) : "memory");
}

static inline u64 read_cr2(void)
{
    u64 v;
    __asm__ volatile("movq %%cr2, %0" : "=r"(v));
    return v;
}

static inline u64 read_cr3(void)
{
    u64 v;
    __asm__ volatile("movq %%cr3, %0" : "=r"(v));
    return v;
}

static inline void write_cr3(u64 v)
{
    __asm__ volatile("movq %0, %%cr3" ::"r"(v) : "memory");
}

static inline u64 read_cr4(void)
{
    u64 v;
    __asm__ volatile("movq %%cr4, %0" : "=r"(v));
    return v;
}

static inline void write_cr4(u64 v)
{
    __asm__ volatile("movq %0, %%cr4" ::"r"(v) : "memory");
}

static inline void invlpg(u64 addr)
{
    __asm__ volatile("invlpg (%0)" ::"r"(addr) : "memory");
}

/* ---- MSRs ---- */
#define MSR_TSC          0x10
#define MSR_APIC_BASE    0x1b
#define MSR_PAT          0x277
#define MSR_TSC_DEADLINE 0x6e0
#define MSR_X2APIC       0x800
#define MSR_EFER         0xc0000080
#define MSR_GS_BASE      0xc0000101
#define EFER_NXE         (1ull << 11)

static inline u64 rdmsr(u32 msr)
{
    u32 low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return low | (u64)high << 32;
}

static inline void wrmsr(u32 msr, u64 v)
{
    __asm__ volatile("wrmsr" ::"c"(msr), "a"((u32)v), "d"((u32)(v >> 32)) : "memory");
}

/* ---- the CPU about itself ---- */
static inline void cpuid(u32 leaf, u32 sub, u32 r[4])
{
    __asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(sub));
}

static inline u64 rdtsc(void)
{
    u32 low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return low | (u64)high << 32;
}

/* Ordered: nothing before it is still to be loaded when the counter is read. */
static inline u64 rdtsc_ordered(void)
{
    __asm__ volatile("lfence" ::: "memory");
    return rdtsc();
}

static inline bool rdrand(u64 *v)
{
    bool ok;
    __asm__ volatile("rdrand %0; setc %1" : "=r"(*v), "=qm"(ok)::"cc");
    return ok;
}

static inline bool rdseed(u64 *v)
{
    bool ok;
    __asm__ volatile("rdseed %0; setc %1" : "=r"(*v), "=qm"(ok)::"cc");
    return ok;
}

/* ---- tables ---- */
struct PACKED descriptor_table {
    u16 limit;
    u64 base;
};

static inline void lgdt(const struct descriptor_table *t)
{
    __asm__ volatile("lgdt %0" ::"m"(*t));
}

static inline void lidt(const struct descriptor_table *t)
{
    __asm__ volatile("lidt %0" ::"m"(*t));
}

static inline void ltr(u16 selector)
{
    __asm__ volatile("ltr %0" ::"r"(selector));
}

static inline void wbinvd(void)
{
    __asm__ volatile("wbinvd" ::: "memory");
}

#endif

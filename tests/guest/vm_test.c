/* Rights of memory as the CPU sees them: every leaf of the tables, and what faults. */
#include "kernel/vm.h"

#include "kernel/cpuid.h"
#include "kernel/page.h"
#include "kernel/smp.h"
#include "kernel/trap.h"
#include "kernel/x86.h"
#include "lib/check.h"
#include "lib/plat.h"
#include "lib/string.h"

#define PAGE_FAULT 14

extern const u8 image_start[], image_text_end[], image_rodata_end[], boot_stack_guard[];

struct seen {
    u64 leaves, write_exec, low, exec_outside, image_writable;
    u64 cached_bytes;
    u64 stack_pages, unguarded;
};

static bool overlaps(const struct vm_leaf *l, u64 from, u64 to)
{
    return l->addr < to && l->addr + l->size > from;
}

static void look(const struct vm_leaf *l, void *arg)
{
    struct seen *s = arg;
    u64 text = (u64)image_start, text_end = (u64)image_text_end, constant = (u64)image_rodata_end;
    u64 phys = vm_to_phys(image_start), phys_end = phys + (constant - text);

    s->leaves++;
    s->write_exec += l->write && l->exec;
    s->low += l->addr < VM_DIRECT;
    s->exec_outside += l->exec && !(l->addr >= text && l->addr + l->size <= text_end) &&
                       !(l->addr >= VM_CODE && l->addr < VM_CODE + VM_CODE_SIZE);
    s->image_writable += l->write && (overlaps(l, text, constant) || (l->phys < phys_end && l->phys + l->size > phys));
    if (l->addr >= VM_MAPPED && l->addr < VM_IMAGE) {
        s->stack_pages++;
        s->unguarded += l->addr % VM_STACK_MOST < VM_PAGE || l->exec; /* a stack's slot begins with its guard */
    }
    s->cached_bytes += l->cached && l->addr < VM_MAPPED ? l->size : 0;
}

TEST(vm_leaves_are_w_xor_x)
{
    struct seen s = {0};
    vm_walk(look, &s);
    CHECK_LT(8, s.leaves);
    CHECK_EQ(s.write_exec, 0);
    CHECK_EQ(s.low, 0);
    CHECK_EQ(s.exec_outside, 0);
    CHECK_EQ(s.image_writable, 0);
    CHECK_LE(page_ram() / 16 * 15, s.cached_bytes); /* the direct map holds all of RAM */
}

/* Of every stack that there is: the guard is not mapped, and every CPU's own are such stacks. */
TEST(vm_every_stack_has_its_guard)
{
    struct seen s = {0};
    vm_walk(look, &s);
    CHECK_LT(8, s.stack_pages);
    CHECK_EQ(s.unguarded, 0);
    for (unsigned i = 0; i < cpu_count(); i++) {
        u64 top = cpu_table[i]->softirq_stack;
        CHECK(top > VM_MAPPED && top <= VM_IMAGE && top % VM_STACK_MOST == 0);
    }
    CHECK((u64)__builtin_frame_address(0) > VM_MAPPED && (u64)__builtin_frame_address(0) < VM_IMAGE);
}

static void read_at(void *p)
{
    (void)*(volatile u8 *)p;
}

static void write_at(void *p)
{
    *(volatile u8 *)p = 1;
}

static void call_at(void *p)
{
    ((void (*)(void))p)();
}

static void faults(void (*fn)(void *), const void *p, const char *what)
{
    u64 addr = 0;
    int vector = trap_try(fn, (void *)p, &addr);
    if (vector != PAGE_FAULT || addr != (u64)p)
        test_failed(__FILE__, __LINE__, "%s %p: vector %d at %llx", what, p, vector, (unsigned long long)addr);
}

TEST(vm_null_page_faults)
{
    faults(read_at, NULL, "read of");
    faults(write_at, (void *)4095, "write to");
    faults(call_at, NULL, "call of");
}

TEST(vm_code_and_constants_cannot_be_written)
{
    CHECK(read_cr0() & CR0_WP);
    faults(write_at, (void *)(u64)test_failed, "write to code");
    faults(write_at, "constant", "write to a constant");
    faults(write_at, vm_phys(vm_to_phys(image_start)), "write to code through the direct map");
}

static u8 data_code[16] = {0xc3};

TEST(vm_data_cannot_be_executed)
{
    u8 on_stack[16] = {0xc3};
    u8 *heap = mem_alloc(64);

    if (!cpu_features.nx)
        return test_skip("the CPU has no NX");
    CHECK(heap);
    heap[0] = 0xc3;
    faults(call_at, data_code, "call of data");
    faults(call_at, on_stack, "call of the stack");
    faults(call_at, heap, "call of the heap");
    faults(call_at, "\xc3", "call of a constant");
    mem_free(heap);
}

TEST(vm_guard_pages_lie_below_stacks)
{
    u8 *low = vm_stack_alloc(16 * KIB);
    CHECK(low);
    if (!low)
        return;
    memset(low, 0x55, 16 * KIB);
    CHECK(vm_is_guard((u64)low - 1));
    CHECK(vm_is_guard((u64)low - VM_PAGE));
    CHECK(!vm_is_guard((u64)low));
    CHECK(!vm_is_guard((u64)low + 16 * KIB - 1));
    faults(write_at, low - 1, "write below a stack");
    faults(read_at, low - VM_PAGE, "read below a stack");
    vm_stack_free(low, 16 * KIB);
    faults(write_at, boot_stack_guard, "write below the first stack");
    CHECK(vm_is_guard((u64)boot_stack_guard));
    CHECK(!vm_is_guard(0));
    CHECK(!vm_is_guard(VM_DIRECT));
}

TEST(vm_stacks_come_and_go)
{
    void *stack[40];
    struct page_info before, after;

    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < ARRAY_LEN(stack); i++) {
            stack[i] = vm_stack_alloc((1 + i % 4) * VM_PAGE);
            CHECK(stack[i]);
            memset(stack[i], (int)i, (1 + i % 4) * VM_PAGE);
        }
        for (unsigned i = 0; i < ARRAY_LEN(stack); i++)
            CHECK_EQ(*(u8 *)stack[i], i);
        for (unsigned i = 0; i < ARRAY_LEN(stack); i++)
            vm_stack_free(stack[i], (1 + i % 4) * VM_PAGE);
        page_info(round ? &after : &before); /* the first round leaves tables and kept stacks */
    }
    CHECK_LE(before.free, after.free + 16 * 4); /* which ones are kept may differ */
    CHECK(vm_stack_alloc(0) == NULL);
    CHECK(vm_stack_alloc(64 * KIB) == NULL);
}

static void leaf_at(const struct vm_leaf *l, void *arg)
{
    struct vm_leaf *want = arg;
    if (want->addr >= l->addr && want->addr < l->addr + l->size)
        *want = *l;
}

TEST(vm_io_is_uncached_and_asked_for_again)
{
    u64 phys = 0xfee00000; /* the local APIC: no RAM on any PC */
    u8 *p = vm_map_io(phys + 0x20, 4, VM_UNCACHED);
    CHECK(p == (u8 *)vm_phys(phys + 0x20));
    CHECK(vm_map_io(phys, VM_PAGE, VM_UNCACHED) == vm_phys(phys));
    struct vm_leaf l = {.addr = (u64)p};
    vm_walk(leaf_at, &l);
    CHECK(!l.cached && l.write && !l.exec);
    CHECK(vm_map_io(vm_to_phys(image_start), 8, VM_UNCACHED) == NULL); /* RAM stays RAM */
    CHECK(vm_map_io(0, 0, VM_UNCACHED) == NULL);
    CHECK(vm_map_io(~0ull - 16, 64, VM_UNCACHED) == NULL);
    CHECK(vm_map_io(1ull << cpu_features.phys_bits, 64, VM_UNCACHED) == NULL);
}

TEST(vm_code_made_at_run_time)
{
    static const u8 answer[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov $42, %eax; ret */
    u8 *p = exec_alloc(5000), *q = exec_alloc(1);

    CHECK(p && q);
    if (!p || !q)
        return;
    if (cpu_features.nx)
        faults(call_at, p, "call before sealing");
    memcpy(p, answer, sizeof(answer));
    CHECK_EQ(exec_seal(p, 5000), 0);
    CHECK_EQ(((int (*)(void))p)(), 42);
    CHECK_EQ(trap_try(call_at, p + 4096, NULL), 3); /* int3 where nothing was written */
    faults(write_at, p, "write after sealing");
    faults(read_at, p + 8192, "read behind the piece");
    CHECK_EQ(exec_seal(p + 16, 5000), -EINVAL);
    CHECK_EQ(exec_seal(p, 50000), -EINVAL);
    exec_free(p, 5000);
    faults(read_at, p, "read of a freed piece");
    exec_free(q, 1);
    CHECK(exec_alloc(0) == NULL);
    CHECK(exec_alloc(VM_CODE_SIZE) == NULL);
}

/* ---- SMEP and SMAP: a page that is a user's for a moment ---- */

#define USER 4ull

static void set_user(const u8 *p, bool on)
{
    u64 *table = vm_phys(vm_root());
    for (unsigned shift = 39; shift >= 12; shift -= 9) {
        u64 *e = &table[(u64)p >> shift & 511];
        *e = on ? *e | USER : *e & ~USER;
        table = vm_phys(*e & 0x000ffffffffff000);
    }
    invlpg((u64)p);
}

TEST(vm_user_pages_are_neither_run_nor_read)
{
    u8 *p = exec_alloc(1);

    CHECK(p);
    if (!p)
        return;
    *p = 0xc3; /* ret */
    CHECK_EQ(exec_seal(p, 1), 0);
    CHECK_EQ(trap_try(call_at, p, NULL), -1);
    set_user(p, true);
    if (cpu_features.smep)
        faults(call_at, p, "call of a user's page");
    if (cpu_features.smap)
        faults(read_at, p, "read of a user's page");
    set_user(p, false);
    CHECK_EQ(trap_try(read_at, p, NULL), -1);
    exec_free(p, 1);
    if (!cpu_features.smep || !cpu_features.smap)
        test_skip("the CPU has not both");
}

/* On each CPU, in interrupt context. */
static void look_at_bits(void *arg)
{
    u32 *wrong = arg;
    u64 cr4 = read_cr4();
    bool good = !!(cr4 & CR4_SMEP) == cpu_features.smep && !!(cr4 & CR4_SMAP) == cpu_features.smap &&
                !!(cr4 & CR4_UMIP) == cpu_features.umip && !!(cr4 & CR4_PGE) == cpu_features.pge &&
                !!(cr4 & CR4_MCE) == cpu_features.mce && !!(rdmsr(MSR_EFER) & EFER_NXE) == cpu_features.nx &&
                read_cr0() & CR0_WP && !(rflags() & RFLAGS_AC) && (read_cr3() & ~0xfffull) == vm_root();
    atomic_add(wrong, !good);
}

TEST(cpu_defends_itself)
{
    u32 wrong = 0;
    smp_call(~0ull, look_at_bits, &wrong);
    CHECK_EQ(wrong, 0);
    CHECK_NE(this_cpu()->canary, 0);
    CHECK_EQ(this_cpu()->canary & 0xff, 0);
    for (unsigned i = 1; i < cpu_count(); i++)
        CHECK_EQ(cpu_table[i]->canary, cpu_table[0]->canary);
}

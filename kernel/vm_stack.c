/* Stacks above guard pages, in the mapped region.
 *
 *     slot i:   VM_MAPPED + i * 64 KiB   [ not mapped: the guard | the stack, up to the end of the slot ]
 *
 * A slot's guard is whatever the stack leaves of it, at least a page; so an overflow of up to the slot's rest is found,
 * and vm_is_guard is arithmetic, good in any context. Slots are taken lowest first. Up to KEPT stacks that were freed
 * stay mapped for the next who wants one of their size: tasks that come and go cost no TLB shootdown.
 */
#include "kernel/mem_fail.h"
#include "kernel/page.h"
#include "kernel/vm.h"
#include "lib/plat.h"

#define SLOT  VM_STACK_MOST
#define SLOTS 4096
#define KEPT  16

extern u8 boot_stack_guard[]; /* boot/entry.S */

static struct spinlock lock; /* softirqs off; all below */
static u8 pages[SLOTS];      /* of each slot's stack; 0: free */
static u64 kept[KEPT];       /* lowest address of each */
static unsigned kept_count;

static u64 slot_end(unsigned i)
{
    return VM_MAPPED + (i + 1ull) * SLOT;
}

static unsigned slot_of(u64 low)
{
    return (unsigned)((low - VM_MAPPED) / SLOT);
}

static unsigned order_of(size_t size)
{
    return size <= PAGE_SIZE ? 0 : log2_floor((size - 1) / PAGE_SIZE) + 1;
}

static int take_slot(u8 n)
{
    int found = -1;
    softirq_off();
    spin_lock(&lock);
    for (int i = 0; i < SLOTS && found < 0; i++) {
        if (pages[i])
            continue;
        store_relaxed(&pages[i], n);
        found = i;
    }
    spin_unlock(&lock);
    softirq_on();
    return found;
}

/* The lowest address of a kept stack of n pages, or 0. */
static u64 take_kept(u8 n)
{
    u64 low = 0;
    softirq_off();
    spin_lock(&lock);
    for (unsigned i = 0; i < kept_count && !low; i++) {
        if (pages[slot_of(kept[i])] != n)
            continue;
        low = kept[i];
        kept[i] = kept[--kept_count];
    }
    spin_unlock(&lock);
    softirq_on();
    return low;
}

static bool keep(u64 low)
{
    softirq_off();
    spin_lock(&lock);
    bool room = kept_count < KEPT;
    for (unsigned i = 0; i < kept_count; i++)
        if (kept[i] == low)
            panic("vm_stack_free: %p was freed before", (void *)low);
    if (room)
        kept[kept_count++] = low;
    spin_unlock(&lock);
    softirq_on();
    return room;
}

void *vm_stack_alloc(size_t size)
{
    size = round_up(size, PAGE_SIZE);
    if (!size || size > SLOT - PAGE_SIZE)
        return NULL;
    if (mem_may_fail())
        return NULL;
    u64 ready = take_kept((u8)(size / PAGE_SIZE));
    if (ready)
        return (void *)ready;
    void *memory = page_alloc(order_of(size));
    if (!memory)
        return NULL;
    int i = take_slot((u8)(size / PAGE_SIZE));
    if (i < 0)
        goto free_memory;
    u64 low = slot_end((unsigned)i) - size;
    if (vm_map(low, vm_to_phys(memory), size, VM_WRITE))
        goto free_slot;
    return (void *)low;

free_slot:
    store_relaxed(&pages[i], (u8)0);
free_memory:
    page_free(memory, order_of(size));
    return NULL;
}

void vm_stack_free(void *low, size_t size)
{
    unsigned i = slot_of((u64)low);

    size = round_up(size, PAGE_SIZE);
    if (i >= SLOTS || pages[i] != size / PAGE_SIZE || (u64)low != slot_end(i) - size)
        panic("vm_stack_free: %p is no stack of %zu bytes", low, size);
    if (keep((u64)low))
        return;
    void *memory = vm_phys(vm_mapped_phys((u64)low));
    vm_unmap((u64)low, size);
    page_free(memory, order_of(size));
    store_release(&pages[i], (u8)0);
}

bool vm_is_guard(u64 addr)
{
    if (addr >= (u64)boot_stack_guard && addr < (u64)boot_stack_guard + PAGE_SIZE)
        return true;
    if (addr < VM_MAPPED || addr >= VM_MAPPED + SLOTS * SLOT)
        return false;
    unsigned i = slot_of(addr);
    u8 n = load_relaxed(&pages[i]);
    return n && addr < slot_end(i) - n * PAGE_SIZE;
}

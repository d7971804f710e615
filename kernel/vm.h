/* Virtual memory: one address space, every leaf either writable or executable, never both.
 *
 *     0xffff800000000000  direct   all RAM at its physical address; devices where vm_map_io was asked for them
 *     0xffffc00000000000  mapped   stacks above their guard pages
 *     0xffffffff80000000  image    text R-X, rodata R--, data RW-
 *     0xffffffffa0000000  code     made at run time (exec_alloc): RW- until exec_seal, then R-X; within reach of calls
 *
 * Nothing is mapped below: the null page and every small number fault. Pages are 1 GiB where the CPU has them, else 2
 * MiB, else 4 KiB. Page tables are changed under a lock; readers are the hardware's walkers.
 */
#ifndef KERNEL_VM_H
#define KERNEL_VM_H

#include "kernel/direct.h"
#include "lib/base.h"

enum vm_cache { VM_CACHED, VM_UNCACHED, VM_WRITE_COMBINING };

void vm_init(void);     /* the first CPU, after page_init: the final tables; the loader's map is gone afterwards */
void vm_init_cpu(void); /* each other CPU: PAT; it has started on the final tables */
u64 vm_root(void);      /* physical address of the top table, for boot/ap.S: below 4 GiB */

/* How what is taken away is made known to CPUs: this one's own flush, until kernel/smp.c enters one for all. */
void vm_set_flush(void (*fn)(u64 addr, u64 size));

/* ---- the ground for stacks and run-time code: 4 KiB leaves in the mapped and code regions (task) ---- */
enum vm_rights { VM_WRITE = 1, VM_EXEC = 2 };
int vm_map(u64 addr, u64 phys, u64 size, unsigned rights); /* 0, -ENOMEM, -EBUSY: mapped, and cached otherwise */
void vm_unmap(u64 addr, u64 size);                         /* and flushed on all CPUs */
void vm_protect(u64 addr, u64 size, unsigned rights);
u64 vm_mapped_phys(u64 addr); /* where addr leads; panics when it leads nowhere */

/* Device registers [phys, phys + size): the same pages may be asked for again in the same way, in any context then; the
 * first time softirqs and tasks alone. NULL: no memory for tables, or mapped in another way. */
void *vm_map_io(u64 phys, size_t size, enum vm_cache cache);

/* A stack of `size` bytes, less than VM_STACK_MOST, (whole pages) above an unmapped guard page; returns its lowest
 * address, NULL: no memory. */
#define VM_STACK_MOST (64 * KIB)
void *vm_stack_alloc(size_t size);
void vm_stack_free(void *low, size_t size);
bool vm_is_guard(u64 addr); /* in the guard page below some stack? */

/* Identity map of one page, executable and writable, for starting CPUs: on just before, off right after. */
int vm_trampoline(u64 phys, bool on);

/* Calls fn for every leaf of the tables in use: [addr, addr + size), rights as they take effect. */
struct vm_leaf {
    u64 addr, size, phys;
    bool write, exec, cached;
};
void vm_walk(void (*fn)(const struct vm_leaf *leaf, void *arg), void *arg);

#endif

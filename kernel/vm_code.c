/* Code made at run time (lib/plat.h): written while it is data, executed once it cannot be written any more.
 *
 * Pages of the region VM_CODE, which calls from and to the image reach. What was not written is int3. One page that is
 * not mapped stands behind each piece, so that running off its end faults.
 */
#include "kernel/page.h"
#include "kernel/vm.h"
#include "lib/plat.h"
#include "lib/string.h"

#define PAGES (VM_CODE_SIZE / VM_PAGE)
#define INT3  0xcc

static struct spinlock lock; /* softirqs off */
static u16 run[PAGES];       /* at the first page of a piece its pages, the one behind it counted; else 0 */

/* A gap of n pages: its first one, or PAGES. */
static u32 find_gap(u32 n)
{
    u32 from = 0;
    for (u32 at = 0; at < PAGES;) {
        if (run[at]) {
            at += run[at];
            from = at;
        } else if (++at - from == n) {
            return from;
        }
    }
    return PAGES;
}

static u32 take_gap(u32 n)
{
    softirq_off();
    spin_lock(&lock);
    u32 at = find_gap(n);
    if (at < PAGES)
        run[at] = (u16)n;
    spin_unlock(&lock);
    softirq_on();
    return at;
}

/* Unmaps the first n pages of a piece and gives them back; they are linked through their first word meanwhile. */
static void empty(u64 addr, u32 n)
{
    void **list = NULL;
    for (u32 i = 0; i < n; i++) {
        void **p = vm_phys(vm_mapped_phys(addr + i * VM_PAGE));
        *p = list;
        list = p;
    }
    if (n)
        vm_unmap(addr, n * VM_PAGE);
    while (list) {
        void **next = *list;
        page_free(list, 0);
        list = next;
    }
}

static bool fill(u64 addr, u32 n)
{
    for (u32 i = 0; i < n; i++) {
        void *p = page_alloc(0);
        if (!p || vm_map(addr + i * VM_PAGE, vm_to_phys(p), VM_PAGE, VM_WRITE)) {
            page_free(p, 0);
            empty(addr, i);
            return false;
        }
        memset(p, INT3, VM_PAGE);
    }
    return true;
}

void *exec_alloc(size_t size)
{
    if (!size || size > VM_CODE_SIZE / 2)
        return NULL;
    u32 n = (u32)(round_up(size, VM_PAGE) / VM_PAGE);
    u32 at = take_gap(n + 1);
    if (at == PAGES)
        return NULL;
    if (!fill(VM_CODE + at * VM_PAGE, n)) {
        store_release(&run[at], (u16)0);
        return NULL;
    }
    return (void *)(VM_CODE + at * VM_PAGE);
}

/* The pages of the piece that begins at p and was allocated with this size; 0: there is none. */
static u32 piece(const void *p, size_t size)
{
    u64 at = ((u64)p - VM_CODE) / VM_PAGE;
    u32 n = (u32)(round_up(size, VM_PAGE) / VM_PAGE);
    bool is = (u64)p >= VM_CODE && at < PAGES && (u64)p % VM_PAGE == 0 && n && load_acquire(&run[at]) == n + 1;
    return is ? n : 0;
}

int exec_seal(void *p, size_t size)
{
    u32 n = piece(p, size);
    if (!n)
        return -EINVAL;
    vm_protect((u64)p, n * VM_PAGE, VM_EXEC);
    return 0;
}

void exec_free(void *p, size_t size)
{
    if (!p)
        return;
    u32 n = piece(p, size);
    if (!n)
        panic("exec_free(%p, %zu): no such piece", p, size);
    empty((u64)p, n);
    store_release(&run[((u64)p - VM_CODE) / VM_PAGE], (u16)0);
}

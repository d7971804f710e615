/* Memory of a hosted Weir: malloc's, with an account of every block in debug builds.
 *
 *     block from malloc:  | slack | struct block | what the caller gets
 *
 * A block's record stands before it; pages, which must be aligned to their size, have theirs apart. New memory is
 * filled with 0xa5 and freed memory with 0x5a, blocks of up to a page at least: who reads what he did not write sees
 * it. Any allocation, the n-th to come, can be made to fail (host_mem_fail_at). A build with PLAT_DEBUG 0 is malloc
 * alone.
 *
 * Never keeps a block back: AddressSanitizer's quarantine sees each free.
 */
#include "host/ground.h"
#include "host/host.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define POOLS     96 /* as kernel/slab.c has them */
#define POOL_MOST (16 * KIB)

enum block_kind { BLOCK_MEM = 0x6d656d, BLOCK_SLAB, BLOCK_PAGES, BLOCK_EXEC, BLOCK_FREED };

struct block {
    struct list node;
    size_t size;
    const void *who; /* return address of the allocation */
    u64 serial;      /* the how manieth allocation it was */
    u32 slack;       /* bytes from malloc's block to this */
    u32 kind;
};

static struct {
    struct spinlock lock;
    struct list live;
    size_t live_count;
    u64 count, fail_at; /* fail_at 0: never */
    bool failed;
    struct list pages[256]; /* by address: struct page_block.hashed */
} mem;

struct page_block {
    struct block block;
    struct list hashed;
    void *p;
    unsigned order;
};

#define POISON_NEW   0xa5
#define POISON_FREED 0x5a

static __attribute__((constructor(101))) void init_lists(void)
{
    list_init(&mem.live);
    for (size_t i = 0; i < ARRAY_LEN(mem.pages); i++)
        list_init(&mem.pages[i]);
}

bool mem_may_fail(void)
{
    if (!PLAT_DEBUG)
        return false;
    spin_take(&mem.lock);
    bool fail = ++mem.count == mem.fail_at;
    if (fail)
        mem.failed = true;
    spin_unlock(&mem.lock);
    return fail;
}

static void account(struct block *b, size_t size, enum block_kind kind, const void *who)
{
    b->size = size;
    b->kind = kind;
    b->who = who;
    spin_take(&mem.lock);
    b->serial = mem.count;
    list_add_tail(&mem.live, &b->node);
    mem.live_count++;
    spin_unlock(&mem.lock);
}

static void unaccount(struct block *b)
{
    b->kind = BLOCK_FREED;
    spin_take(&mem.lock);
    list_del(&b->node);
    mem.live_count--;
    spin_unlock(&mem.lock);
}

static void *aligned(size_t align, size_t size)
{
    void *p;
    return posix_memalign(&p, align, size ? size : 1) ? NULL : p;
}

/* At least 16-aligned, but a small block is never aligned to more by luck: who relies on that shall see it here. */
static void *block_alloc(size_t size, enum block_kind kind, const void *who)
{
    if (mem_may_fail())
        return NULL;
    size_t before = size >= CACHE_LINE ? 2 * CACHE_LINE : CACHE_LINE + 16;
    if (size > SIZE_MAX - before)
        return NULL;
    u8 *base = aligned(CACHE_LINE, before + size);
    if (!base)
        return NULL;
    struct block *b = (struct block *)(base + before) - 1;
    b->slack = (u32)((u8 *)b - base);
    memset(base + before, POISON_NEW, size);
    account(b, size, kind, who);
    return base + before;
}

void *mem_alloc(size_t size)
{
    if (!PLAT_DEBUG)
        return aligned(size >= CACHE_LINE ? CACHE_LINE : 16, size);
    return block_alloc(size, BLOCK_MEM, __builtin_return_address(0));
}

void *mem_zalloc(size_t size)
{
    void *p = PLAT_DEBUG ? block_alloc(size, BLOCK_MEM, __builtin_return_address(0)) : mem_alloc(size);
    if (p)
        memset(p, 0, size);
    return p;
}

static void block_free(void *p, struct block *b)
{
    unaccount(b);
    memset(p, POISON_FREED, b->size);
    free((u8 *)b - b->slack);
}

void mem_free(void *p)
{
    if (!PLAT_DEBUG || !p) {
        free(p);
        return;
    }
    struct block *b = (struct block *)p - 1;
    if (b->kind != BLOCK_MEM)
        panic("mem_free(%p): %s", p, b->kind == BLOCK_FREED ? "freed before" : "not from mem_alloc, or overwritten");
    block_free(p, b);
}

/* ---- pools: the machine's, so all of a process share them ---- */

static struct slab {
    const char *name;
    size_t size;
} pool[POOLS];

struct slab *slab_new(const char *name, size_t size)
{
    unsigned i = 0;

    if (size > POOL_MOST)
        return NULL;
    spin_take(&mem.lock);
    while (i < POOLS && pool[i].name && strcmp(pool[i].name, name) != 0)
        i++;
    if (i < POOLS && !pool[i].name)
        pool[i] = (struct slab){name, size};
    spin_unlock(&mem.lock);
    if (i < POOLS && pool[i].size != size)
        panic("slab_new(\"%s\", %zu): there is one of %zu bytes", name, size, pool[i].size);
    return i < POOLS ? &pool[i] : NULL;
}

void *slab_alloc(struct slab *s)
{
    return PLAT_DEBUG ? block_alloc(s->size, BLOCK_SLAB, __builtin_return_address(0)) : mem_alloc(s->size);
}

void slab_free(struct slab *s, void *p)
{
    if (!PLAT_DEBUG || !p) {
        free(p);
        return;
    }
    struct block *b = (struct block *)p - 1;
    if (b->kind != BLOCK_SLAB || b->size != s->size)
        panic("slab_free(%p): it is not of %s, or was freed before", p, s->name);
    block_free(p, b);
}

unsigned slab_alloc_bulk(struct slab *s, void **p, unsigned n)
{
    unsigned got = 0;
    while (got < n && (p[got] = slab_alloc(s)))
        got++;
    return got;
}

void slab_free_bulk(struct slab *s, void **p, unsigned n)
{
    while (n)
        slab_free(s, p[--n]);
}

static struct list *page_bucket(const void *p)
{
    return &mem.pages[((uintptr_t)p >> 12) * 0x9e3779b97f4a7c15 >> 56];
}

static void page_account(void *p, size_t size, unsigned order, enum block_kind kind, const void *who)
{
    struct page_block *pb = malloc(sizeof(*pb));
    if (!pb)
        panic("host: no memory to account for pages");
    pb->p = p;
    pb->order = order;
    account(&pb->block, size, kind, who);
    spin_take(&mem.lock);
    list_add(page_bucket(p), &pb->hashed);
    spin_unlock(&mem.lock);
}

static void page_unaccount(void *p, size_t size, unsigned order, enum block_kind kind)
{
    struct page_block *found = NULL;
    spin_take(&mem.lock);
    LIST_FOREACH(page_bucket(p), struct page_block, hashed, pb)
        if (pb->p == p) {
            found = pb;
            break;
        }
    if (found)
        list_del(&found->hashed);
    spin_unlock(&mem.lock);
    if (!found || found->block.kind != kind)
        panic("free of %p: not allocated, or freed before", p);
    if (found->order != order || found->block.size != size)
        panic("free of %p: %zu bytes, allocated were %zu", p, size, found->block.size);
    unaccount(&found->block);
    free(found);
}

void *page_alloc(unsigned order)
{
    size_t size = (size_t)4096 << order;
    if (mem_may_fail())
        return NULL;
    void *p = aligned(size, size);
    if (PLAT_DEBUG && p) {
        memset(p, POISON_NEW, size);
        page_account(p, size, order, BLOCK_PAGES, __builtin_return_address(0));
    }
    return p;
}

void page_free(void *p, unsigned order)
{
    if (PLAT_DEBUG && p) {
        page_unaccount(p, (size_t)4096 << order, order, BLOCK_PAGES);
        memset(p, POISON_FREED, (size_t)4096 << order);
    }
    free(p);
}

/* ---- run-time code ---- */

void *exec_alloc(size_t size)
{
    if (!size || mem_may_fail())
        return NULL;
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    if (PLAT_DEBUG)
        page_account(p, size, 0, BLOCK_EXEC, __builtin_return_address(0));
    return p;
}

int exec_seal(void *p, size_t size)
{
    return mprotect(p, size, PROT_READ | PROT_EXEC) ? -EINVAL : 0;
}

void exec_free(void *p, size_t size)
{
    if (!p)
        return;
    if (PLAT_DEBUG)
        page_unaccount(p, size, 0, BLOCK_EXEC);
    munmap(p, size);
}

/* ---- what a test asks ---- */

void host_mem_fail_at(u64 n)
{
    spin_take(&mem.lock);
    mem.fail_at = n ? mem.count + n : 0;
    mem.failed = false;
    spin_unlock(&mem.lock);
}

bool host_mem_failed(void)
{
    return load_relaxed(&mem.failed);
}

u64 host_mem_count(void)
{
    return load_relaxed(&mem.count);
}

size_t host_mem_live(void)
{
    return load_relaxed(&mem.live_count);
}

void host_mem_walk(u64 since, unsigned most, void (*tell)(const void *p, size_t size, const void *who))
{
    LIST_FOREACH(&mem.live, struct block, node, b) {
        if (b->serial <= since)
            continue;
        if (!most--)
            return;
        const void *p = b->kind == BLOCK_MEM || b->kind == BLOCK_SLAB ? (void *)(b + 1)
                                                                      : container_of(b, struct page_block, block)->p;
        tell(p, b->size, b->who);
    }
}

/* The same everywhere, so that bounds which follow from it are. */
u64 mem_total(void)
{
    return GIB;
}

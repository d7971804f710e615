/* Objects that were overrun, freed twice, or written to after their end. Used in debug builds by the allocators; says
 * by whom the object was allocated or freed last. Never allocates.
 */
#include "kernel/red_zone.h"

#include "kernel/symbol.h"
#include "lib/plat.h"
#include "lib/string.h"

#define LIVE  0x11fe0b1eu
#define FREED 0xdeadf4eeu
#define RED   0xbb
#define DEAD  0x6b
#define LINK  8 /* bytes at the start of a freed object that are the allocator's */
#define NEW   0x5a

static struct red_zone *zone_of(void *p, size_t slot)
{
    return (void *)((char *)p + slot - sizeof(struct red_zone));
}

static NORETURN void complain(const char *pool, const void *p, const struct red_zone *z, const char *what)
{
    char who[80];
    symbol_text(who, sizeof(who), (u64)z->who);
    panic("%s: object %p of %u bytes %s (last touched by %s)", pool, p, z->size, what, who);
}

static bool all(const u8 *p, const u8 *end, u8 byte)
{
    while (p < end)
        if (*p++ != byte)
            return false;
    return true;
}

void red_zone_fresh(void *p, size_t slot)
{
    struct red_zone *z = zone_of(p, slot);
    memset(p, DEAD, slot - sizeof(*z));
    *z = (struct red_zone){FREED, 0, NULL};
}

void red_zone_alloc(const char *pool, void *p, size_t size, size_t slot, const void *who)
{
    struct red_zone *z = zone_of(p, slot);
    if (z->magic != FREED)
        complain(pool, p, z, "was given out while in use, or its end was overwritten after it was freed");
    if (!all((u8 *)p + LINK, (u8 *)z, DEAD))
        complain(pool, p, z, "was written to after it was freed");
    *z = (struct red_zone){LIVE, (u32)size, who};
    memset(p, NEW, size);
    memset((u8 *)p + size, RED, (size_t)((u8 *)z - (u8 *)p) - size);
}

void red_zone_free(const char *pool, void *p, size_t slot, const void *who)
{
    struct red_zone *z = zone_of(p, slot);
    if (z->magic == FREED)
        complain(pool, p, z, "was freed before");
    if (z->magic != LIVE || z->size > slot - sizeof(*z) || !all((u8 *)p + z->size, (u8 *)z, RED))
        complain(pool, p, z, "was written to beyond its end");
    z->magic = FREED;
    z->who = who;
    memset(p, DEAD, slot - sizeof(*z));
}
